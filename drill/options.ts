import { randomInt } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { isRotatorName, ROTATOR_NAMES } from '../rotation/rotators';
import { ENGINES } from './databases';

/** What can be done to a rotation. */
export const FAULTS = ['crash', 'throttle', 'lost-reply', 'duplicate', 'by-hand', 'restart', 'network'] as const;

export type Fault = (typeof FAULTS)[number];

/** All but a person's write, which leaves a single user without a working password until the next rotation, and what takes long. */
const USUAL_FAULTS: readonly Fault[] = ['crash', 'throttle', 'lost-reply', 'duplicate'];

export interface DrillOptions {
  readonly engine: string;
  readonly strategy: string;
  readonly faults: readonly Fault[];
  /** Whether AWSCURRENT is moved as soon as the new password is proved. */
  readonly fastCutover: boolean;
  readonly ledger: 'label' | 'none';
  readonly clients: number;
  readonly rotations: number;
  /** Milliseconds that Secrets Manager takes for a call. */
  readonly latency: number;
  /** Milliseconds from one step of the function to the next. */
  readonly betweenSteps: number;
  readonly seed: number;
  readonly json: boolean;
}

const EXAMPLES = `
Examples:
  npm run drill                                            20 rotations, a fault in about two of three
  npm run drill -- --rotations 100 --seed 7                the same faults at the same places every time
  npm run drill -- --faults none --clients 8               how long a rotation shuts clients out, undisturbed
  npm run drill -- --faults none --clients 8 --fast-cutover the same, with AWSCURRENT moved in setSecret
  npm run drill -- --engine mariadb --faults all           two passwords on MariaDB, and all that can go wrong
  npm run drill -- --faults crash,by-hand --json > run.json

Exit code: 0 when every rotation ended as it must, 1 when one did not, 2 when an option is wrong or the database is not here.
`;

/** The command line of the drill; `run` gets checked options. */
export function drillCommand(run: (options: DrillOptions) => Promise<void>): Command {
  return new Command('drill')
    .description(
      'rotate a secret of a real database while clients use it, with crashes and faults, and count what it cost',
    )
    .option('--engine <name>', `database to rotate in: ${Object.keys(ENGINES).join(', ')}`, 'postgres')
    .option('--strategy <name>', `how it is rotated, such as ${strategies()}; the first of an engine is its default`)
    .option('--fast-cutover', 'move AWSCURRENT in setSecret', false)
    .addOption(
      new Option('--ledger <kind>', 'how an abandoned rotation is found').choices(['label', 'none']).default('label'),
    )
    .option('--faults <list>', `all, none, or a list of ${FAULTS.join(', ')}`, faults, USUAL_FAULTS)
    .option('--clients <n>', 'clients at once', whole(1, 40), 6)
    .option('--rotations <n>', 'rotations', whole(1, 10_000), 20)
    .option('--latency <ms>', 'time that Secrets Manager takes for a call', whole(0, 10_000), 15)
    .option('--between-steps <ms>', 'time from one step of the function to the next', whole(0, 10_000), 50)
    .option('--seed <n>', 'repeats the faults of another run', whole(0, 2 ** 32 - 1))
    .option('--json', 'print JSON instead of a table', false)
    .addHelpText('after', EXAMPLES)
    .action(async (raw: Raw, command: Command) => {
      const strategy = raw.strategy ?? ENGINES[raw.engine]?.strategies[0] ?? '';
      const options = { ...raw, strategy, seed: raw.seed ?? randomInt(2 ** 31) };
      const problem = unavailable(options);
      if (problem !== undefined) command.error(`error: ${problem}`, { exitCode: 2 });
      await run(options);
    })
    .exitOverride();
}

type Raw = Omit<DrillOptions, 'seed' | 'strategy'> & { readonly seed?: number; readonly strategy?: string };

/** Why there is no such drill, if there is none. */
export function unavailable({
  engine: name,
  strategy,
  fastCutover,
}: Pick<DrillOptions, 'engine' | 'strategy' | 'fastCutover'>): string | undefined {
  const engine = Object.hasOwn(ENGINES, name) ? ENGINES[name] : undefined;
  if (!engine) return `engine is ${JSON.stringify(name)}, not one of ${Object.keys(ENGINES).join(', ')}`;
  const rotator = `${name}-${strategy}`;
  if (!isRotatorName(rotator) || !engine.strategies.includes(strategy))
    return `there is no rotator ${rotator}; there are ${ROTATOR_NAMES.join(', ')}`;
  if (fastCutover && rotator !== 'postgres-single-user')
    return `--fast-cutover is for postgres-single-user; with ${rotator} no client is shut out`;
  return engine.missing();
}

function strategies(): string {
  return Object.entries(ENGINES)
    .map(([name, { strategies }]) => `${strategies.join(' or ')} (${name})`)
    .join(', ');
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
