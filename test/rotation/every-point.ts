import { expect } from 'vitest';
import { LEDGER_LABEL } from '../../rotation/engine';
import { CrashPlan } from './crash';
import type { Subject } from './subject';

export interface Scenario<S extends Subject> {
  /** A new secret with users of its own. */
  make(plan: CrashPlan): Promise<S>;
  /** What happened before the rotation that is crashed. */
  prepare(subject: S): Promise<void>;
  /** What must hold after every crash: AWSCURRENT and what clients read before the rotation log in, rights are whole. */
  check(subject: S, before: Readonly<Record<string, unknown>>): Promise<void>;
  /**
   * What must hold at the end besides.
   *
   * @default - what is checked after every crash
   */
  end?(subject: S, before: Readonly<Record<string, unknown>>): Promise<void>;
  /** Everything that the database server has written. @default it is not looked through */
  log?(): string;
}

export async function succeed(subject: Subject): Promise<void> {
  const record = await subject.rotate();
  expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
}

/** Crashes a rotation once at each of its points; returns how many there are. All must be survived. */
export async function crashAtEveryPoint<S extends Subject>(name: string, scenario: Scenario<S>): Promise<number> {
  const seen = new Set<string>();
  const points = await crashAt(scenario, 0, seen);
  let next = 1;
  // A few at a time: each has users and a secret of its own.
  const worker = async () => {
    while (next <= points.length) await crashAt(scenario, next++, seen);
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  const written = scenario.log?.() ?? '';
  expect(seen.size).toBeGreaterThan(points.length);
  expect([...seen].filter((password) => written.includes(password))).toEqual([]);
  console.log(`crash points survived, ${name}: ${points.length} of ${points.length}`);
  return points.length;
}

/** One rotation in which the process ends at this point (0: at none), repeated by the service with the same token. */
async function crashAt<S extends Subject>(
  scenario: Scenario<S>,
  point: number,
  seen: Set<string>,
): Promise<readonly string[]> {
  const plan = new CrashPlan();
  const subject = await scenario.make(plan);
  await scenario.prepare(subject);
  const before = await subject.value();
  plan.arm(point);
  const tokens = new Set<string>();
  const broken: unknown[] = [];
  const { handle } = subject;
  let thrown = '';
  const check = async () => {
    const labels = Object.values(await subject.labels()).flat();
    for (const label of ['AWSCURRENT', 'AWSPENDING', LEDGER_LABEL]) {
      expect(labels.filter((held) => held === label).length, label).toBeLessThanOrEqual(1);
    }
    expect(labels).toContain('AWSCURRENT');
    const passwords = await passwordsOf(subject);
    for (const password of passwords) seen.add(password);
    const told = `${subject.lines.join('\n')}${thrown}`;
    expect(
      passwords.filter((password) => told.includes(password)),
      'in a log or an error',
    ).toEqual([]);
    await scenario.check(subject, before);
  };
  subject.handle = async (event, context) => {
    plan.revive();
    tokens.add((event as { ClientRequestToken: string }).ClientRequestToken);
    const failure = await handle(event, context).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure instanceof Error) thrown += `${failure.name} ${failure.message} ${failure.stack}`;
    if (!plan.dead && failure === undefined) return;
    // The driver would take a failed expectation for a failure of the function, and try again.
    await check().catch((error: unknown) => broken.push(error));
    throw failure ?? new Error('the process is gone');
  };
  try {
    await succeed(subject);
    if (broken.length > 0) throw broken[0];
    expect(plan.crashed).toBe(point > 0);
    expect(tokens.size).toBe(1);
    await check();
    await scenario.end?.(subject, before);
    expect((await subject.value()).password).not.toBe(before.password);
    const labels = Object.values(await subject.labels()).flat();
    // Where the crash came between the move and the clean-up, the ledger label stays until the next rotation.
    expect(labels.filter((label) => label !== LEDGER_LABEL).sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  } catch (error) {
    throw new Error(`point ${point}, ${plan.passed[point - 1] ?? 'no crash'}`, { cause: error });
  }
  return [...plan.passed];
}

/** The password of every version that has a label and a value. */
async function passwordsOf(subject: Subject): Promise<readonly string[]> {
  const ids = Object.keys(await subject.labels());
  const values = await Promise.all(ids.map((id) => subject.value(id).catch(() => undefined)));
  return values.flatMap((value) => (value === undefined ? [] : [String(value.password)]));
}
