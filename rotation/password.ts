import { randomInt } from 'node:crypto';

/** Left out of every password, because URLs, ODBC strings, shells or `.env` files give them a meaning. */
export const ALWAYS_EXCLUDED = ':/@"\'\\%;?#&$` ';

/** Shorter is refused whatever the alphabet. */
export const SHORTEST_PASSWORD = 16;

/** PostgreSQL's own clients truncate or refuse what is much longer. @see https://www.postgresql.org/docs/release/14.0/ */
export const LONGEST_PASSWORD = 128;

/** Strength that a password must have, in bits. */
const ENOUGH_BITS = 128;

const CLASSES = [
  'abcdefghijklmnopqrstuvwxyz',
  'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  '0123456789',
  '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
] as const;

export interface PasswordPolicy {
  readonly length: number;
  /** Characters left out in addition to those that always are. */
  readonly exclude: string;
}

/** A whole number from 0 up to, and without, the limit; each equally likely. */
export type Random = (limit: number) => number;

/** What is wrong with a policy, in words, or nothing. */
export function policyProblem(policy: PasswordPolicy): string | undefined {
  const alphabet = classesOf(policy).join('');
  if (!Number.isInteger(policy.length) || policy.length < SHORTEST_PASSWORD || policy.length > LONGEST_PASSWORD) {
    return `is not a whole number from ${SHORTEST_PASSWORD} to ${LONGEST_PASSWORD}`;
  }
  const bits = Math.floor(policy.length * Math.log2(Math.max(alphabet.length, 1)));
  if (bits < ENOUGH_BITS)
    return `leaves passwords of ${bits} bits, fewer than ${ENOUGH_BITS}; make them longer or exclude less`;
  return undefined;
}

/**
 * A new password in printable ASCII, with a character of every class that the policy leaves, never starting with a hyphen
 * (which command lines take for an option).
 */
export function newPassword(policy: PasswordPolicy, random: Random = randomInt): string {
  const classes = classesOf(policy);
  const alphabet = classes.join('');
  for (;;) {
    const characters = classes.map((characters) => pick(characters, random));
    while (characters.length < policy.length) characters.push(pick(alphabet, random));
    const password = shuffled(characters, random).join('');
    if (!password.startsWith('-')) return password;
  }
}

function classesOf({ exclude }: PasswordPolicy): string[] {
  const excluded = new Set(ALWAYS_EXCLUDED + exclude);
  return CLASSES.map((characters) => [...characters].filter((c) => !excluded.has(c)).join('')).filter(
    (left) => left !== '',
  );
}

function pick(characters: string, random: Random): string {
  return characters.charAt(random(characters.length));
}

function shuffled(items: readonly string[], random: Random): string[] {
  const result: string[] = [];
  for (const item of items) result.splice(random(result.length + 1), 0, item);
  return result;
}
