import { describe, expect, it } from 'vitest';
import { at, keysIn, textAt } from '../../rotation/api-key/answer';
import type { ListOperation } from '../../rotation/api-key/description';
import { fillBody, fillForm, fillHeader, fillPath, placeholdersIn } from '../../rotation/api-key/template';

const is = (value: string) => () => value;

describe('a template', () => {
  it.each([
    ['a/b?c#d&e=f', 'a%2Fb%3Fc%23d%26e%3Df'],
    ['../up', '..%2Fup'],
    ['%2e%2e', '%252e%252e'],
    ['ключ', '%D0%BA%D0%BB%D1%8E%D1%87'],
  ])('keeps %s within its place in a path', (value, expected) => {
    expect(fillPath('/keys/{id}', is(value))).toBe(`/keys/${expected}`);
  });

  it.each(['', '.', '..'])('refuses %j in a path', (value) => {
    expect(() => fillPath('/keys/{id}', is(value))).toThrow(/which no path can hold/);
  });

  it.each(['a\r\nb: c', 'a\nb', 'a\0', 'ü'])('refuses %j in a header, without showing it', (value) => {
    const fill = () => fillHeader('Authorization', 'Bearer {key}', is(value));
    expect(fill).toThrow(/^header Authorization: a value to be put into it has a character other than printable ASCII/);
    expect(fill).not.toThrow(value);
  });

  it('puts a value into the texts of a body, and nothing beside them', () => {
    const body = { name: '{tag}', list: ['{tag}', 1, null], deep: { '{tag}': true } };
    const value = '"},"admin":true,{"';
    expect(JSON.parse(JSON.stringify(fillBody(body, is(value))))).toEqual({
      name: value,
      list: [value, 1, null],
      deep: { '{tag}': true },
    });
  });

  it('puts a value into one field of a form', () => {
    expect(fillForm({ name: '{tag}', fixed: 'x' }, is('a&admin=1'))).toBe('name=a%26admin%3D1&fixed=x');
  });

  it('does not fill in what a value happens to hold', () => {
    expect(fillHeader('x', '{id}', is('{key}$&'))).toBe('{key}$&');
  });

  it('takes other braces for themselves', () => {
    expect(placeholdersIn(['{id} { } {} {"a":1} {Id}', { a: '{admin-basic:user:pass}' }])).toEqual([
      'id',
      'admin-basic:user:pass',
    ]);
  });
});

describe('an answer', () => {
  const list: ListOperation = {
    method: 'GET',
    path: '/',
    headers: {},
    statuses: new Map(),
    keys: '',
    id: 'id',
    created: 'made',
    only: {},
  };

  it('is read by names and positions, and only what is in it', () => {
    expect(at({ a: [{ b: 1 }] }, 'a.0.b')).toBe(1);
    expect(at({ a: {} }, 'a.constructor')).toBeUndefined();
    expect(at(null, 'a.b')).toBeUndefined();
  });

  it('has ids that are texts or whole numbers with all their digits', () => {
    expect(textAt({ id: 7 }, 'id', 'list')).toBe('7');
    expect(() => textAt({ id: 12345678901234567000 }, 'id', 'list')).toThrow(/^list: the answer has no text at "id"/);
    expect(() => textAt({ id: '' }, 'id', 'list')).toThrow(/has no text at "id"/);
  });

  it.each([
    ['2026-01-02T03:04:05Z', '2026-01-02T03:04:05.000Z'],
    [1_767_323_045, '2026-01-02T03:04:05.000Z'],
    [1_767_323_045_000, '2026-01-02T03:04:05.000Z'],
  ])('has the time %j', (made, expected) => {
    expect(keysIn([{ id: 'a', made }], list, 'list')[0]?.created?.toISOString()).toBe(expected);
  });

  it('is refused when what should be a time or a list is none', () => {
    expect(() => keysIn([{ id: 'a', made: 'soon' }], list, 'list')).toThrow(/what is at "made" is not a time/);
    expect(() => keysIn({ keys: [] }, list, 'list')).toThrow(/the answer has no list at ""/);
  });
});
