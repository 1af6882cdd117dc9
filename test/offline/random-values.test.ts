import { expect, it } from 'vitest';
import { madeUp } from '../../offline/stand-in/made-up';
import { randomValue } from '../../offline/stand-in/random-values';

const HASH = 'abcdef0123456789'.repeat(4);
const value = (type: string, path: string, planned: object) => randomValue(type, path, { ...planned }, HASH);

it('makes a string of the length and the characters that are configured, the same each time', () => {
  const planned = { length: 6, special: false, upper: false, numeric: false };
  const made = value('random_string', 'result', planned);
  expect(made).toMatch(/^[a-z]{6}$/);
  expect(value('random_string', 'result', planned)).toBe(made);
  expect(value('random_string', 'id', planned)).toBe(made);
  expect(randomValue('random_string', 'result', planned, '0'.repeat(64))).not.toBe(made);
});

it('makes a password with the least number of each class', () => {
  const made = value('random_password', 'result', { length: 40, min_special: 10, override_special: '~' });
  expect(made).toHaveLength(40);
  expect(String(made).split('~').length - 1).toBeGreaterThanOrEqual(10);
  expect(value('random_password', 'id', { length: 40 })).toBe('none');
});

it('makes a pet of words, behind its prefix', () => {
  expect(value('random_pet', 'id', { length: 2, separator: '-', prefix: null })).toMatch(/^[a-z]{5}-[a-z]{5}$/);
  expect(value('random_pet', 'id', { length: 1, separator: '_', prefix: 'app' })).toMatch(/^app_[a-z]{5}$/);
});

it('writes the bytes of an id in each form, behind its prefix but for the id itself', () => {
  const planned = { byte_length: 4, prefix: 'app-' };
  const hex = String(value('random_id', 'hex', planned)).slice('app-'.length);
  expect(hex).toMatch(/^[0-9a-f]{8}$/);
  expect(value('random_id', 'dec', planned)).toBe(`app-${Number.parseInt(hex, 16)}`);
  expect(value('random_id', 'id', planned)).toBe(Buffer.from(hex, 'hex').toString('base64url'));
  expect(value('random_id', 'b64_url', planned)).toBe(`app-${value('random_id', 'id', planned)}`);
  expect(value('random_id', 'b64_std', planned)).toBe(`app-${Buffer.from(hex, 'hex').toString('base64')}`);
});

it('writes the same bytes as text and as digits', () => {
  const base64 = String(value('random_bytes', 'base64', { length: 100 }));
  expect(Buffer.from(base64, 'base64')).toHaveLength(100);
  expect(Buffer.from(base64, 'base64').toString('hex')).toBe(value('random_bytes', 'hex', { length: 100 }));
});

it('stays in the range of an integer', () => {
  expect(value('random_integer', 'result', { min: 3, max: 9 })).toBe(3);
  expect(value('random_integer', 'id', { min: 3, max: 9 })).toBe('3');
});

it('takes as many members of a list as are wanted', () => {
  const input = ['a', 'b', 'c'];
  expect(value('random_shuffle', 'result', { input, result_count: null })).toEqual(input);
  expect(value('random_shuffle', 'result', { input, result_count: 2 })).toEqual(['a', 'b']);
  expect(value('random_shuffle', 'result', { input, result_count: 4 })).toEqual(['a', 'b', 'c', 'a']);
  expect(value('random_shuffle', 'result', { input: [], result_count: 4 })).toEqual([]);
});

it('makes a UUID', () => {
  expect(value('random_uuid', 'result', {})).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

it('has nothing to say of what is not decided, nor of other types', () => {
  expect(value('random_uuid', 'keepers', {})).toBeUndefined();
  expect(value('random_other', 'id', {})).toBeUndefined();
});

it('is what a made-up state holds', () => {
  const origin = { seed: 'a', planned: { min: 3, max: 9 } };
  expect(madeUp('random_integer', 'result', { type: 'number' }, origin)).toBe(3);
});
