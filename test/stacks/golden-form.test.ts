import { describe, expect, it } from 'vitest';
import { stackModel } from '../../review/model';
import { golden, statefulAddresses } from './golden-form';

describe('a golden file', () => {
  it('has its keys in order, whatever order they were written in, and no metadata', () => {
    const one = stackModel('a', { b: { y: 1, x: [{ d: 1, c: 2 }] }, '//': { metadata: {} }, a: { '//': {} } });
    expect(golden(one)).toBe(`${JSON.stringify({ a: {}, b: { x: [{ c: 2, d: 1 }], y: 1 } }, null, 2)}\n`);
  });

  it('keeps the order of lists, which may mean something', () => {
    expect(golden(stackModel('a', { list: ['b', 'a'] }))).toContain('"b",\n    "a"');
  });

  it('shows no hash of a bundle, neither as a value nor in a path', () => {
    const filename = `assets/rotation_1A2B/${'0123456789ABCDEF'.repeat(2)}/rotation.zip`;
    const text = golden(stackModel('a', { f: { filename, source_code_hash: 'abc=', other: 'abc=' } }));
    expect(JSON.parse(text)).toEqual({
      f: { filename: 'assets/rotation_1A2B/<hash>/rotation.zip', source_code_hash: '<hash>', other: 'abc=' },
    });
  });
});

describe('the list of stateful addresses', () => {
  it('names the stack and the address of keys and secrets, in order, and of nothing that can be made again', () => {
    const resource = { aws_kms_key: { b: {} }, aws_secretsmanager_secret: { a: {} }, aws_iam_role: { c: {} } };
    const stacks = [stackModel('y', { resource }), stackModel('x', { resource: { vault_mount: { m: {} } } })];
    expect(statefulAddresses(stacks)).toBe('x vault_mount.m\ny aws_kms_key.b\ny aws_secretsmanager_secret.a\n');
  });
});
