import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine, Environment } from './engine';
import { engineError } from './engine-error';
import { PlanImpossible } from './problem';
import { type Outcome, run } from './process';
import { closeFolder, openFolder } from './run-folders';
import { exportSchema, type SchemaFile, schemaBytes } from './schema-export';

/** Milliseconds for one command: a download of a large plugin is in it. */
const TIMEOUT = 600_000;

/** Host that an engine means when a source names none. */
const DEFAULT_HOST = 'registry.terraform.io/';

/** Variables of the user's that would make an engine do something else than what is asked of it here. */
const LEFT_OUT = /^TF_(REATTACH_PROVIDERS|WORKSPACE|DATA_DIR|LOG|VAR_.*|CLI_ARGS.*|ENCRYPTION|CHDIR)$/;

/** A provider whose schema is wanted. */
export interface WantedProvider {
  /** Source as in a configuration, such as `hashicorp/aws`. */
  readonly source: string;
  /** Version or constraint; empty takes the newest. */
  readonly constraint: string;
}

/** A file that was written. */
export interface PulledSchema {
  readonly provider: string;
  readonly version: string;
  readonly file: string;
  readonly resources: number;
  readonly bytes: number;
}

/**
 * Asks an engine for a provider's schema and writes it into a folder as `<name>-<version>.json.gz`.
 *
 * The engine runs with the user's own environment and configuration, so it takes the plugin from wherever it takes
 * plugins otherwise: a mirror, a cache or the network. Nothing is configured or logged in to.
 *
 * @throws PlanImpossible when the engine finds no such plugin, or the plugin doesn't run
 */
export async function pullSchema(
  engine: Engine,
  wanted: WantedProvider,
  { folder, env }: { readonly folder: string; readonly env: Environment },
): Promise<PulledSchema> {
  const schema = await schemaOf(engine, wanted, env);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${schema.provider}-${schema.version}.json.gz`);
  const bytes = schemaBytes(schema);
  // A reader never meets half a file.
  writeFileSync(`${file}.${process.pid}`, bytes);
  renameSync(`${file}.${process.pid}`, file);
  const { provider, version, resources } = schema;
  return { provider, version, file, resources: Object.keys(resources).length, bytes: bytes.length };
}

async function schemaOf(engine: Engine, wanted: WantedProvider, env: Environment): Promise<SchemaFile> {
  // The engine's own default host: each of the two has one.
  const short = wanted.source.startsWith(DEFAULT_HOST) ? wanted.source.slice(DEFAULT_HOST.length) : wanted.source;
  const provider = { source: short, ...(wanted.constraint === '' ? {} : { version: wanted.constraint }) };
  const folder = openFolder('strongroom-schemas-');
  try {
    const json = { terraform: { required_providers: { wanted: provider } } };
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(json));
    const ask = async (...args: readonly string[]): Promise<Outcome> => {
      const outcome = await run(engine.binary, args, { cwd: folder, env: environmentOf(env), timeout: TIMEOUT });
      if (outcome.code === 0) return outcome;
      throw new PlanImpossible(`${short}: ${engine.product} ${args[0]}: ${engineError(outcome)}`);
    };
    await ask('init', '-no-color', '-input=false');
    const { provider_selections: chosen = {} } = JSON.parse((await ask('version', '-json')).stdout) as {
      readonly provider_selections?: Readonly<Record<string, string>>;
    };
    const [[source, version] = []] = Object.entries(chosen);
    if (source === undefined || version === undefined) throw new PlanImpossible(`${short}: no version was chosen`);
    const { stdout } = await ask('providers', 'schema', '-json');
    return exportSchema(JSON.parse(stdout), source, version);
  } finally {
    closeFolder(folder);
  }
}

function environmentOf(env: Environment): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !LEFT_OUT.test(entry[0]),
  );
  return { ...Object.fromEntries(kept), TF_IN_AUTOMATION: '1', TF_INPUT: '0', CHECKPOINT_DISABLE: '1' };
}
