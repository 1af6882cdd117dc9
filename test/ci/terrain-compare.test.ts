import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { differences, firstDifference } from '../../.ci/terrain-compare';
import { temporaryFolder } from '../support/core-environment';

const tmp = temporaryFolder();

/** A synthesized folder with these stacks. */
function folderWith(stacks: Readonly<Record<string, object>>): string {
  const folder = mkdtempSync(join(tmp, 'out-'));
  for (const [id, json] of Object.entries(stacks)) {
    mkdirSync(join(folder, 'stacks', id), { recursive: true });
    writeFileSync(join(folder, 'stacks', id, 'cdk.tf.json'), JSON.stringify(json));
  }
  return folder;
}

const stack = (version: string, more: object = {}) => ({ '//': { metadata: { version, stackName: 'a' } }, ...more });

describe('differences', () => {
  it('passes over the version of the library, and the order of keys', () => {
    const one = folderWith({ a: stack('0.21.0', { x: 1, y: 2 }) });
    const other = folderWith({ a: stack('0.24.0', { y: 2, x: 1 }) });
    expect(differences(one, other)).toEqual({ equal: 1, different: [] });
  });

  it('tells where a stack differs first, and counts the others', () => {
    const one = folderWith({ a: stack('1', { resource: { t: { n: { list: [1, 2] } } } }), b: stack('1') });
    const other = folderWith({ a: stack('1', { resource: { t: { n: { list: [1, 3] } } } }), b: stack('1') });
    expect(differences(one, other)).toEqual({ equal: 1, different: ['a: differs at resource.t.n.list.1'] });
  });

  it('tells a stack that only one of both has', () => {
    expect(differences(folderWith({ a: stack('1') }), folderWith({ b: stack('1') })).different).toHaveLength(2);
  });

  it('tells a difference in metadata other than the version', () => {
    const other = { '//': { metadata: { version: '1', stackName: 'b' } } };
    expect(differences(folderWith({ a: stack('1') }), folderWith({ a: other })).different).toEqual([
      'a: differs at //.metadata.stackName',
    ]);
  });
});

describe('firstDifference', () => {
  it('finds a key that one side lacks, and a value of another type', () => {
    expect(firstDifference({ a: {} }, { a: { b: null } })).toBe('a.b');
    expect(firstDifference({ a: '1' }, { a: 1 })).toBe('a');
  });
});
