import { setTimeout as wait } from 'node:timers/promises';
import { CACHED_MS, CLIENT_KINDS, type ClientCounts, type ClientKind, LoadClient } from './clients';
import { type Planned, planFaults } from './fault-plan';
import { generator } from './generator';
import type { DrillOptions } from './options';
import { type DrillWorld, type RotationOutcome, type StepLine, startDrillWorld } from './world';

export interface StepTimes {
  readonly step: string;
  readonly runs: number;
  readonly failed: number;
  readonly medianMs: number;
  readonly longestMs: number;
}

export interface FaultCount {
  readonly fault: Planned['fault'];
  readonly rotations: number;
  /** In how many the fault came to pass: a crash point can lie past the rotation's end. */
  readonly struck: number;
  readonly succeeded: number;
  /** Logins of the rotation function that the database refused. */
  readonly failedLogins: number;
}

export interface DrillResult {
  readonly seed: number;
  readonly engine: string;
  readonly strategy: string;
  readonly latencyMs: number;
  readonly rotations: number;
  readonly faults: readonly FaultCount[];
  /** Logins of the rotation function itself: those in rotations that nothing struck, and those in the others. */
  readonly causedByRotation: { readonly undisturbed: Logins; readonly struck: Logins };
  readonly clients: readonly (ClientCounts & { readonly kind: ClientKind; readonly clients: number })[];
  readonly longestGapMs: number;
  readonly medianRotationMs: number;
  readonly steps: readonly StepTimes[];
  /** What did not end as it must; empty after a good run. */
  readonly problems: readonly string[];
}

export interface Logins {
  readonly tried: number;
  readonly failed: number;
}

interface Done {
  readonly lines: readonly StepLine[];
  readonly planned: Planned;
  readonly outcome: RotationOutcome;
}

/** Between two rotations, so that every client has read its secret again, as between real ones, which are days apart. */
const REST_MS = CACHED_MS + 100;

/** Runs the whole drill; `progress` is told how many rotations are done. */
export async function runDrill(
  options: DrillOptions,
  progress: (done: number) => void = () => {},
): Promise<DrillResult> {
  const plan = planFaults(options.rotations, options.faults, generator(options.seed));
  const world = await startDrillWorld(`${options.engine}-${options.strategy}`, options.latency);
  const clients = Array.from(
    { length: options.clients },
    (_, n) => new LoadClient(CLIENT_KINDS[n % CLIENT_KINDS.length] ?? 'fresh connections', world.forClients),
  );
  try {
    for (const client of clients) client.start();
    const done: Done[] = [];
    for (const planned of plan) {
      const from = world.lines.length;
      const outcome = await world.rotate(planned);
      done.push({ planned, outcome, lines: world.lines.slice(from) });
      progress(done.length);
      await wait(REST_MS);
    }
    const problems = await problemsOf(world, done);
    await Promise.all(clients.map((client) => client.stop()));
    return summed(options, done, clients, problems);
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await world.stop();
  }
}

async function problemsOf(world: DrillWorld, done: readonly Done[]): Promise<readonly string[]> {
  const problems = done.flatMap(({ planned, outcome }, n) => {
    const wanted = planned.fault === 'by-hand' && outcome.struck ? 'RotationAbandoned' : 'RotationSucceeded';
    return outcome.end === wanted ? [] : [`rotation ${n + 1} (${JSON.stringify(planned)}) ended as ${outcome.end}`];
  });
  const abandoned = done.at(-1)?.outcome.end === 'RotationAbandoned';
  // After a person's write only the next rotation can mend what the abandoned one has begun.
  if (abandoned) {
    const { end } = await world.rotate({ fault: 'none' });
    if (end !== 'RotationSucceeded') problems.push(`the rotation after the abandoned one ended as ${end}`);
  }
  if (!(await world.currentLogsIn())) problems.push('the current value does not log in');
  return problems;
}

function summed(
  options: DrillOptions,
  done: readonly Done[],
  clients: readonly LoadClient[],
  problems: readonly string[],
): DrillResult {
  const lines = done.flatMap((one) => one.lines);
  const kinds = CLIENT_KINDS.map((kind) => ofKind(kind, clients)).filter((one) => one.clients > 0);
  return {
    seed: options.seed,
    engine: options.engine,
    strategy: options.strategy,
    latencyMs: options.latency,
    rotations: done.length,
    faults: faultCounts(done),
    causedByRotation: {
      undisturbed: loginsOf(done.filter(({ outcome }) => !outcome.struck)),
      struck: loginsOf(done.filter(({ outcome }) => outcome.struck)),
    },
    clients: kinds,
    longestGapMs: Math.max(0, ...kinds.map(({ longestGapMs }) => longestGapMs)),
    medianRotationMs: median(done.map(({ outcome }) => outcome.milliseconds)),
    steps: ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => timesOf(step, lines)),
    problems,
  };
}

function loginsOf(done: readonly Done[]): Logins {
  const logins = done.flatMap(({ lines }) => lines.map((line) => line.logins));
  return { tried: sum(logins.map(({ tried }) => tried)), failed: sum(logins.map(({ failed }) => failed)) };
}

function ofKind(kind: ClientKind, clients: readonly LoadClient[]): DrillResult['clients'][number] {
  const counts = clients.filter((client) => client.kind === kind).map((client) => client.counts);
  return {
    kind,
    clients: counts.length,
    tried: sum(counts.map(({ tried }) => tried)),
    failed: sum(counts.map(({ failed }) => failed)),
    otherErrors: sum(counts.map(({ otherErrors }) => otherErrors)),
    longestGapMs: Math.round(Math.max(0, ...counts.map(({ longestGapMs }) => longestGapMs))),
  };
}

function faultCounts(done: readonly Done[]): readonly FaultCount[] {
  return [...new Set(done.map(({ planned }) => planned.fault))].sort().map((fault) => {
    const ofFault = done.filter(({ planned }) => planned.fault === fault);
    return {
      fault,
      rotations: ofFault.length,
      struck: ofFault.filter(({ outcome }) => outcome.struck).length,
      succeeded: ofFault.filter(({ outcome }) => outcome.end === 'RotationSucceeded').length,
      failedLogins: loginsOf(ofFault).failed,
    };
  });
}

function timesOf(step: string, lines: readonly StepLine[]): StepTimes {
  const runs = lines.filter((line) => line.step === step);
  const times = runs.map(({ milliseconds }) => milliseconds);
  return {
    step,
    runs: runs.length,
    failed: runs.filter(({ outcome }) => outcome === 'failed').length,
    medianMs: median(times),
    longestMs: Math.max(0, ...times),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0);
}

function median(numbers: readonly number[]): number {
  return Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0);
}
