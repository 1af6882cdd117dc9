import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pullSchemas } from '../../cli/schemas';
import { strongroom } from '../../cli/strongroom';
import { engineConfiguration } from '../../offline/environment';
import { type Plugin, pluginFolders, pluginsOf } from '../../offline/plugins';
import { schemaInFolder } from '../../offline/stand-in/schemas';
import { temporaryFolder } from '../support/once';
import { canRun } from '../support/required';
import { fixtureStack, outputOf } from './fixture';
import { HAS_ENGINE } from './needs-engine';

const SOURCE = 'registry.terraform.io/hashicorp/aws';
const [plugin] = pluginsOf(SOURCE, pluginFolders(process.env));
const hasPlugin = HAS_ENGINE && canRun('detached', plugin === undefined ? 'no aws plugin is at hand' : undefined);

/** A mirror with the plugin under the default host of each engine. */
function mirrorOfBoth({ version, folder }: Plugin): string {
  const mirror = temporaryFolder('mirror');
  for (const host of ['registry.terraform.io', 'registry.opentofu.org']) {
    const parent = join(mirror, host, 'hashicorp/aws', version);
    mkdirSync(parent, { recursive: true });
    symlinkSync(folder, join(parent, basename(folder)));
  }
  return mirror;
}

/** Surroundings with an own configuration of the engine, as a user's: packages come from one mirror. */
function surroundings(mirror: string) {
  const said = { out: '', err: '' };
  const configuration = join(temporaryFolder('pull'), 'engine.rc');
  writeFileSync(configuration, engineConfiguration(mirror));
  return {
    said,
    env: { ...process.env, TF_CLI_CONFIG_FILE: configuration },
    stdout: { write: (text: string) => (said.out += text) },
    stderr: { write: (text: string) => (said.err += text) },
  };
}

const flags = (rest: object) => ({
  out: join(temporaryFolder('pull'), 'schemas'),
  stacks: 'none',
  provider: [],
  ...rest,
});

describe.runIf(hasPlugin)('pulled from a mirror', { timeout: 300_000 }, () => {
  const version = plugin?.version ?? '';
  const mirror = plugin === undefined ? '' : mirrorOfBoth(plugin);
  const provider = [{ source: 'hashicorp/aws', constraint: version }];

  it('is a file that a stand-in reads, and the same bytes each time', async () => {
    const [first, second] = [flags({ provider }), flags({ provider })];
    const around = surroundings(mirror);
    expect(await pullSchemas(first, around)).toBe(0);
    expect(await pullSchemas(second, around)).toBe(0);
    const name = `aws-${version}.json.gz`;
    expect(readdirSync(first.out)).toEqual([name]);
    expect(readFileSync(join(first.out, name)).equals(readFileSync(join(second.out, name)))).toBe(true);
    expect(schemaInFolder(first.out, 'aws', '')?.resources).toHaveProperty('aws_kms_key.attributes.arn.computed', true);
    expect(around.said.out).toMatch(/^aws [\d.]+: \d{4} resource types, \d+ KB in /);
    expect(around.said.err).toBe(`1/1 hashicorp/aws ${version}\n`.repeat(2));
  });

  it('is told as JSON', async () => {
    const around = surroundings(mirror);
    const asked = flags({ provider, json: true });
    expect(await pullSchemas(asked, around)).toBe(0);
    expect(JSON.parse(around.said.out)).toMatchObject([
      { provider: 'aws', version, file: join(asked.out, `aws-${version}.json.gz`) },
    ]);
  });

  it('comes from the providers of the stacks when none is named', async () => {
    const stack = fixtureStack();
    const terraform = { required_providers: { aws: { source: 'aws', version: `= ${version}` } } };
    const { aws_kms_key } = stack['resource'] as Record<string, unknown>;
    const stacks = outputOf({ terraform, resource: { aws_kms_key } });
    const around = surroundings(mirror);
    expect(await pullSchemas(flags({ stacks, json: true }), around)).toBe(0);
    expect(JSON.parse(around.said.out)).toMatchObject([{ provider: 'aws', version }]);
  });
});

describe.runIf(HAS_ENGINE)('what can not be pulled', () => {
  it('is told in one line with exit code 2, and leaves no folder', async () => {
    const around = surroundings(temporaryFolder('empty-mirror'));
    const asked = flags({ provider: [{ source: 'hashicorp/aws', constraint: '5.100.0' }] });
    expect(await pullSchemas(asked, around)).toBe(2);
    expect(around.said.err.split('\n')).toHaveLength(3);
    expect(around.said.err).toMatch(/\nerror: hashicorp\/aws: \w+ init: Error: .*hashicorp\/aws/);
    expect(existsSync(asked.out)).toBe(false);
  });
});

describe('without anything to pull', () => {
  it('says that nothing was synthesized', async () => {
    const around = surroundings(temporaryFolder('empty-mirror'));
    expect(await pullSchemas(flags({ stacks: '/nowhere' }), { ...around, env: process.env })).toBe(2);
    expect(around.said.err).toMatch(HAS_ENGINE ? /^error: \/nowhere has no manifest\.json/ : /^error: /);
  });

  it('says that there is no engine', async () => {
    const around = surroundings('');
    expect(await pullSchemas(flags({}), { ...around, env: { PATH: '' } })).toBe(2);
    expect(around.said.err).toMatch(/^error: there is neither terraform nor tofu on PATH/);
  });

  it('refuses a provider that is none', async () => {
    const program = strongroom(
      () => {},
      () => {},
    );
    await expect(program.parseAsync(['node', 'strongroom', 'schemas', 'pull', '--provider', 'aws 5'])).rejects.toThrow(
      '--provider is aws 5, it must be a name and a version such as aws=5.100.0',
    );
  });
});
