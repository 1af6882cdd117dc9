import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlockSchema } from '../../offline/schema';
import { readSchemaBytes } from '../../offline/schema-export';
import { sortedKeys } from '../../offline/sorted-keys';
import { EPHEMERAL } from '../../offline/stand-in/ephemeral-types';
import { completed, withReplacement } from '../../offline/stand-in/tables/row';
import { TABLES } from '../../offline/stand-in/tables/tables';
import { canRun } from '../support/required';
import { findSchemas } from '../support/schemas/format';
import {
  boundType,
  emittedTypes,
  goldenTypes,
  membersOf,
  realTypes,
  rowOf,
  TABLE_VERSIONS,
} from '../support/schemas/table-rows';

const found = findSchemas();
const folder = typeof found === 'string' ? '' : found.folder;
const runs = canRun('schemas', typeof found === 'string' ? found : undefined);

/** Flags that decide what a plan says. */
const FLAGS = ['required', 'optional', 'computed', 'sensitive', 'write_only', 'deprecated', 'replace'] as const;

describe('the tables', () => {
  it('hold each emitted type, and no other', () => {
    expect(Object.keys(TABLES).sort()).toEqual(emittedTypes());
  });

  it('hold each emitted ephemeral type, and no other', () => {
    expect(Object.keys(EPHEMERAL).sort()).toEqual(goldenTypes('ephemeral'));
  });

  it('need none for data sources: none is emitted', () => {
    expect(goldenTypes('data')).toEqual([]);
  });

  it.each(Object.entries(TABLES))('say of %s which release it is known of', (type, { from }) => {
    const provider = (type.split('_')[0] ?? '') as keyof typeof TABLE_VERSIONS;
    expect(from).toBe(`${provider} ${TABLE_VERSIONS[provider]}`);
  });

  it.each(Object.entries(TABLES))('name of %s only what its bindings have', (type, row) => {
    const names = new Set(membersOf(boundType(type)).map(([path]) => path));
    const { from: _from, replaceFrom: _replaceFrom, customDiff: _customDiff, added, ...lists } = row;
    const paths = Object.values(lists).flatMap((list) => list.split(' ').map((path) => path.replace(/:.*/, '')));
    const extra = Object.keys({ ...added?.attributes, ...added?.blocks });
    const older = APART[type] ?? [];
    const unknown = paths.filter(
      (path) => !names.has(path) && ![...extra, ...older].includes(path.split('.')[0] ?? ''),
    );
    expect(unknown).toEqual([]);
  });
});

describe.runIf(runs)('the tables beside the schemas of real providers', () => {
  const types = Object.keys(TABLE_VERSIONS).flatMap((provider) => {
    const real = runs ? realTypes(folder, provider as keyof typeof TABLE_VERSIONS) : {};
    return emittedTypes()
      .filter((type) => type.startsWith(`${provider}_`))
      .map((type) => [type, real[type] ?? {}] as const);
  });

  it.each(types)('say of %s what the schema says; else: npx tsx test/support/schemas/write-tables.ts', (type, real) => {
    expect(TABLES[type]).toEqual(rowOf(type, real));
  });

  it.each(types)('make of the bindings of %s what the provider has', (type, real) => {
    const row = TABLES[type] ?? { from: '' };
    expect(comparable(type, completed(boundType(type), row))).toEqual(comparable(type, real));
  });

  it.each(types)('give %s the same replacement without the flags of its file', (type, real) => {
    const bare = JSON.parse(
      JSON.stringify(real, (key, value) => (key === 'replace' ? undefined : value)),
    ) as BlockSchema;
    expect(replacements(withReplacement(bare, TABLES[type] ?? { from: '' }))).toEqual(replacements(real));
  });

  it('know of ephemeral types what the schema says', () => {
    const random = readSchemaBytes(readFileSync(join(folder, 'random-3.7.2.json.gz')));
    expect(EPHEMERAL).toEqual({ random_password: random.ephemeral['random_password'] });
  });
});

/** Flags, types and counts by path; what only one line of the provider has, and what may be in place of it, left out. */
function comparable(type: string, schema: BlockSchema): Readonly<Record<string, unknown>> {
  const { foreign = '', added } = TABLES[type] ?? {};
  const names = [...foreign.split(' '), ...Object.keys({ ...added?.attributes }), ...(APART[type] ?? [])];
  const left = (path: string) => names.some((name) => path === name || path.startsWith(`${name}.`));
  const members = Object.fromEntries(
    membersOf(schema).flatMap(([path, one]): readonly (readonly [string, object])[] => {
      if (left(path)) return [];
      const { nesting, min = 0, max = 0 } = one;
      if (nesting !== undefined) return [[path, { nesting, min, max, replace: one.replace || false }]];
      // Whether an id may be set is the one thing that bindings tell wrongly; nobody sets it.
      const flags = FLAGS.map((flag) => (path === 'id' && flag === 'optional') || one[flag] || false);
      return [[path, { type: JSON.stringify(one.type, sortedKeys), flags }]];
    }),
  );
  return { members, replaceFrom: schema.replace_from, customDiff: schema.custom_diff };
}

/** What differs between two lines of a provider and is emitted by nothing. */
const APART: Readonly<Record<string, readonly string[]>> = {
  // Gone in aws 6.
  aws_ecs_task_definition: ['inference_accelerator'],
  aws_flow_log: ['log_group_name'],
  // New in azurerm 5, inside of blocks or of objects.
  azurerm_linux_web_app: ['site_config.minimum_tls_cipher_suite'],
  azurerm_role_assignment: ['timeouts.update'],
  azurerm_virtual_network: ['subnet'],
};

function replacements(schema: BlockSchema): readonly string[] {
  return membersOf(schema).flatMap(([path, { replace }]) => (replace ? [`${path} ${replace}`] : []));
}
