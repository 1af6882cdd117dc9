import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DETACH } from './detached';
import type { Engine, Environment } from './engine';
import { engineError } from './engine-error';
import { downloadedPlugins } from './plugins';
import { PlanImpossible } from './problem';
import { run } from './process';
import { closeFolder, openFolder } from './run-folders';
import { type RequiredProvider, requiredProviders, type SynthesizedStack } from './synthesized';

/** Milliseconds for one `init`; a provider is some hundred megabytes. */
const TIMEOUT = 1_200_000;

/** Variables of the user's that say how an engine reaches its registry, and nothing that is a credential of a cloud. */
const FOR_DOWNLOADS =
  /^(HOME|PATH|TF_CLI_CONFIG_FILE|TF_TOKEN_.+|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|SSL_CERT_.+)$/;

/** Where plugins are downloaded to, and what they are. */
export interface DownloadProps {
  readonly env: Environment;
  /** Versions that are taken although a stack's constraint excludes them, by provider. */
  readonly allowed: Readonly<Record<string, string>>;
}

/**
 * Downloads the plugins of all stacks into a cache of Strongroom's own, the way the user's engine is set up to: this is
 * the one part of planning that uses a network, and it runs only when it is asked for.
 *
 * @throws PlanImpossible when the engine can't get one of them
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#provider-plugin-cache
 */
export async function downloadPlugins(
  engine: Engine,
  stacks: readonly SynthesizedStack[],
  props: DownloadProps,
): Promise<void> {
  const cache = downloadedPlugins(props.env);
  mkdirSync(cache, { recursive: true });
  for (const wanted of wantedTogether(stacks, props.allowed)) await download(engine, wanted, cache, props.env);
}

type Wanted = Readonly<Record<string, { readonly source: string; readonly version?: string }>>;

/** What can be had by one `init`: a provider with two constraints takes two. Providers that can't be detached are left out. */
export function wantedTogether(
  stacks: readonly SynthesizedStack[],
  allowed: Readonly<Record<string, string>>,
): readonly Wanted[] {
  const sets: Record<string, Wanted[string]>[] = [];
  const seen = new Set<string>();
  for (const provider of stacks.flatMap(({ model }) => requiredProviders(model))) {
    const version = versionOf(provider, allowed);
    const key = `${provider.source} ${version}`;
    if (DETACH[provider.type] === undefined || seen.has(key)) continue;
    seen.add(key);
    const wanted = { source: provider.source, ...(version === '' ? {} : { version }) };
    const free = sets.find((one) => !(provider.type in one));
    if (free === undefined) sets.push({ [provider.type]: wanted });
    else free[provider.type] = wanted;
  }
  return sets;
}

function versionOf({ type, constraint }: RequiredProvider, allowed: Readonly<Record<string, string>>): string {
  return allowed[type] ?? constraint;
}

async function download(engine: Engine, wanted: Wanted, cache: string, env: Environment): Promise<void> {
  const folder = openFolder('offline-download-');
  try {
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: wanted } }));
    const args = ['init', '-no-color', '-input=false', '-backend=false'];
    const initialized = await run(engine.binary, args, { cwd: folder, env: environment(env, cache), timeout: TIMEOUT });
    if (initialized.code === 0) return;
    throw new PlanImpossible(`--providers real: ${engine.product} init: ${engineError(initialized)}`);
  } finally {
    closeFolder(folder);
  }
}

function environment(env: Environment, cache: string): Readonly<Record<string, string>> {
  const kept = Object.entries(env).filter((entry): entry is [string, string] => {
    const [name, value] = entry;
    return value !== undefined && FOR_DOWNLOADS.test(name);
  });
  return { ...Object.fromEntries(kept), TF_PLUGIN_CACHE_DIR: cache, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' };
}
