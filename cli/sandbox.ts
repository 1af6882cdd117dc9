import { type Command, Option } from 'commander';
import { runSandbox, type SandboxReport } from '../offline/sandbox';
import { onInterrupt } from './interrupt';
import { reasonOf } from './reason';
import type { Surroundings } from './surroundings';

/** What the command's end says to a script. */
const EXIT = { fine: 0, failed: 1, impossible: 2 } as const;

interface SandboxFlags {
  readonly app: string;
  readonly folder: string;
  readonly schemas?: string;
  readonly keep?: boolean;
  readonly destroy?: boolean;
  readonly json?: boolean;
}

const HELP = `
Examples:
  strongroom sandbox --app 'node dist/main.js sandbox'            deploy, plan again, destroy, remove
  strongroom sandbox --app 'node dist/main.js sandbox' --keep     deploy, plan again, leave it
  strongroom sandbox --destroy                                    destroy and remove what was left

Exit codes: ${EXIT.fine} all of it went well, ${EXIT.failed} a step failed or a second plan is not empty, ${EXIT.impossible} nothing can run.`;

/** Adds `sandbox` to a program. */
export function addSandbox(program: Command, surroundings: Surroundings = process): void {
  program
    .command('sandbox')
    .description('deploy stacks onto stand-ins for their providers with the CLI of CDKTF, plan again, destroy')
    .argument('[stacks]', 'ids of stacks, * for any part of one', '*')
    .option('--app <command>', 'synthesizes into CDKTF_OUTDIR', 'node dist/main.js')
    .option('--folder <folder>', 'holds output and states as long as the sandbox lives', 'sandbox.out')
    .option('--schemas <folder>', 'schemas of real providers, else STRONGROOM_SCHEMAS, else the bindings')
    .option('--keep', 'leave it deployed')
    .addOption(new Option('--destroy', 'destroy what --keep left').conflicts('keep'))
    .option('--json', 'print the report as JSON')
    .addHelpText('after', HELP)
    .action(async (stacks: string, flags: SandboxFlags) => {
      process.exitCode = await sandbox(stacks, flags, surroundings);
    });
}

/**
 * Runs a sandbox: the report on standard output, progress and what went wrong on standard error.
 *
 * @returns the exit code
 */
export async function sandbox(
  stacks: string,
  { app, folder, schemas, keep, destroy, json }: SandboxFlags,
  { env, stdout, stderr }: Surroundings,
): Promise<number> {
  const release = onInterrupt();
  try {
    const report = await runSandbox({
      env,
      folder,
      project: '.',
      app,
      stacks,
      mode: destroy ? 'destroy' : keep ? 'keep' : 'pass',
      schemas: schemas ?? env['STRONGROOM_SCHEMAS'],
      onProgress: (line) => stderr.write(`${line}\n`),
    });
    for (const problem of report.problems) stderr.write(`error: ${problem}\n`);
    stdout.write(`${json ? JSON.stringify(report, undefined, 2) : page(report, folder)}\n`);
    return report.problems.length === 0 && report.stacks.every(({ changes }) => changes.length === 0)
      ? EXIT.fine
      : EXIT.failed;
  } catch (error) {
    stderr.write(`error: ${reasonOf(error)}\n`);
    return EXIT.impossible;
  } finally {
    release();
  }
}

function page(report: SandboxReport, folder: string): string {
  const { engine, stacks } = report;
  const resources = stacks.reduce((sum, one) => sum + one.resources, 0);
  const full = stacks.filter(({ changes }) => changes.length > 0);
  return [
    ...(stacks.length === 0 ? [] : [`${stacks.length} stacks with ${resources} resources deployed with ${engine}`]),
    ...(stacks.length > 0 && full.length === 0 ? ['a second plan is empty for every one of them'] : []),
    ...full.flatMap(({ stack, changes }) => [
      `${stack}: the second plan is not empty`,
      ...changes.map((change) => `  ${change}`),
    ]),
    ending(report, folder),
  ].join('\n');
}

/** How it stands at the end. */
function ending({ engine, destroyed, left, problems }: SandboxReport, folder: string): string {
  if (destroyed) return `destroyed with ${engine}; ${folder} is removed`;
  if (problems.length > 0) return `${problems.length} ${problems.length === 1 ? 'step' : 'steps'} failed`;
  if (left.length === 0) return `nothing is deployed in ${folder}`;
  return `left deployed in ${folder}: ${left.join(', ')}; --destroy destroys what is left`;
}
