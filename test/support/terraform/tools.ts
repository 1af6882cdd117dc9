import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** What a real apply needs. */
export interface Tools {
  /** Path of the `terraform` binary. */
  readonly terraform: string;
  /** Folder that Terraform's `filesystem_mirror` can point to. */
  readonly mirror: string;
  /** Version of hashicorp/aws in the mirror. */
  readonly awsVersion: string;
  /** Path of `moto_server`. */
  readonly moto: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** First version with write-only arguments. @see https://developer.hashicorp.com/terraform/language/manage-sensitive-data/write-only */
const TERRAFORM = [1, 11];
/** First version tried; write-only secrets came with 5.87. */
const AWS_PLUGIN = [5, 100];

/** The tools, or one sentence that says what is missing. */
export function findTools(env: Environment = process.env): Tools | string {
  const terraform = onPath(env.TERRAFORM_BINARY_NAME ?? 'terraform', env);
  if (terraform === undefined) return 'there is no terraform on PATH';
  const version = terraformVersion(terraform);
  if (!atLeast(version, TERRAFORM)) return `terraform is ${version}, needed is 1.11 or newer`;
  const mirror = env.STRONGROOM_PLUGIN_MIRROR;
  if (!mirror) return 'STRONGROOM_PLUGIN_MIRROR names no folder with a hashicorp/aws plugin';
  const awsVersion = newestAwsPlugin(mirror);
  if (awsVersion === undefined) {
    return `STRONGROOM_PLUGIN_MIRROR holds no unpacked hashicorp/aws 5.100 or newer for ${platform()}`;
  }
  const moto = findMoto(env);
  if (moto === undefined) return NO_MOTO;
  return { terraform, mirror, awsVersion, moto };
}

export const NO_MOTO = 'there is no moto_server on PATH';

/** The path of `moto_server`, if it is there. */
export function findMoto(env: Environment = process.env): string | undefined {
  return onPath('moto_server', env);
}

/** The parts of a version compared as numbers, as far as `least` goes. */
export function atLeast(version: string, least: readonly number[]): boolean {
  const parts = version.split('.').map((part) => Number.parseInt(part, 10));
  for (const [index, wanted] of least.entries()) {
    const part = parts[index] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}

function onPath(name: string, env: Environment): string | undefined {
  const candidates = name.includes('/')
    ? [name]
    : (env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return candidates.find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function terraformVersion(terraform: string): string {
  const env = { CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: '/dev/null' };
  const { stdout, error } = spawnSync(terraform, ['version', '-json'], { env, encoding: 'utf8', timeout: 60_000 });
  if (error !== undefined) throw error;
  const found = JSON.parse(stdout) as { readonly terraform_version: string };
  return found.terraform_version;
}

function newestAwsPlugin(mirror: string): string | undefined {
  const folder = join(mirror, 'registry.terraform.io', 'hashicorp', 'aws');
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((version) => atLeast(version, AWS_PLUGIN) && existsSync(join(folder, version, platform())))
    .sort((a, b) => (atLeast(a, b.split('.').map(Number)) ? -1 : 1))[0];
}

function platform(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  return `${process.platform}_${arch}`;
}
