import { expect, it } from 'vitest';
import { changedAttributes } from '../../offline/against-differences';

const changed = (before: object | null, after: object | null, unknown: object = {}) =>
  changedAttributes({ change: { actions: [], before, after, after_unknown: unknown } as never });

it('names what is altered, and nothing that stays', () => {
  expect(changed({ a: 1, b: 'x', c: null }, { a: 2, b: 'x' })).toEqual(['a']);
});

it('names a member of a block by its place', () => {
  expect(changed({ rule: [{ days: 1, on: true }] }, { rule: [{ days: 2, on: true }] })).toEqual(['rule.0.days']);
});

it('names a list as a whole when it grew', () => {
  expect(changed({ ids: ['a'] }, { ids: ['a', 'b'] })).toEqual(['ids']);
});

it('names a list of plain values as a whole', () => {
  expect(changed({ ids: ['a', 'b'] }, { ids: ['a', 'c'] })).toEqual(['ids']);
  expect(changed({ ids: ['a', 'b'] }, { ids: ['a', null] }, { ids: [false, true] })).toEqual(['ids']);
});

it('names what is known after apply only', () => {
  expect(changed({ arn: 'x', list: [{ id: 1 }] }, { list: [{}] }, { arn: true, list: [{ id: true }] })).toEqual([
    'arn',
    'list.0.id',
  ]);
});

it('takes null and nothing for the same', () => {
  expect(changed({ a: null }, {})).toEqual([]);
});

it('names nothing of what is added or destroyed', () => {
  expect(changed(null, { a: 1 })).toEqual([]);
  expect(changed({ a: 1 }, null)).toEqual([]);
});

it('leaves out texts that a provider makes empty in a block of which something else changes', () => {
  const before = { rule: [{ path: null, text: null }] };
  expect(changed(before, { rule: [{ path: '/h', text: '' }] })).toEqual(['rule.0.path']);
  expect(changed(before, { rule: [{ path: null, text: '' }] })).toEqual(['rule.0.text']);
  expect(changed({ path: null, text: null }, { path: '/h', text: '' })).toEqual(['path', 'text']);
});
