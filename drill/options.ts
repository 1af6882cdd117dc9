import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError } from 'commander';
import { isRotatorName, ROTATOR_NAMES } from '../rotation/rotators';

/** What can be done to a rotation. */
export const FAULTS = ['crash', 'throttle', 'lost-reply', 'duplicate', 'by-hand'] as const;

export type Fault = (typeof FAULTS)[number];

/** All but a person's write, which leaves a single user without a working password until the next rotation. */
const USUAL_FAULTS: readonly Fault[] = ['crash', 'throttle', 'lost-reply', 'duplicate'];

const ENGINES = ['postgres', 'mysql', 'mariadb'];

export interface DrillOptions {
  readonly engine: string;
  readonly strategy: string;
  readonly faults: readonly Fault[];
  readonly clients: number;
  readonly rotations: number;
  /** Milliseconds that Secrets Manager takes for a call. */
  readonly latency: number;
  readonly seed: number;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  npm run drill                                            20 rotations, a fault in about two of three
  npm run drill -- --rotations 100 --seed 7                the same faults at the same places every time
  npm run drill -- --faults none --clients 8               how long a rotation shuts clients out, undisturbed
  npm run drill -- --faults crash,by-hand --json > run.json

Exit code: 0 when every rotation ended as it must, 1 when one did not, 2 when an option is wrong.
`;

/** The command line of the drill; `run` gets checked options. */
export function drillCommand(run: (options: DrillOptions) => Promise<void>): Command {
  return new Command('drill')
    .description(
      'Rotates a secret of a real database while clients use it, with crashes and faults, and counts what it cost.',
    )
    .option('--engine <name>', 'database to rotate in', 'postgres')
    .option('--strategy <name>', 'how it is rotated', 'single-user')
    .option('--faults <list>', `all, none, or a list of ${FAULTS.join(', ')}`, faults, USUAL_FAULTS)
    .option('--clients <n>', 'clients at once', whole(1, 40), 6)
    .option('--rotations <n>', 'rotations', whole(1, 10_000), 20)
    .option('--latency <ms>', 'time that Secrets Manager takes for a call', whole(0, 10_000), 15)
    .option('--seed <n>', 'repeats the faults of another run', whole(0, 2 ** 32 - 1))
    .option('--json', 'print JSON instead of a table', false)
    .addHelpText('after', EXAMPLES)
    .action(async (raw: Omit<DrillOptions, 'seed'> & { readonly seed?: number }, command: Command) => {
      const problem = unavailable(raw.engine, raw.strategy);
      if (problem !== undefined) command.error(`error: ${problem}`, { exitCode: 2 });
      await run({ ...raw, seed: raw.seed ?? randomInt(2 ** 31) });
    })
    .exitOverride();
}

/** Why there is no such drill, if there is none. */
export function unavailable(engine: string, strategy: string): string | undefined {
  if (!ENGINES.includes(engine)) return `engine is ${JSON.stringify(engine)}, not one of ${ENGINES.join(', ')}`;
  if (!isRotatorName(`${engine}-${strategy}`))
    return `there is no rotator ${engine}-${strategy}; there are ${ROTATOR_NAMES.join(', ')}`;
  return engine === 'postgres' ? undefined : `the drill starts PostgreSQL only, so ${engine} cannot be drilled yet`;
}

function faults(text: string): readonly Fault[] {
  if (text === 'none') return [];
  if (text === 'all') return FAULTS;
  return text.split(',').map((name) => {
    const fault = FAULTS.find((one) => one === name.trim());
    if (fault === undefined)
      throw new InvalidArgumentError(`${JSON.stringify(name)} is not one of ${FAULTS.join(', ')}.`);
    return fault;
  });
}

function whole(least: number, most: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
    return value;
  };
}
