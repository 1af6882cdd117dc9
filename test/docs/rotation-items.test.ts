import { describe, expect, it } from 'vitest';
import { citationsIn, rowsOf, wrongWith } from './cited-tests';

const COUNTS = { E: 16, C: 14, S: 20, P: 11, M: 5, R: 4, A: 6, T: 7, F: 8, K: 10 };
const IDS = Object.entries(COUNTS).flatMap(([letter, count]) =>
  Array.from({ length: count }, (_, index) => `${letter}${index + 1}`),
);
const ROWS = rowsOf('rotation-items.md', /^[A-Z]\d+$/);

describe('docs/rotation-items.md', () => {
  it('has each of the 101 items once, in order', () => {
    expect(IDS).toHaveLength(101);
    expect(ROWS.map(([id]) => id)).toEqual(IDS);
  });

  it('says of each what must be so, and shows it by a test or says why it does not apply', () => {
    const bare = ROWS.filter(
      ([, what = '', shown = '', ...more]) =>
        what.trim().length < 10 ||
        more.length > 0 ||
        (citationsIn(shown).length === 0 && !/^does not apply: .{20}/.test(shown)),
    );
    expect(bare.map(([id]) => id)).toEqual([]);
  });

  it('names tests that are there, once each, and are not skipped or empty', () => {
    const problems = ROWS.flatMap(([id, , shown = '']) =>
      citationsIn(shown)
        .map(wrongWith)
        .filter((problem) => problem !== undefined)
        .map((problem) => `${id}: ${problem}`),
    );
    expect(problems).toEqual([]);
  });

  it('would notice a test that is renamed, and a file that is gone', () => {
    const file = 'test/docs/rotation-items.test.ts';
    expect(wrongWith({ file, name: 'would notice a test that is renamed' })).toBeUndefined();
    expect(wrongWith({ file, name: 'would notice what is not there' })).toContain('has no test');
    expect(wrongWith({ file: 'test/docs/nowhere.test.ts', name: 'x' })).toContain('is missing');
  });
});
