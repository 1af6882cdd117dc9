import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import type { Engine, Environment } from './engine';
import { engineError } from './engine-error';
import { childEnvironment, engineConfiguration } from './environment';
import { keep, readKept } from './kept-file';
import { laidOut } from './plan';
import { PlanImpossible } from './problem';
import { run } from './process';
import { closeFolder, openFolder } from './run-folders';
import type { ProviderSchema } from './schema';
import { exportSchema, readSchemaBytes, type SchemaFile, schemaBytes } from './schema-export';
import type { Serving } from './serving';

/** Milliseconds for a plugin to tell its schema. */
const TIMEOUT = 120_000;

/**
 * The schema that a detached plugin itself tells. It is kept in the cache folder, by source and version; a cache that
 * can't be read or written is done without.
 *
 * @throws PlanImpossible when the plugin can't tell
 */
export async function pluginSchema(engine: Engine, serving: Serving, env: Environment): Promise<ProviderSchema> {
  const file = join(cacheFolder(env), 'schemas', serving.provider.source, `${versionOf(serving)}.json.gz`);
  const kept = readKept(file, readSchemaBytes);
  if (kept !== undefined) return kept;
  const schema = await askPlugin(engine, serving);
  keep(file, schemaBytes(schema));
  return schema;
}

/** A plugin's folder is `…/<version>/<os>_<arch>`. */
function versionOf({ plugin = '' }: Serving): string {
  return plugin.split('/').at(-2) ?? '';
}

async function askPlugin(engine: Engine, serving: Serving): Promise<SchemaFile> {
  const { provider, plugin = '' } = serving;
  const root = openFolder('offline-schema-');
  try {
    const folder = join(root, 'stack');
    const mirror = join(root, 'mirror');
    for (const one of [folder, mirror, join(root, 'home')]) mkdirSync(one);
    laidOut(mirror, provider.source, plugin);
    writeFileSync(join(root, 'engine.rc'), engineConfiguration(mirror));
    const required = { [provider.name]: { source: provider.source } };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: required } }));
    const env = childEnvironment({ root, reattach: {}, plugins: serving.environment ?? {} });
    const ask = (...args: readonly string[]) => run(engine.binary, args, { cwd: folder, env, timeout: TIMEOUT });
    const init = await ask('init', '-no-color', '-input=false');
    const told = init.code === 0 ? await ask('providers', 'schema', '-json') : init;
    if (told.code === 0) return exportSchema(JSON.parse(told.stdout), provider.source, versionOf(serving));
    throw new PlanImpossible(`${provider.type} ${versionOf(serving)} can't tell its schema: ${engineError(told)}`);
  } finally {
    closeFolder(root);
  }
}
