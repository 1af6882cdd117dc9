import { beforeAll, describe, expect, it } from 'vitest';
import type { ResourceChange } from '../../offline/plan';
import { type Planned, planAll } from '../../offline/planner';
import { synthesizeAll } from '../support/synthesize';
import { HAS_SCHEMAS } from './against-fixture';
import { DIFFERENCES, SAME_DOCUMENT } from './detached-differences';
import { fixtureStack, outputOf } from './fixture';
import { AWS_VERSION, HAS_AWS } from './plugins-at-hand';

const schemas = process.env['STRONGROOM_SCHEMAS'];

it.runIf(HAS_AWS)('leaves a plugin aside that a stack excludes, and says how to take it', async () => {
  const { summaries } = await planAll({ env: process.env, outdir: outputOf(fixtureStack()) });
  expect(summaries[0]?.providers[0]).toContain('stand-in');
  expect(summaries[0]?.notes.join('\n')).toContain(`--allow-provider aws=${AWS_VERSION}`);
});

describe.runIf(HAS_AWS)('every AWS stack on the detached plugin and on the stand-in', { timeout: 300_000 }, () => {
  let detached: Planned;
  let standIn: Planned;
  beforeAll(async () => {
    const { outdir } = await synthesizeAll();
    const only = ['*-aws'];
    standIn = await planAll({ env: process.env, outdir, only, schemas, prefer: 'stand-in' });
    detached = await planAll({ env: process.env, outdir, only, schemas, allowed: { aws: AWS_VERSION } });
  }, 300_000);

  it('plans', () => {
    expect(detached.summaries.map(({ problems }) => problems)).toEqual([[], [], []]);
    expect(detached.summaries[0]?.providers[0]).toContain('detached');
  });

  it('has equal actions and addresses', () => {
    const actions = ({ summaries }: Planned) =>
      summaries.flatMap(({ stack, changes }) => changes.map(({ action, address }) => `${stack} ${action} ${address}`));
    expect(actions(standIn)).not.toEqual([]);
    expect(actions(detached)).toEqual(actions(standIn));
  });

  // Without schemas of real providers a stand-in knows less, and the table is longer.
  describe.runIf(HAS_SCHEMAS && AWS_VERSION === '5.100.0')('has equal values', () => {
    it('but for those in the table, all of which differ', () => {
      const paths = new Set(differences(detached, standIn).map(({ path }) => path));
      expect([...paths].sort()).toEqual(Object.keys(DIFFERENCES).sort());
    });

    it('where only the form of a document differs', () => {
      const documents = differences(detached, standIn).filter(({ path }) => SAME_DOCUMENT.includes(path));
      expect(documents.length).toBeGreaterThan(SAME_DOCUMENT.length);
      const parsed = (side: 'plugin' | 'standIn') => documents.map((one) => JSON.parse(String(one[side])) as unknown);
      expect(parsed('plugin')).toEqual(parsed('standIn'));
    });
  });
});

interface Difference {
  /** Type and attribute, without places in lists. */
  readonly path: string;
  readonly plugin: unknown;
  readonly standIn: unknown;
}

function differences(detached: Planned, standIn: Planned): readonly Difference[] {
  return detached.plans.flatMap(({ changes, stack }, index) => {
    const others = standIn.plans[index]?.changes ?? [];
    return changes.flatMap((change) => {
      const other = others.find(({ address }) => address === change.address);
      if (other === undefined) throw new Error(`${stack.id}: the stand-in has no ${change.address}`);
      return differing(planned(change), planned(other), change.type);
    });
  });
}

/** Planned values, with a word of its own for what is known after apply. */
function planned({ change }: ResourceChange): unknown {
  const merge = (value: unknown, unknown: unknown): unknown => {
    if (unknown === true) return 'known after apply';
    if (typeof unknown !== 'object' || unknown === null) return value ?? null;
    const keys = new Set([...Object.keys(value ?? {}), ...Object.keys(unknown)]);
    const members = [...keys].map((key) => [key, merge(member(value, key), member(unknown, key))] as const);
    return Array.isArray(value) ? members.map(([, one]) => one) : Object.fromEntries(members);
  };
  return merge(change.after, change.after_unknown);
}

function member(value: unknown, key: string): unknown {
  return (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
}

function differing(plugin: unknown, standIn: unknown, path: string): readonly Difference[] {
  if (JSON.stringify(plugin) === JSON.stringify(standIn)) return [];
  const lists = Array.isArray(plugin) && Array.isArray(standIn);
  if (lists && plugin.length === standIn.length) {
    return plugin.flatMap((one, index) => differing(one, standIn[index], path));
  }
  if (lists || !isObject(plugin) || !isObject(standIn)) return [{ path, plugin, standIn }];
  const keys = new Set([...Object.keys(plugin), ...Object.keys(standIn)]);
  return [...keys].flatMap((key) => differing(plugin[key] ?? null, standIn[key] ?? null, `${path}.${key}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
