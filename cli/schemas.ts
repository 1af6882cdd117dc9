import type { Command } from 'commander';
import { findEngine } from '../offline/engine';
import { PlanImpossible } from '../offline/problem';
import { type PulledSchema, pullSchema, type WantedProvider } from '../offline/schema-pull';
import { readSynthesized, requiredProviders } from '../offline/synthesized';
import { EXIT } from './doctor';
import { onInterrupt } from './interrupt';
import { reasonOf } from './reason';
import type { Surroundings } from './surroundings';

/** `aws`, `hashicorp/aws` or `registry.example.com/hashicorp/aws`, and a version or a constraint behind `=`. */
const PROVIDER = /^((?:[\w.:-]+\/)?(?:[\w-]+\/)?[\w-]+)(?:=([^"\\]+))?$/;

interface PullFlags {
  readonly out: string;
  readonly stacks: string;
  readonly provider: readonly WantedProvider[];
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  strongroom schemas pull                                          the providers of the stacks in cdktf.out
  strongroom schemas pull --provider aws=5.100.0 --provider vault  named ones, here one exactly and one the newest
  STRONGROOM_SCHEMAS=schemas strongroom plan                       stand-ins with what was pulled

This command may use the network: the engine's init takes plugins from where your own configuration says (mirror, cache
or registry). No provider is configured and nothing is logged in to.

Exit codes: 0 every schema is written, 2 one could not be had.`;

/** Adds `schemas` to a program. */
export function addSchemas(program: Command, surroundings: Surroundings = process): void {
  program
    .command('schemas')
    .description('keep schemas of real providers for stand-ins')
    .command('pull')
    .description('write the schemas of providers into a folder; may use the network')
    .option('--out <folder>', 'where the files are written', 'schemas')
    .option('--stacks <folder>', 'where the stacks were synthesized whose providers are taken', 'cdktf.out')
    .option('--provider <name[=version]>', 'a provider in place of those of the stacks; may be repeated', collect, [])
    .option('--json', 'print what was written as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: PullFlags) => {
      process.exitCode = await pullSchemas(flags, surroundings);
    });
}

/**
 * Pulls schemas one after the other: progress and reasons on standard error, what was written on standard output.
 *
 * @returns the exit code
 */
export async function pullSchemas(
  { out, stacks, provider, json }: PullFlags,
  { env, stdout, stderr }: Surroundings,
): Promise<number> {
  const release = onInterrupt();
  try {
    const engine = await findEngine(env);
    if (typeof engine === 'string') throw new PlanImpossible(engine);
    const wanted = provider.length > 0 ? provider : wantedBy(stacks);
    const pulled: PulledSchema[] = [];
    for (const one of wanted) {
      stderr.write(`${pulled.length + 1}/${wanted.length} ${one.source} ${one.constraint}`.trimEnd().concat('\n'));
      pulled.push(await pullSchema(engine, one, { folder: out, env }));
    }
    stdout.write(json ? `${JSON.stringify(pulled, undefined, 2)}\n` : `${pulled.map(lineOf).join('\n')}\n`);
    return 0;
  } catch (error) {
    stderr.write(`error: ${reasonOf(error)}\n`);
    return EXIT.usage;
  } finally {
    release();
  }
}

/** Every provider that some stack requires, once per constraint. */
function wantedBy(stacks: string): readonly WantedProvider[] {
  const required = readSynthesized(stacks).flatMap(({ model }) => requiredProviders(model));
  const wanted = new Map(
    required.map(({ source, constraint }) => [`${source} ${constraint}`, { source, constraint }] as const),
  );
  if (wanted.size === 0) throw new PlanImpossible(`no stack in ${stacks} requires a provider`);
  return [...wanted].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}

function lineOf({ provider, version, file, resources, bytes }: PulledSchema): string {
  return `${provider} ${version}: ${resources} resource types, ${Math.ceil(bytes / 1024)} KB in ${file}`;
}

function collect(flag: string, before: readonly WantedProvider[]): readonly WantedProvider[] {
  const [, name, constraint = ''] = PROVIDER.exec(flag) ?? [];
  if (name !== undefined) return [...before, { source: name.includes('/') ? name : `hashicorp/${name}`, constraint }];
  throw new PlanImpossible(`--provider is ${flag}, it must be a name and a version such as aws=5.100.0`);
}
