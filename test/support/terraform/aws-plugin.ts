import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A provider hashicorp/aws that serves one command of Terraform after the other. */
export interface AwsPlugin {
  /** For `TF_REATTACH_PROVIDERS`: Terraform then starts none. */
  readonly reattach: string;
  stop(): Promise<void>;
}

/** Milliseconds that the plugin gets to listen. */
const START = 120_000;

/** Milliseconds that it gets to end by itself. */
const GRACE = 5_000;

/** What the plugin prints once it listens. */
const LISTENS = /^\s*TF_REATTACH_PROVIDERS='(\{.*\})'\s*$/;

/**
 * Starts the plugin that `terraform init` has put into a working folder, in the mode that HashiCorp has for debuggers.
 *
 * Every command of Terraform starts a plugin two or three times, and each start costs a second or more of a core.
 *
 * @param env - the whole environment of the plugin
 * @see https://developer.hashicorp.com/terraform/plugin/debugging
 */
export async function startAwsPlugin(folder: string, env: Readonly<Record<string, string>>): Promise<AwsPlugin> {
  const child = spawn(installed(folder), ['-debug'], {
    cwd: folder,
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGINT');
    const kill = setTimeout(() => child.kill('SIGKILL'), GRACE);
    await ended;
    clearTimeout(kill);
  };
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log = (log + chunk.toString()).slice(-20_000);
  });
  const reattach = await new Promise<string | undefined>((resolve) => {
    const late = setTimeout(() => resolve(undefined), START);
    const settle = (found: string | undefined) => {
      clearTimeout(late);
      resolve(found);
    };
    // Read to its end: a full pipe would stop the plugin.
    createInterface(child.stdout).on('line', (line) => {
      const found = LISTENS.exec(line);
      if (found) settle(found[1]);
    });
    child.once('error', () => settle(undefined));
    child.once('close', () => settle(undefined));
  });
  if (reattach !== undefined) return { reattach, stop };
  await stop();
  throw new Error(`the plugin hashicorp/aws did not come up:\n${log}`);
}

/** `…/aws/<version>/<platform>/terraform-provider-aws…`, where a platform's folder may be a link. */
function installed(folder: string): string {
  const providers = join(folder, '.terraform', 'providers', 'registry.terraform.io', 'hashicorp', 'aws');
  const inVersion = onlyIn(onlyIn(providers, ''), '');
  return onlyIn(inVersion, 'terraform-provider-aws');
}

function onlyIn(folder: string, prefix: string): string {
  const found = readdirSync(folder).filter((name) => name.startsWith(prefix));
  const [name] = found;
  if (name === undefined || found.length > 1) throw new Error(`${folder} holds ${found.length} of ${prefix}*, not one`);
  return join(folder, name);
}
