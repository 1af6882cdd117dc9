import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './process';
import { compareVersions } from './version';

/** First version with write-only arguments, of both engines. */
export const OLDEST_ENGINE = '1.11.0';

/** Milliseconds for an engine to tell its version. */
const TIMEOUT = 60_000;

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What plans: Terraform or OpenTofu. */
export interface Engine {
  /** Path of the binary. */
  readonly binary: string;
  readonly product: 'Terraform' | 'OpenTofu';
  readonly version: string;
}

/**
 * Looks for an engine: `TERRAFORM_BINARY_NAME`, as the CLI of CDKTF reads it, else `terraform`, else `tofu`.
 *
 * @returns the engine, or one sentence that says what is missing
 */
export async function findEngine(env: Environment): Promise<Engine | string> {
  const named = env['TERRAFORM_BINARY_NAME'];
  const binary = named ? onPath(named, env) : (onPath('terraform', env) ?? onPath('tofu', env));
  if (binary === undefined) {
    return named
      ? `TERRAFORM_BINARY_NAME is ${named}, and there is no such program`
      : `there is neither terraform nor tofu on PATH; install Terraform or OpenTofu ${OLDEST_ENGINE} or newer, or name one by TERRAFORM_BINARY_NAME`;
  }
  const engine = await identify(binary);
  if (typeof engine === 'string') return engine;
  if (compareVersions(engine.version, OLDEST_ENGINE) >= 0) return engine;
  return `${binary} is ${engine.product} ${engine.version}, needed is ${OLDEST_ENGINE} or newer`;
}

/** Path of an executable file, by the folders of PATH unless the name has a folder. */
export function onPath(name: string, env: Environment): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function identify(binary: string): Promise<Engine | string> {
  // OpenTofu makes a folder in the home directory, wherever that can be.
  const env = { CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null', HOME: '/dev/null' };
  try {
    // The text for people: its other form names no product, and each start of an engine is felt.
    const { stdout } = await run(binary, ['version'], { cwd: '/', env, timeout: TIMEOUT });
    const [, product, version] = /^(Terraform|OpenTofu) v(\d[\w.+-]*)/m.exec(stdout) ?? [];
    if (product === undefined || version === undefined) return `${binary} does not tell its version`;
    return { binary, version, product: product as Engine['product'] };
  } catch (error) {
    return `${binary} can't be asked for its version: ${String(error instanceof Error ? error.message : error)}`;
  }
}
