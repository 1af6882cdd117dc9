import { type SpawnSyncReturns, spawnSync } from 'node:child_process';

/** What one run of a program took. */
export interface Measured {
  readonly seconds: number;
  /** Highest resident memory of the program and its children in MiB; 0 where the machine does not tell. */
  readonly peakMib: number;
}

/**
 * Runs a program and measures it from outside; its output is shown only when it fails.
 *
 * @throws when it ends with anything but 0.
 */
export function measure(program: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): Measured {
  const started = process.hrtime.bigint();
  const child = spawnSync(program, args, { cwd, env: { ...process.env, ...env }, encoding: 'utf8' });
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  failUnlessDone(child, [program, ...args]);
  return { seconds, peakMib: peak(child.stdout) };
}

/** The median of an odd number of runs, by time. */
export function median(runs: readonly Measured[]): Measured {
  const sorted = [...runs].sort((a, b) => a.seconds - b.seconds);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error('no run was measured');
  return middle;
}

/** Programs that know their own peak print it as `peak-mib=…` at their end. */
function peak(output: string): number {
  return Number(/peak-mib=(\d+)/.exec(output)?.[1] ?? 0);
}

function failUnlessDone(child: SpawnSyncReturns<string>, command: readonly string[]): void {
  if (child.status === 0) return;
  throw new Error(`${command.join(' ')} ended with ${child.status ?? child.signal}\n${child.stdout}${child.stderr}`);
}

/** A target beside its figure, in seconds; that it was missed is said. */
export function beside(target: number, { seconds }: Measured): string {
  return `target at most ${target} s${seconds > target ? ', missed' : ''}`;
}

/** One line of a bench's table: a figure, with its target if there is one, its baseline and their ratio. */
export function line(what: string, ours: Measured, baseline: Measured, of: string, target?: number): string {
  const aim = target === undefined ? '' : ` (${beside(target, ours)})`;
  const ratio = (ours.seconds / baseline.seconds).toFixed(2);
  const memory = ours.peakMib > 0 ? `, peak ${ours.peakMib} MiB against ${baseline.peakMib} MiB` : '';
  return `${what}: ${ours.seconds.toFixed(2)} s${aim}; ${of}: ${baseline.seconds.toFixed(2)} s; ratio ${ratio}${memory}`;
}
