import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { changesIn } from '../../offline/plan';
import { planAll } from '../../offline/planner';
import { Providers } from '../../offline/providers';
import { ANSWERED_ALONE, readsOf } from '../../offline/reads';
import type { PlanSummary } from '../../offline/summary';
import { readSynthesized, requiredProviders } from '../../offline/synthesized';
import { temporaryFolder } from '../support/once';
import { ENGINES, environment, HAS_SCHEMAS } from './against-fixture';
import { outputOf, type Section } from './fixture';
import { HAS_ENGINE } from './needs-engine';
import { HAS_NAMESPACE, type Isolated, runOnLoopback, runOutside } from './network-namespace';
import { HAS_AWS, HAS_VAULT, pluginAtHand } from './plugins-at-hand';
import { ALONE, READ, stackOf, typesOf } from './reads-fixture';
import { ROOT } from './sandbox-support';

const LONG = 300_000;

const AT_HAND: Readonly<Record<string, boolean>> = {
  aws: HAS_AWS,
  azurerm: pluginAtHand('azurerm', '>= 5.0, < 6', 'detached-azurerm') !== undefined,
  vault: HAS_VAULT,
  random: pluginAtHand('random', '>= 3.7, < 4', 'detached-random') !== undefined,
};

describe('what a plugin would have to read', () => {
  const reads = (json: Section) => {
    const [stack] = readSynthesized(outputOf(json));
    if (stack === undefined) throw new Error('the fixture has no stack');
    return requiredProviders(stack.model).flatMap((one) => readsOf(stack.model, one).map(({ address }) => address));
  };

  it.each(Object.keys(ALONE))('is nothing of what that of %s answers alone', (provider) => {
    expect(reads(stackOf(provider, ...(ALONE[provider] ?? [])))).toEqual([]);
  });

  it('is every other data source, and every other ephemeral resource', () => {
    const token = { ephemeral: { aws_secretsmanager_secret_version: { x: { secret_id: 'a' } } } };
    expect(reads(stackOf('aws', ...(READ['aws'] ?? []), token))).toEqual([
      'data.aws_caller_identity.x',
      'data.aws_ssm_parameter.x',
      'ephemeral.aws_secretsmanager_secret_version.x',
    ]);
  });

  it('is of the provider that a block names, under an alias too', () => {
    const parameter = (provider: string) => ({ data: { aws_ssm_parameter: { x: { name: 'a', provider } } } });
    expect(reads(stackOf('aws', parameter('aws.west')))).toEqual(['data.aws_ssm_parameter.x']);
    const [stack] = readSynthesized(outputOf(stackOf('aws', parameter('other.west'))));
    const aws = stack && requiredProviders(stack.model).find(({ name }) => name === 'aws');
    expect(stack && aws && readsOf(stack.model, aws)).toEqual([]);
  });
});

it.each(Object.entries(ANSWERED_ALONE))('the tests hold everything that is said of %s', (provider, types) => {
  expect(typesOf(ALONE[provider] ?? [])).toEqual(types);
});

describe.each(Object.keys(ANSWERED_ALONE))('the plugin of %s, detached', (provider) => {
  describe.runIf(AT_HAND[provider])('with things to read and things that it answers alone', () => {
    const reads = typesOf(READ[provider] ?? []).filter((type) => type.startsWith('data.'));
    const outdir = () => outputOf(stackOf(provider, ...(ALONE[provider] ?? []), ...(READ[provider] ?? [])));
    let ran: Isolated;
    let folder: string;
    let summary: PlanSummary | undefined;
    beforeAll(async () => {
      folder = outdir();
      const command = [process.execPath, '--import', 'tsx', 'cli/strongroom.ts', 'plan', '--out', folder, '--json'];
      ran = HAS_NAMESPACE
        ? await runOnLoopback(command, ROOT)
        : { ...(await runOutside(command, ROOT)), attempts: Number.NaN };
      [summary] = JSON.parse(ran.stdout) as readonly PlanSummary[];
    }, LONG);

    it('plans', () => {
      expect(summary?.problems.filter((one) => one.startsWith('error'))).toEqual([]);
      expect(summary).toMatchObject({ planned: true, providers: [expect.stringMatching(/: plugin .*, detached$/)] });
    });

    it('says what a stand-in answers in its place, and names nothing else', () => {
      const told = summary?.notes.filter((note) => note.includes('would have to read')) ?? [];
      const names = reads.map((type) => `${type}.x`).join(', ');
      const line = `the ${provider} plugin would have to read ${names}: a stand-in answers in its place, with made-up values`;
      expect(told).toEqual(reads.length === 0 ? [] : [line]);
    });

    it.runIf(reads.length > 0)('gives what is made up to the resources that take it', () => {
      const changes = changesIn(readFileSync(join(folder, 'plans', 'fixture.json'), 'utf8'));
      expect(changes.map(({ change }) => JSON.stringify(change.after)).join()).toContain(
        reads.at(-1)?.replace('data.', '').replace(/_/g, '-'),
      );
    });

    it.runIf(HAS_NAMESPACE)('asks nobody off loopback', () => {
      expect(ran).toMatchObject({ code: 0, attempts: 0 });
    });
  });
});

describe.each(ENGINES)('against a base with something to read, with %s', { timeout: LONG }, (_name, binary) => {
  const env = environment(binary);
  const read = () => outputOf(stackOf('vault', ...(READ['vault'] ?? [])));
  const against = async (now: string, base: string) => {
    const { summaries } = await planAll({ env, outdir: now, against: base });
    return summaries[0];
  };

  it.runIf(HAS_VAULT)('the plugin finds nothing to change in an unchanged stack, and that is checked', async () => {
    const summary = await against(read(), read());
    expect(summary?.providers[0]).toContain('detached');
    expect(summary?.changes).toEqual([]);
    expect(summary?.against).toEqual({ is: 'both', doubts: [] });
  });

  it.runIf(HAS_VAULT)('a data source that is gone is in nobody’s way', async () => {
    const now = stackOf('vault', { resource: { vault_mount: { x: { path: 'other', type: 'kv' } } } });
    const summary = await against(outputOf(now), read());
    expect(summary?.problems).toEqual([]);
    expect(summary?.counts).toEqual({ add: 0, change: 1, replace: 0, destroy: 0 });
  });
});

describe.runIf(HAS_VAULT && HAS_SCHEMAS)('an ephemeral resource that would have to be read', () => {
  it('has its stack served by the stand-in, and its value goes into a write-only argument', {
    timeout: LONG,
  }, async () => {
    const kv = { ephemeral: { vault_kv_secret_v2: { x: { mount: 'secrets', name: 'a' } } } };
    const value = { mount: 'copies', name: 'a', data_json_wo: '${ephemeral.vault_kv_secret_v2.x.data_json}' };
    const copy = { resource: { vault_kv_secret_v2: { x: { ...value, data_json_wo_version: 1 } } } };
    const outdir = outputOf(stackOf('vault', kv, copy));
    const { summaries } = await planAll({ env: process.env, outdir, schemas: process.env['STRONGROOM_SCHEMAS'] });
    expect(summaries[0]?.problems.filter((one) => one.startsWith('error'))).toEqual([]);
    expect(summaries[0]?.planned).toBe(true);
    expect(summaries[0]?.providers[0]).toMatch(/^vault: stand-in/);
    expect(summaries[0]?.notes[0]).toBe(
      'the vault plugin would have to read ephemeral.vault_kv_secret_v2.x: a stand-in serves this stack in its place',
    );
  });
});

describe.runIf(HAS_VAULT && HAS_SCHEMAS)('a base that opens what would have to be read', () => {
  it('is served like the present stack, which does not open it any more', { timeout: LONG }, async () => {
    const kv = { ephemeral: { vault_kv_secret_v2: { x: { mount: 'secrets', name: 'a' } } } };
    const mount = { resource: { vault_mount: { x: { path: 'a', type: 'kv' } } } };
    const { summaries } = await planAll({
      env: process.env,
      outdir: outputOf(stackOf('vault', mount)),
      against: outputOf(stackOf('vault', mount, kv)),
      schemas: process.env['STRONGROOM_SCHEMAS'],
    });
    expect(summaries[0]?.providers[0]).toMatch(/^vault: stand-in/);
    expect(summaries[0]).toMatchObject({ changes: [], against: { is: 'both', doubts: [] } });
  });
});

it.runIf(HAS_ENGINE)('says that what is imported would have to be read', async () => {
  const mount = { resource: { vault_mount: { x: { path: 'a', type: 'kv' } } } };
  const stack = { ...stackOf('vault', mount), import: [{ to: 'vault_mount.x', id: 'a' }] };
  const { summaries } = await planAll({ env: process.env, outdir: outputOf(stack), prefer: 'stand-in' });
  expect(summaries[0]?.planned).toBe(false);
  expect(summaries[0]?.notes).toContain(
    'the stack imports vault_mount.x, which has to be read: without a login there is no plan',
  );
});

it('says where nobody has a schema for what would have to be read', async () => {
  const mirror = temporaryFolder('mirror');
  const machine = `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`;
  const folder = join(mirror, 'registry.terraform.io', 'hashicorp', 'vault', '9.9.9', machine);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'terraform-provider-vault_v9.9.9'), '');
  const stacks = readSynthesized(outputOf(stackOf('vault', { data: { vault_nonsense: { x: {} } } })));
  const providers = new Providers(stacks, { env: { STRONGROOM_PLUGIN_MIRROR: mirror } });
  try {
    const [serving] = stacks[0] === undefined ? [] : await providers.serve(stacks[0]);
    expect(serving?.kind).toBe('detached');
    expect(serving?.notes).toEqual([
      'warning: the vault plugin would have to read data.vault_nonsense.x, and no stand-in has a schema for that; name a folder of schemas by --schemas or STRONGROOM_SCHEMAS',
    ]);
  } finally {
    await providers.stop();
  }
});
