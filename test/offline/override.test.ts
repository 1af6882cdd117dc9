import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DETACH } from '../../offline/detached';
import { overrideOf } from '../../offline/override';
import { type PlannedStack, planStack } from '../../offline/plan';
import { planAll } from '../../offline/planner';
import { Providers } from '../../offline/providers';
import type { Serving } from '../../offline/serving';
import { summarizePlan } from '../../offline/summary';
import { readSynthesized, type SynthesizedStack } from '../../offline/synthesized';
import { type JsonObject, stackModel } from '../../review/model';
import { temporaryFolder } from '../support/once';
import { fixtureStack, outputOf, type Section } from './fixture';
import { engineAtHand, HAS_ENGINE } from './needs-engine';
import { AWS_VERSION, HAS_AWS, HAS_VAULT } from './plugins-at-hand';

/** Everything that a provider block of aws can ask a login for, or guard an account with. */
const GUARDED = {
  region: 'eu-central-1',
  profile: 'prod',
  shared_config_files: ['~/.aws/config'],
  shared_credentials_files: ['~/.aws/credentials'],
  token: 'a-session',
  custom_ca_bundle: '/of/another/machine.pem',
  allowed_account_ids: ['111122223333'],
  assume_role: [{ role_arn: 'arn:aws:iam::111122223333:role/deploy', external_id: 'other' }],
  assume_role_with_web_identity: [{ role_arn: 'arn:aws:iam::111122223333:role/ci', web_identity_token: 'other' }],
};

/** A dynamic block that stands for none. */
const NONE = { for_each: [], content: {} };

function detached(name: string): Serving {
  const detachment = DETACH[name];
  if (detachment === undefined) throw new Error(`${name} can not be detached`);
  const surroundings = { version: '5.100.0', identityUrl: () => 'http://127.0.0.1:1' };
  return {
    provider: { name, source: `registry.terraform.io/hashicorp/${name}`, type: name, constraint: '>= 5' },
    kind: 'detached',
    described: '',
    notes: [],
    detach: (block) => detachment.block(block, surroundings),
  };
}

function overridden(provider: JsonObject, ...names: readonly string[]) {
  const json = overrideOf(stackModel('stack', { provider }), names.map(detached));
  return { blocks: json['provider'] as Readonly<Record<string, readonly JsonObject[]>>, json };
}

describe('the override of a provider', () => {
  it('has one entry for each alias, in the order of the stack', () => {
    const aws = [{ region: 'eu-central-1' }, { alias: 'replica', region: 'eu-west-1' }];
    const { blocks } = overridden({ aws }, 'aws');
    expect(blocks['aws']?.map(({ alias }) => alias)).toEqual([undefined, 'replica']);
    expect(blocks['aws']?.map(({ access_key }) => access_key)).toEqual(['offline', 'offline']);
  });

  it('sets guards of accounts and settings of logins to null, and puts no block in the place of roles', () => {
    const { blocks } = overridden({ aws: [GUARDED] }, 'aws');
    expect(blocks['aws']?.[0]).toMatchObject({
      profile: null,
      shared_config_files: null,
      shared_credentials_files: null,
      token: null,
      allowed_account_ids: null,
      dynamic: { assume_role: NONE, assume_role_with_web_identity: NONE },
    });
  });

  it('leaves alone what a stack does not set', () => {
    const { blocks } = overridden({ aws: [{ region: 'eu-central-1' }] }, 'aws');
    expect(
      Object.keys(blocks['aws']?.[0] ?? {}).filter((key) => /dynamic|role|account_ids|profile|token/.test(key)),
    ).toEqual([]);
  });

  it('puts no block in the place of each way to log in to Vault', () => {
    const vault = [{ address: 'https://vault' }, { alias: 'other', auth_login_jwt: [{ role: 'ci' }] }];
    const { blocks } = overridden({ vault }, 'vault');
    expect(blocks['vault']?.map(({ address }) => address)).toEqual(['http://127.0.0.1:1', 'http://127.0.0.1:1']);
    expect(blocks['vault']?.map(({ dynamic }) => dynamic)).toEqual([undefined, { auth_login_jwt: NONE }]);
  });

  it('keeps the state beside the stack, and writes whole source addresses', () => {
    expect(overridden({ random: [{}] }, 'random').json['terraform']).toEqual({
      backend: { local: { path: 'terraform.tfstate' } },
      required_providers: { random: { source: 'registry.terraform.io/hashicorp/random', version: '>= 5' } },
    });
  });
});

/** The fixture with a provider block that guards an account and assumes roles, and an alias that does too. */
function guarded(): Section {
  const json = fixtureStack();
  const resource = json['resource'] as Record<string, Section>;
  const replica = { description: 'of another region', provider: 'aws.replica' };
  return {
    ...json,
    provider: { aws: [GUARDED, { ...GUARDED, alias: 'replica', region: 'eu-west-1' }], random: [{}] },
    resource: { ...resource, aws_kms_key: { ...resource['aws_kms_key'], replica } },
  };
}

it.runIf(HAS_AWS)(
  'a detached plugin plans with every alias, guard and role of a stack',
  { timeout: 120_000 },
  async () => {
    const allowed = { aws: AWS_VERSION };
    const { summaries } = await planAll({ env: process.env, outdir: outputOf(guarded()), allowed });
    expect(summaries[0]?.problems).toEqual([]);
    expect(summaries[0]?.counts.add).toBe(4);
    expect(summaries[0]?.providers.map((one) => one.split(':')[0])).toEqual(['aws', 'random']);
  },
);

it.runIf(HAS_VAULT)(
  'a detached plugin of Vault plans whatever way to log in a stack names',
  { timeout: 120_000 },
  async () => {
    const logins = {
      auth_login: [{ path: 'auth/approle/login', parameters: { role_id: 'a', secret_id: 'b' } }],
      auth_login_jwt: [{ mount: 'jwt', role: 'ci', jwt: 'c' }],
    };
    const outdir = outputOf({
      terraform: { required_providers: { vault: { source: 'vault', version: '>= 5.6, < 6' } } },
      provider: {
        vault: Object.entries(logins).map(([name, login], index) => ({
          address: 'https://vault.example.com',
          [name]: login,
          ca_cert_file: '/of/another/machine.pem',
          client_auth: [{ cert_file: '/of/another/machine.pem', key_file: '/of/another/machine.key' }],
          ...(index === 0 ? {} : { alias: 'other' }),
        })),
      },
      resource: {
        vault_mount: {
          one: { path: 'one', type: 'kv-v2' },
          other: { path: 'other', type: 'kv-v2', provider: 'vault.other' },
        },
      },
    });
    const { summaries } = await planAll({ env: process.env, outdir });
    expect(summaries[0]?.problems).toEqual([]);
    expect(summaries[0]?.providers).toEqual([expect.stringMatching(/^vault: plugin .*, detached$/)]);
    expect(summaries[0]?.counts.add).toBe(2);
  },
);

it.skipIf(!HAS_ENGINE)('an engine gets none of the variables of the user', { timeout: 120_000 }, async () => {
  const engine = await engineAtHand();
  const told = join(temporaryFolder('environment'), 'told');
  const shell = join(temporaryFolder('engine'), 'engine');
  writeFileSync(shell, `#!/bin/sh\nenv >> '${told}'\nexec '${engine.binary}' "$@"\n`, { mode: 0o755 });
  const mine = { AWS_SECRET_ACCESS_KEY: 'mine', ARM_CLIENT_SECRET: 'mine', VAULT_TOKEN: 'mine', TF_VAR_seed: 'mine' };
  const others = { TF_CLI_ARGS_plan: '-destroy', TF_LOG: 'trace', HTTPS_PROXY: 'http://mine', SSH_AUTH_SOCK: 'mine' };
  const stacks = readSynthesized(outputOf(fixtureStack()));
  const planned = await withVariables({ ...mine, ...others }, () => planOn(stacks, shell));
  expect(summarizePlan(planned).counts.add).toBe(3);
  const names = new Set(
    readFileSync(told, 'utf8')
      .split('\n')
      .flatMap((line) => /^([A-Za-z_]\w*)=/.exec(line)?.[1] ?? []),
  );
  // Of the shell's own making.
  for (const name of ['PWD', 'SHLVL', 'OLDPWD', '_']) names.delete(name);
  expect([...names].sort()).toEqual([
    'AWS_EC2_METADATA_DISABLED',
    'CHECKPOINT_DISABLE',
    'GOGC',
    'GOMEMLIMIT',
    'HOME',
    'TF_CLI_CONFIG_FILE',
    'TF_INPUT',
    'TF_IN_AUTOMATION',
    'TF_REATTACH_PROVIDERS',
    'TMPDIR',
  ]);

  async function planOn([stack]: readonly SynthesizedStack[], binary: string): Promise<PlannedStack> {
    if (stack === undefined) throw new Error('the fixture has no stack');
    const providers = new Providers(stacks, { env: process.env, prefer: 'stand-in' });
    try {
      return await planStack({ ...engine, binary }, stack, await providers.serve(stack));
    } finally {
      await providers.stop();
    }
  }
});

async function withVariables<T>(variables: Readonly<Record<string, string>>, act: () => Promise<T>): Promise<T> {
  const before = { ...process.env };
  Object.assign(process.env, variables);
  try {
    return await act();
  } finally {
    process.env = before;
  }
}
