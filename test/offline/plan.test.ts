import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pathAt } from '../../offline/diagnostics';
import { changesIn, PlanFolder } from '../../offline/plan';
import { planAll } from '../../offline/planner';
import { Providers } from '../../offline/providers';
import { readSynthesized } from '../../offline/synthesized';
import { compareVersions, satisfies } from '../../offline/version';
import { findLeaks } from '../support/terraform/leaks';
import { fixtureStack, outputOf } from './fixture';
import { engineAtHand, HAS_ENGINE } from './needs-engine';

describe('versions', () => {
  it.each([
    ['5.100.0', '>= 6.26, < 7', false],
    ['6.26.1', '>= 6.26, < 7', true],
    ['5.9.0', '~> 5.1', true],
    ['6.0.0', '~> 5.1', false],
    ['5.2.0', '~> 5.1.3', false],
    ['6.0.0-beta1', '>= 5', false],
    ['1.0.0', '', true],
  ])('%s in "%s": %s', (version, constraint, inside) => {
    expect(satisfies(version, constraint)).toBe(inside);
  });

  it('compares numbers as numbers', () => {
    expect(compareVersions('5.100.0', '5.9.0')).toBeGreaterThan(0);
  });
});

it('finds the keys that lead to a byte', () => {
  const json = JSON.stringify({ resource: { aws_kms_key: { key: { description: 'ü"{', policy: 'here' } } } });
  const byte = Buffer.from(json).indexOf('here');
  expect(pathAt(json, byte)).toEqual(['resource', 'aws_kms_key', 'key', 'policy']);
});

describe.skipIf(!HAS_ENGINE)('a stack on stand-ins', () => {
  it('plans with construct paths and writes text and JSON', async () => {
    const outdir = outputOf(fixtureStack());
    const { summaries } = await planAll({ env: process.env, outdir, prefer: 'stand-in' });
    expect(summaries[0]?.problems).toEqual([]);
    expect(summaries[0]?.changes.map(({ path }) => path)).toEqual([
      'fixture/key',
      'fixture/secret',
      'fixture/seed/version',
    ]);
    expect(readFileSync(join(outdir, 'plans', 'fixture.txt'), 'utf8')).toContain('3 to add');
    expect(changesIn(readFileSync(join(outdir, 'plans', 'fixture.json'), 'utf8'))).toHaveLength(3);
  });

  it('has nothing to change after apply, and keeps no generated value anywhere', async () => {
    const engine = await engineAtHand();
    const stacks = readSynthesized(outputOf(fixtureStack()));
    const [stack] = stacks;
    if (stack === undefined) throw new Error('the fixture has no stack');
    const values: string[] = [];
    const providers = new Providers(stacks, {
      env: process.env,
      prefer: 'stand-in',
      onOpen: (_type, result) => values.push(String((result as { readonly result: unknown }).result)),
    });
    const folder = new PlanFolder(engine, stack, await providers.serve(stack));
    try {
      expect(await folder.prepare()).toEqual([]);
      await folder.apply();
      const { plan } = await folder.plan();
      expect(changesIn(plan?.json ?? '').map(({ change }) => change.actions)).toEqual([
        ['no-op'],
        ['no-op'],
        ['no-op'],
      ]);
      const state = readFileSync(join(folder.folder, 'terraform.tfstate'), 'utf8');
      expect(state).toContain('"secret_string_wo": null');
      expect(values.length).toBeGreaterThan(0);
      const printed = { name: 'what was printed', text: folder.printed.join('\n') };
      expect(
        findLeaks([{ name: 'state', text: state }, { name: 'plan', text: plan?.json ?? '' }, printed], values),
      ).toEqual([]);
    } finally {
      folder.dispose();
      await providers.stop();
    }
  });

  it('says why nothing can be planned', async () => {
    await expect(planAll({ env: { PATH: '/nowhere' }, outdir: 'x' })).rejects.toThrow('neither terraform nor tofu');
    await expect(planAll({ env: process.env, outdir: '/nowhere' })).rejects.toThrow('has no manifest.json');
    const outdir = outputOf(fixtureStack());
    await expect(planAll({ env: process.env, outdir, only: ['gone'] })).rejects.toThrow('no stack is named gone');
  });
});
