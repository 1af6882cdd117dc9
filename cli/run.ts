import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AppDefinition, SynthesisRefused, synthesize } from '../constructs/core/app';
import type { CoreEnvironment } from '../constructs/core/environment';
import { readStacks, type StackModel } from '../review/model';
import { summarize } from '../review/summary';
import { nextStepsPage, report, shortReport } from './report';
import type { Surroundings } from './surroundings';

/** Columns where nobody says how many there are: pipes, files and the logs of a pipeline. */
const DEFAULT_WIDTH = 120;

/** Holds the commands that the report only names. */
const NEXT_STEPS_PAGE = 'next-steps.md';

/**
 * Synthesizes an app and says what came of it: a table and the next steps on standard output, warnings and errors on
 * standard error, one line each.
 *
 * The output folder is `CDKTF_OUTDIR`, which the CLI of CDKTF sets, or `cdktf.out`. Under that CLI only one line is
 * printed, since its own output follows. `STRONGROOM_DEBUG=1` adds the stack traces of errors.
 *
 * With the argument `--plan`, and not under that CLI, the stacks are planned afterwards with what is on the machine; one
 * line says what came of it, or what is missing.
 *
 * @returns the exit code: 0, or 1 when anything was refused; a plan does not change it.
 */
export async function run<E extends CoreEnvironment>(
  definition: AppDefinition<E>,
  { argv = [], env, stdout, stderr }: Surroundings = process,
): Promise<number> {
  const outdir = env['CDKTF_OUTDIR'] || 'cdktf.out';
  try {
    const { stacks: order, warnings } = await synthesize(definition, outdir);
    for (const warning of warnings) stderr.write(`warning: ${warning}\n`);
    const stacks = summarize(inOrder(readStacks(outdir), order));
    const page = join(outdir, NEXT_STEPS_PAGE);
    writePage(page, nextStepsPage(stacks));
    const screen = { width: stdout.columns ?? DEFAULT_WIDTH, colour: stdout.isTTY === true && !env['NO_COLOR'] };
    stdout.write(`${env['CDKTF_OUTDIR'] ? shortReport(stacks, outdir) : report(stacks, { outdir, page }, screen)}\n`);
    if (argv.includes('--plan') && !env['CDKTF_OUTDIR']) {
      // Only where it is needed: its libraries take a quarter of a second to load.
      const { planAfterSynth } = await import('./plan.js');
      stdout.write(`\n${await planAfterSynth(outdir, { env, stderr })}\n`);
    }
    return 0;
  } catch (error) {
    for (const line of linesOf(error, env['STRONGROOM_DEBUG'] === '1')) stderr.write(`${line}\n`);
    return 1;
  }
}

/** A manifest is sorted by name; people read environments in the order in which the app lists them. */
function inOrder(stacks: readonly StackModel[], order: readonly string[]): readonly StackModel[] {
  return [...stacks].sort((a, b) => order.indexOf(a.id) - order.indexOf(b.id));
}

function writePage(file: string, text: string): void {
  if (text === '') rmSync(file, { force: true });
  else writeFileSync(file, text);
}

function linesOf(error: unknown, debug: boolean): readonly string[] {
  const refused = error instanceof SynthesisRefused;
  const messages = refused ? error.messages : [error instanceof Error ? error.message : String(error)];
  const causes = refused ? error.causes : [error];
  return [
    ...messages.map((message) => `error: ${message}`),
    ...(debug ? causes.map((cause) => (cause instanceof Error ? (cause.stack ?? cause.message) : String(cause))) : []),
  ];
}
