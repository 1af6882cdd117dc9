import { describe, expect, it } from 'vitest';
import { makePassword, passwordProblems, withDefaults } from '../../offline/stand-in/random-password';

const make = (config: Record<string, unknown>) => makePassword(withDefaults(config));

describe('a password of the stand-in', () => {
  it('has the length asked for', () => {
    expect(make({ length: 1 })).toHaveLength(1);
    expect(make({ length: 200 })).toHaveLength(200);
  });

  it('is another one each time', () => {
    const many = Array.from({ length: 200 }, () => make({ length: 20 }));
    expect(new Set(many).size).toBe(200);
  });

  it('holds only characters of the classes that are on', () => {
    expect(make({ length: 500, special: false, upper: false })).toMatch(/^[a-z0-9]+$/);
    expect(make({ length: 500, lower: false, upper: false, numeric: false, override_special: '-_' })).toMatch(
      /^[-_]+$/,
    );
  });

  it('holds at least as many of a class as asked for', () => {
    for (let round = 0; round < 50; round += 1) {
      const password = make({
        length: 8,
        min_numeric: 2,
        min_upper: 2,
        min_lower: 2,
        min_special: 2,
        override_special: '%',
      });
      expect([/\d/g, /[A-Z]/g, /[a-z]/g, /%/g].map((one) => password.match(one)?.length)).toEqual([2, 2, 2, 2]);
    }
  });

  it('has problems when it cannot be made', () => {
    const none = { lower: false, upper: false, numeric: false, special: false };
    expect(passwordProblems(withDefaults({ length: 0 }))).toEqual(['length is 0, must be at least 1']);
    expect(passwordProblems(withDefaults({ length: 3, min_lower: 4 }))).toEqual([
      'length is 3, must be at least the sum of min_*, 4',
    ]);
    expect(passwordProblems(withDefaults({ length: 3, ...none }))).toEqual(['no class of characters is left']);
    expect(passwordProblems(withDefaults({ length: 3 }))).toEqual([]);
  });
});
