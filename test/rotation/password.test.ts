import { describe, expect, it } from 'vitest';
import { ALWAYS_EXCLUDED, newPassword, policyProblem } from '../../rotation/password';

const passwords = (policy = { length: 32, exclude: '' }) => Array.from({ length: 500 }, () => newPassword(policy));

describe('newPassword', () => {
  it('has the length asked for, printable ASCII only, and never the same twice', () => {
    const made = passwords();
    expect(made.every((password) => /^[!-~]{32}$/.test(password))).toBe(true);
    expect(new Set(made).size).toBe(made.length);
  });

  it('has a character of each class', () => {
    for (const password of passwords({ length: 20, exclude: '' })) {
      for (const part of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(password).toMatch(part);
    }
  });

  it('leaves out what breaks URLs and shells, and what the policy excludes', () => {
    const all = passwords({ length: 32, exclude: '!O0l1' }).join('');
    expect([...`${ALWAYS_EXCLUDED}!O0l1`].filter((character) => all.includes(character))).toEqual([]);
  });

  it('never starts with a hyphen', () => {
    expect(passwords().filter((password) => password.startsWith('-'))).toEqual([]);
  });

  it('uses every character that is left', () => {
    const used = new Set(passwords().join(''));
    const left = Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).filter(
      (c) => !ALWAYS_EXCLUDED.includes(c),
    );
    expect(left.filter((character) => !used.has(character))).toEqual([]);
  });
});

describe('policyProblem', () => {
  it('accepts the default', () => {
    expect(policyProblem({ length: 32, exclude: '' })).toBeUndefined();
  });

  it.each([
    [15, '', 'not a whole number from 16 to 128'],
    [129, '', 'not a whole number from 16 to 128'],
    [22, '', undefined],
    [32, 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ!()*+,-.<=>[]^_{|}~', 'fewer than 128'],
  ])('judges %i characters without %j', (length, exclude, problem) => {
    const found = policyProblem({ length, exclude });
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
  });
});
