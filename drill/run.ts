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
  /** Of the server. */
  readonly version: string;
  readonly fastCutover: boolean;
  readonly ledger: 'label' | 'none';
  readonly latencyMs: number;
  readonly betweenStepsMs: number;
  readonly rotations: number;
  readonly faults: readonly FaultCount[];
  /** Logins of the rotation function itself: those in rotations that nothing struck, and those in the others. */
  readonly causedByRotation: { readonly undisturbed: Logins; readonly struck: Logins };
  readonly clients: readonly (ClientCounts & { readonly kind: ClientKind; readonly clients: number })[];
  readonly longestGapMs: number;
  /** Milliseconds of the longest gap of each undisturbed rotation; 0 where nobody was refused. */
  readonly undisturbedGapsMs: readonly number[];
  /** Requests of the function to Secrets Manager in a rotation. */
  readonly calls: { readonly undisturbed: number; readonly most: number };
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
  readonly gapMs: number;
}

/** Between two rotations, so that every client has read its secret again, as between real ones, which are days apart. */
const REST_MS = CACHED_MS + 100;

/** Runs the whole drill; `progress` is told how many rotations are done. */
export async function runDrill(
  options: DrillOptions,
  progress: (done: number) => void = () => {},
): Promise<DrillResult> {
  const plan = planFaults(options.rotations, options.faults, generator(options.seed));
  const world = await startDrillWorld(options);
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
      await wait(REST_MS);
      const gapMs = Math.round(Math.max(...clients.map((client) => client.takeGap())));
      done.push({ planned, outcome, gapMs, lines: world.lines.slice(from) });
      progress(done.length);
    }
    const ended = await problemsOf(world, done);
    await Promise.all(clients.map((client) => client.stop()));
    const result = summed(options, world, done, clients);
    return { ...result, problems: [...ended, ...needlessRefusals(result)] };
  } finally {
    await Promise.all(clients.map((client) => client.stop()));
    await world.stop();
  }
}

async function problemsOf(world: DrillWorld, done: readonly Done[]): Promise<readonly string[]> {
  const problems = done.flatMap(({ planned, outcome }, n) => {
    // With fast cutover the write can come after the move: the rotation is then over, and the service does not know it.
    const wanted =
      planned.fault === 'by-hand' && outcome.struck ? ['RotationAbandoned', 'RotationFailed'] : ['RotationSucceeded'];
    return wanted.includes(outcome.end)
      ? []
      : [`rotation ${n + 1} (${JSON.stringify(planned)}) ended as ${outcome.end}`];
  });
  const abandoned = done.at(-1)?.planned.fault === 'by-hand';
  // After a person's write only the next rotation can mend what the abandoned one has begun.
  if (abandoned) {
    const { end } = await world.rotate({ fault: 'none' });
    if (end !== 'RotationSucceeded') problems.push(`the rotation after the abandoned one ended as ${end}`);
  }
  if (!(await world.currentLogsIn())) problems.push('the current value does not log in');
  return problems;
}

/** Logins that were refused although no fault and no strategy explains it. */
function needlessRefusals({
  causedByRotation,
  clients,
  engine,
  strategy,
}: Omit<DrillResult, 'problems'>): readonly string[] {
  const own = causedByRotation.undisturbed.failed;
  const seen = clients.reduce((sum, { failed }) => sum + failed, 0);
  return [
    ...(own > 0 ? [`undisturbed rotations caused ${own} failed logins`] : []),
    ...(seen > 0 && !shutsOut(engine, strategy) ? [`clients saw ${seen} failed logins`] : []),
  ];
}

/** Whether a rotation shuts readers out for a moment: where a user has one password only. */
export function shutsOut(engine: string, strategy: string): boolean {
  return `${engine}-${strategy}` === 'postgres-single-user';
}

function summed(
  options: DrillOptions,
  { version, calls }: DrillWorld,
  done: readonly Done[],
  clients: readonly LoadClient[],
): Omit<DrillResult, 'problems'> {
  const lines = done.flatMap((one) => one.lines);
  // The one after a person's write has something to mend.
  const mending = (n: number) => done[n - 1]?.planned.fault === 'by-hand' && done[n - 1]?.outcome.struck === true;
  const undisturbed = done.filter(({ outcome }, n) => !outcome.struck && !mending(n));
  const kinds = CLIENT_KINDS.map((kind) => ofKind(kind, clients)).filter((one) => one.clients > 0);
  return {
    seed: options.seed,
    engine: options.engine,
    strategy: options.strategy,
    version,
    fastCutover: options.fastCutover,
    ledger: options.ledger,
    latencyMs: options.latency,
    betweenStepsMs: options.betweenSteps,
    rotations: done.length,
    faults: faultCounts(done),
    causedByRotation: {
      undisturbed: loginsOf(undisturbed),
      struck: loginsOf(done.filter((one) => !undisturbed.includes(one))),
    },
    clients: kinds,
    longestGapMs: Math.max(0, ...kinds.map(({ longestGapMs }) => longestGapMs)),
    undisturbedGapsMs: undisturbed.map(({ gapMs }) => gapMs),
    calls: {
      undisturbed: calls,
      most: Math.max(0, ...done.map(({ outcome }) => outcome.calls)),
    },
    medianRotationMs: median(done.map(({ outcome }) => outcome.milliseconds)),
    steps: ['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => timesOf(step, lines)),
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

export function median(numbers: readonly number[]): number {
  return Math.round([...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0);
}
