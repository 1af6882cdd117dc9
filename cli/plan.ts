import { type Command, Option } from 'commander';
import { findEngine } from '../offline/engine';
import { type PlannerProps, planAll } from '../offline/planner';
import { PlanImpossible } from '../offline/problem';
import { type PlanSummary, summaryText } from '../offline/summary';
import { onInterrupt } from './interrupt';
import { reasonOf } from './reason';
import type { Surroundings } from './surroundings';

/** Nothing could be planned: no engine, no output, a broken plugin. */
const IMPOSSIBLE = 2;

interface PlanFlags {
  readonly out: string;
  readonly schemas?: string;
  readonly against?: string;
  readonly allowProvider: Readonly<Record<string, string>>;
  readonly standIn?: boolean;
  readonly providers?: 'at-hand' | 'real';
  readonly json?: boolean;
}

const EXAMPLES = `
Examples:
  strongroom plan                                  every stack in cdktf.out
  strongroom plan 'dev-*' prod-myapp-aws           some of them
  strongroom plan --against base/cdktf.out         what changes against another synth, such as the base branch's
  strongroom plan --schemas schemas                stand-ins with the schemas of real providers
  strongroom plan --allow-provider aws=5.100.0     a plugin outside the stacks' constraint
  strongroom plan --json | jq '.[].counts'

Exit codes: 0 every stack plans, 1 a stack has an error, 2 nothing can be planned.`;

/** Adds `plan` to a program. */
export function addPlan(program: Command, surroundings: Surroundings = process): void {
  program
    .command('plan')
    .description('plan synthesized stacks with Terraform or OpenTofu, without credentials and without a network')
    .argument('[stacks...]', 'ids of stacks, * for any part of one; all when left out')
    .option('--out <folder>', 'where the stacks were synthesized', 'cdktf.out')
    .option('--against <folder>', 'another synth output: plan on the state that it would leave')
    .option('--schemas <folder>', 'schemas of real providers, else STRONGROOM_SCHEMAS, else the bindings')
    .option('--allow-provider <name=version>', 'take a plugin that the constraint excludes', collectVersion, {})
    .addOption(
      new Option('--providers <which>', 'real: download the plugins that are not at hand, the only use of a network')
        .choices(['at-hand', 'real'])
        .default('at-hand')
        .conflicts('standIn'),
    )
    .option('--stand-in', 'leave plugins aside even where they are at hand')
    .option('--json', 'print the summaries as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (stacks: readonly string[], flags: PlanFlags) => {
      process.exitCode = await plan(stacks, flags, surroundings);
    });
}

/**
 * Plans stacks and prints what came of it: summaries on standard output, progress and reasons on standard error.
 *
 * @returns the exit code
 */
export async function plan(
  stacks: readonly string[],
  { out, against, schemas, allowProvider, standIn, providers = 'at-hand', json }: PlanFlags,
  { env, stdout, stderr }: Surroundings,
): Promise<number> {
  const release = onInterrupt();
  try {
    const { summaries, engine } = await planAll({
      env,
      outdir: out,
      against,
      only: stacks,
      schemas: schemas ?? env['STRONGROOM_SCHEMAS'],
      allowed: allowProvider,
      prefer: standIn ? 'stand-in' : 'any',
      plugins: providers,
      onPlanned: progressOn(stderr),
    });
    const colour = stdout.isTTY === true && !env['NO_COLOR'];
    stdout.write(json ? `${JSON.stringify(summaries, undefined, 2)}\n` : `${page(summaries, engine, out, colour)}\n`);
    return summaries.every(({ planned }) => planned) ? 0 : 1;
  } catch (error) {
    stderr.write(`error: ${reasonOf(error)}\n`);
    return IMPOSSIBLE;
  } finally {
    release();
  }
}

/**
 * Plans after synth with what is on the machine already; downloads nothing. Progress goes to standard error.
 *
 * @returns one line for people: what was planned, or what is missing
 */
export async function planAfterSynth(
  outdir: string,
  { env, stderr }: Pick<Surroundings, 'env' | 'stderr'> = process,
): Promise<string> {
  const engine = await findEngine(env);
  if (typeof engine === 'string') return `not planned: ${engine}`;
  const release = onInterrupt();
  try {
    const { summaries } = await planAll({
      env,
      outdir,
      schemas: env['STRONGROOM_SCHEMAS'],
      onPlanned: progressOn(stderr),
    });
    const bad = summaries.filter(({ planned }) => !planned);
    const first = bad[0];
    return first === undefined
      ? `${summaries.length} stacks plan with ${engine.product} ${engine.version}; the plans are in ${outdir}/plans`
      : `${bad.length} of ${summaries.length} stacks do not plan; ${first.stack}: ${first.problems[0] ?? ''}`;
  } catch (error) {
    return `not planned: ${reasonOf(error)}`;
  } finally {
    release();
  }
}

function progressOn(stderr: Surroundings['stderr']): NonNullable<PlannerProps['onPlanned']> {
  return ({ stack, planned, milliseconds }, done, of) =>
    stderr.write(`${done}/${of} ${stack} ${planned ? 'planned' : 'has errors'} in ${milliseconds} ms\n`);
}

function page(summaries: readonly PlanSummary[], engine: string, out: string, colour: boolean): string {
  const bold = (line: string) => (colour ? `\u001b[1m${line}\u001b[22m` : line);
  const texts = summaries.map((summary) => {
    const [first = '', ...rest] = summaryText(summary).split('\n');
    return [bold(first), ...rest].join('\n');
  });
  return [...texts, `planned with ${engine}; JSON and text are in ${out}/plans`].join('\n\n');
}

function collectVersion(flag: string, before: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const [name, version, more] = flag.split('=');
  if (name && version && more === undefined) return { ...before, [name]: version };
  throw new PlanImpossible(`--allow-provider is ${flag}, it must be a name and a version such as aws=5.100.0`);
}
