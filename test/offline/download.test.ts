import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { wantedTogether } from '../../offline/download';
import { planAll } from '../../offline/planner';
import { downloadedPlugins, pluginFolders, pluginsOf } from '../../offline/plugins';
import { readSynthesized } from '../../offline/synthesized';
import { temporaryFolder } from '../support/once';
import { canRun } from '../support/required';
import { fixtureStack, outputOf, type Section } from './fixture';
import { HAS_ENGINE } from './needs-engine';

const SOURCE = 'registry.terraform.io/hashicorp/aws';
const mirror = pluginFolders(process.env).find((folder) => pluginsOf(SOURCE, [folder]).length > 0);
const version = mirror === undefined ? '' : (pluginsOf(SOURCE, [mirror])[0]?.version ?? '');
const atHand = canRun('detached', mirror === undefined ? 'no hashicorp/aws plugin in a mirror' : undefined);
const run = HAS_ENGINE && atHand ? it : it.skip;

/** The fixture with a provider that a mirror may hold, and no other. */
function awsAlone(): Section {
  const { ephemeral: _, resource, terraform, provider, ...rest } = fixtureStack();
  const { aws_secretsmanager_secret_version: __, ...resources } = resource as Section;
  const required = (terraform as { readonly required_providers: Section }).required_providers;
  return {
    ...rest,
    terraform: { ...(terraform as Section), required_providers: { aws: required['aws'] } },
    provider: { aws: (provider as Section)['aws'] },
    resource: resources,
  };
}

/** What a user has who set an engine up to take packages from a folder. */
function userOf(folder: string) {
  const home = temporaryFolder('home');
  const file = join(home, 'engine.rc');
  writeFileSync(file, `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(folder)}\n  }\n}\n`);
  const { PATH, TERRAFORM_BINARY_NAME } = process.env;
  return { PATH, TERRAFORM_BINARY_NAME, HOME: home, XDG_CACHE_HOME: join(home, 'cache'), TF_CLI_CONFIG_FILE: file };
}

it('asks for a provider once, and for a second constraint of it in a second go', () => {
  const [stack] = readSynthesized(outputOf(fixtureStack()));
  const older = fixtureStack();
  (older['terraform'] as { required_providers: Section }).required_providers['aws'] = { source: 'aws', version: '< 6' };
  const [other] = readSynthesized(outputOf(older));
  const both = [stack, stack, other].flatMap((one) => (one === undefined ? [] : [one]));
  expect(wantedTogether(both, {}).map((set) => Object.values(set).map((one) => one.version))).toEqual([
    ['>= 6.26, < 7', '>= 3.7, < 4'],
    ['< 6'],
  ]);
});

it('asks for the version that was allowed by name', () => {
  const [stack] = readSynthesized(outputOf(fixtureStack()));
  const [set] = wantedTogether(stack === undefined ? [] : [stack], { aws: '5.100.0' });
  expect(set?.['aws']?.version).toBe('5.100.0');
});

run('plans with the plugin that the engine got, and keeps it for the next run', { timeout: 300_000 }, async () => {
  const env = userOf(mirror ?? '');
  const props = { env, outdir: outputOf(awsAlone()), allowed: { aws: version } };
  const { summaries } = await planAll({ ...props, plugins: 'real' });
  expect(summaries[0]?.providers).toEqual([`aws: plugin ${version}, detached`]);
  expect(pluginsOf(SOURCE, pluginFolders(env)).map((one) => one.version)).toEqual([version]);
});

run('says in one line that the engine could not get a plugin', { timeout: 300_000 }, async () => {
  const env = userOf(temporaryFolder('empty-mirror'));
  const planned = planAll({ env, outdir: outputOf(awsAlone()), plugins: 'real' });
  await expect(planned).rejects.toThrow(/^--providers real: \w+ init: Error: [^\n]+hashicorp\/aws/);
});

run('downloads nothing unless it is asked to', async () => {
  const env = userOf(mirror ?? '');
  await planAll({ env, outdir: outputOf(awsAlone()), allowed: { aws: version } });
  expect(existsSync(downloadedPlugins(env))).toBe(false);
});
