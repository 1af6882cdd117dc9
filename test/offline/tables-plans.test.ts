import { beforeAll, describe, expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { canRun } from '../support/required';
import { findSchemas } from '../support/schemas/format';
import { synthesizeAll } from '../support/synthesize';
import { HAS_ENGINE } from './needs-engine';
import { DIFFERENCES } from './tables-differences';

const found = findSchemas();
const runs = HAS_ENGINE && canRun('schemas', typeof found === 'string' ? found : undefined);

/** What a plan says of one resource, as far as a schema decides it. */
interface Said {
  readonly address: string;
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly after_unknown: unknown;
    readonly after_sensitive: unknown;
  };
}

describe.runIf(runs)('plans with bindings and tables, beside plans with schemas of real providers,', () => {
  let differences: readonly string[];

  beforeAll(async () => {
    const { outdir } = await synthesizeAll();
    const planned = async (schemas: string | undefined) => {
      const { plans } = await planAll({ env: process.env, outdir, prefer: 'stand-in', schemas });
      expect(plans).toHaveLength(18);
      return plans.flatMap(({ stack, json }) => linesOf(stack.id, json));
    };
    const schemas = await planned(typeof found === 'string' ? undefined : found.folder);
    const tables = await planned(undefined);
    const [a, b] = [new Set(schemas), new Set(tables)];
    expect(a.size).toBeGreaterThan(1000);
    differences = [
      ...schemas.filter((line) => !b.has(line)).map((line) => `schemas: ${line}`),
      ...tables.filter((line) => !a.has(line)).map((line) => `tables: ${line}`),
    ];
  }, 300_000);

  it('say the same of actions, unknown and sensitive attributes in every stack', () => {
    const open = differences.filter((line) => !DIFFERENCES.some(({ line: accepted }) => accepted.test(line)));
    expect(open).toEqual([]);
  });

  it('still show the differences that are listed', () => {
    expect(DIFFERENCES.filter(({ line }) => !differences.some((one) => line.test(one)))).toEqual([]);
  });
});

/** One line for each fact, such as `unknown aws_kms_key arn`, with the stack and the address behind it. */
function linesOf(stack: string, json: string): readonly string[] {
  const { resource_changes } = JSON.parse(json) as { readonly resource_changes: readonly Said[] };
  return resource_changes.flatMap(({ address, type, change }) =>
    [
      `actions ${type} ${change.actions.join(',')}`,
      ...marked(change.after_unknown).map((path) => `unknown ${type} ${path}`),
      ...marked(change.after_sensitive).map((path) => `sensitive ${type} ${path}`),
    ].map((fact) => `${fact} (${stack} ${address})`),
  );
}

/** Paths to every `true`. */
function marked(value: unknown, path: readonly string[] = []): readonly string[] {
  if (value === true) return [path.join('.')];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, one]) => marked(one, [...path, key]));
}
