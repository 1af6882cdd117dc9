import { expect } from 'vitest';
import { LEDGER_LABEL } from '../../rotation/engine';
import type { CrashPlan, End } from './crash';
import type { Value } from './place';
import type { Subject } from './subject';

/** What must hold in a rotation that is crashed, whose secret had the value `before` when it began. */
export interface Promises<S extends Subject> {
  /** What must hold after every crash: AWSCURRENT and what clients read before the rotation log in, rights are whole. */
  check(subject: S, before: Value): Promise<void>;
  /**
   * What must hold at the end besides.
   *
   * @default - what is checked after every crash
   */
  end?(subject: S, before: Value): Promise<void>;
}

/** Where and how the process ends. */
export interface CrashAt {
  /** 0: at none. */
  readonly point: number;
  readonly end: End;
  /** Every password that is in a version is added. */
  readonly seen: Set<string>;
  /** Called once the process has ended, and what must hold then was looked at. */
  readonly ended?: () => void;
}

export interface CrashedRotation {
  /** The points that were passed, in words. */
  readonly passed: readonly string[];
  /** Whether there was such a point. */
  readonly crashed: boolean;
  /** How often a later try gave up because a lock was held. */
  readonly busy: number;
}

export async function succeed(subject: Subject): Promise<void> {
  const record = await subject.rotate();
  expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
}

/** One rotation in which the process ends at this point, repeated by the service with the same token. */
export async function crashedRotation<S extends Subject>(
  subject: S,
  plan: CrashPlan,
  promises: Promises<S>,
  { point, end, seen, ended }: CrashAt,
): Promise<CrashedRotation> {
  const before = await subject.value();
  const from = subject.lines.length;
  const tokens = new Set<string>();
  const broken: unknown[] = [];
  const { handle } = subject;
  let thrown = '';
  let busy = 0;
  const check = async () => {
    const labels = Object.values(await subject.labels()).flat();
    for (const label of ['AWSCURRENT', 'AWSPENDING', LEDGER_LABEL]) {
      expect(labels.filter((held) => held === label).length, label).toBeLessThanOrEqual(1);
    }
    expect(labels).toContain('AWSCURRENT');
    const passwords = await passwordsOf(subject);
    for (const password of passwords) seen.add(password);
    const told = `${subject.lines.slice(from).join('\n')}${thrown}`;
    expect(
      passwords.filter((password) => told.includes(password)),
      'in a log or an error',
    ).toEqual([]);
    await promises.check(subject, before);
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
    // A try that only waited for a lock has changed nothing.
    if (!plan.dead && (failure as Error).name === 'DatabaseBusy') busy++;
    // The driver would take a failed expectation for a failure of the function, and try again.
    else await check().catch((error: unknown) => broken.push(error));
    if (plan.dead) ended?.();
    throw failure ?? new Error('the process is gone');
  };
  plan.arm(point, end);
  try {
    await succeed(subject);
    if (broken.length > 0) throw broken[0];
    expect(tokens.size).toBe(1);
    await check();
    await promises.end?.(subject, before);
    expect((await subject.value()).password).not.toBe(before.password);
    const labels = Object.values(await subject.labels()).flat();
    // Where the crash came between the move and the clean-up, the ledger label stays until the next rotation.
    expect(labels.filter((label) => label !== LEDGER_LABEL).sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    return { passed: [...plan.passed], crashed: plan.crashed, busy };
  } catch (error) {
    throw new Error(`point ${point}, ${plan.passed[point - 1] ?? 'no crash'}, ${end}`, { cause: error });
  } finally {
    subject.handle = handle;
    plan.arm(0);
  }
}

/** The password of every version that has a label and a value. */
async function passwordsOf(subject: Subject): Promise<readonly string[]> {
  const ids = Object.keys(await subject.labels());
  const values = await Promise.all(ids.map((id) => subject.value(id).catch(() => undefined)));
  return values.flatMap((value) => (value === undefined ? [] : [String(value.password)]));
}

/** Asks about the same value once only: at one moment of a rotation it is under more than one label. */
export function eachOnce(opens: (value: Value) => Promise<boolean>): (value: Value) => Promise<boolean> {
  const answers = new Map<unknown, Promise<boolean>>();
  return (value) => {
    const answer = answers.get(value.password) ?? opens(value);
    answers.set(value.password, answer);
    return answer;
  };
}
