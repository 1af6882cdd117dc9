import { expect } from 'vitest';
import type { RotationRecord } from '../../emulator/rotation-driver';
import type { Hook, Operation } from '../../emulator/service';
import type { InvocationContext } from '../../rotation/event';
import { succeed } from './every-point';
import { type Calls, failuresOf, unbroken, whole } from './faults';
import { type Place, secretsOf, titleOf, type Value, type Way } from './place';
import type { Subject } from './subject';

export interface Fault {
  /** The number of the call among those of the rotation, from 1, and what is called. */
  readonly call: number;
  readonly operation: string;
}

export interface Hit {
  readonly subject: Subject;
  readonly record: RotationRecord;
  /** The names of the errors that the function has written since the rotation began, each once. */
  readonly failures: readonly string[];
}

export type Meanwhile = 'clients' | 'labels' | 'nothing';

export interface AtEveryCall {
  /** Runs just before the call. If it throws, the call fails so. */
  readonly before?: (subject: Subject, fault: Fault) => unknown;
  /** Runs when the call has had its effect. If it throws, the answer is lost so. */
  readonly after?: (subject: Subject, fault: Fault) => unknown;
  /** Whether it happens at every later call of the rotation too. @default false */
  readonly persists?: boolean;
  /**
   * What is looked at after every try that fails, and when the rotation is over.
   *
   * @default 'clients', who get in by the current value and by that of before. 'labels': one value under a label works
   */
  readonly meanwhile?: Meanwhile | ((at: number) => Meanwhile);
  /** What must be true then. */
  readonly check: (hit: Hit) => Promise<void>;
  /** What Lambda tells the function until it is struck. @default nothing */
  readonly context?: InvocationContext;
  /**
   * Whether the next try begins only when what `before` holds back has had its effect. For places whose clock jumps over
   * the time that a call can be under way.
   *
   * @default false
   */
  readonly effectFirst?: boolean;
  /** How many secrets share the points, where most of the time is waiting. @default 1 */
  readonly abreast?: number;
  /** Fewer points than these are a mistake in the test. @default 9 */
  readonly least?: number;
}

/** Where something can strike. */
export interface Points {
  /** Runs a rotation with these hooks around each of its points. */
  during<T>(
    subject: Subject,
    hooks: { readonly before?: PointHook; readonly after?: PointHook },
    act: () => Promise<T>,
  ): Promise<T>;
  /** What the test itself does is not struck. */
  aside<T>(subject: Subject, act: () => Promise<T>): Promise<T>;
}

export type PointHook = (operation: string) => unknown;

/** The calls to Secrets Manager: for the secret itself, and for that of the superuser. */
export function callsOf(calls: Calls): Points {
  const hook =
    (own: PointHook): Hook =>
    (operation: Operation) =>
      own(operation) as Promise<void>;
  return {
    during: (subject, { before, after }, act) =>
      calls.during(
        secretsOf(subject),
        { ...(before && { before: hook(before) }), ...(after && { after: hook(after) }) },
        act,
      ),
    aside: (subject, act) => calls.aside(secretsOf(subject), act),
  };
}

/** One rotation after the other of one secret, with something happening at another call each time; returns how many. */
export async function atEveryCall(place: Place, points: Points, way: Way, fault: AtEveryCall): Promise<number> {
  let next = 1;
  let missed = 0;
  let survived = 0;
  const worker = async () => {
    const subject = await place.subject(way);
    await succeed(subject);
    // To one of two users a rotation can have a call more than to the other.
    while (missed < 2) {
      if (await strike(place, points, way, subject, next++, fault)) survived++;
      else missed++;
    }
  };
  await Promise.all(Array.from({ length: fault.abreast ?? 1 }, worker));
  expect(survived, titleOf(way)).toBeGreaterThanOrEqual(fault.least ?? 9);
  return survived;
}

/** Whether the rotation has so many calls. */
async function strike(
  place: Place,
  points: Points,
  way: Way,
  subject: Subject,
  at: number,
  { before, after, persists = false, meanwhile = 'clients', check, context, effectFirst = false }: AtEveryCall,
): Promise<boolean> {
  const old = await subject.value();
  const from = subject.lines.length;
  const broken: unknown[] = [];
  let call = 0;
  let struck: string | undefined;
  const seen = typeof meanwhile === 'function' ? meanwhile(at) : meanwhile;
  const look = () =>
    points.aside(subject, async () => {
      if (seen === 'labels') await whole(place, subject);
      if (seen === 'clients') await unbroken(place, way, subject, old);
    });
  const { handle } = subject;
  const held: unknown[] = [];
  subject.handle = (event) => {
    return handle(event, (struck === undefined && context) || {}).catch(async (error: unknown) => {
      if (effectFirst) await Promise.allSettled(held);
      // The driver would take a failed expectation for a failure of the function, and try again.
      await look().catch((wrong: unknown) => broken.push(wrong));
      throw error;
    });
  };
  const arrives: PointHook = (operation) => {
    if ((struck !== undefined && !persists) || ++call < at) return undefined;
    struck ??= operation;
    const holding = before?.(subject, { call, operation });
    held.push(holding);
    return holding;
  };
  const leaves: PointHook = (operation) => {
    if (after === undefined || ++call !== at || struck !== undefined) return undefined;
    struck = operation;
    return after(subject, { call, operation });
  };
  const running = tracked(subject);
  try {
    const record = await points.during(subject, after ? { after: leaves } : { before: arrives }, async () => {
      const found = await subject.rotate();
      await running();
      // A call that the function has given up has its effect all the same, and not in the midst of the next rotation.
      await Promise.allSettled(held);
      return found;
    });
    subject.handle = handle;
    if (broken.length > 0) throw broken[0];
    if (struck === undefined) {
      expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
      return false;
    }
    await look();
    await check({ subject, record, failures: failuresOf(subject, from) });
    return true;
  } catch (error) {
    throw new Error(`${titleOf(way)}, at call ${at}, ${struck}`, { cause: error });
  } finally {
    subject.handle = handle;
  }
}

/** Waits for every invocation that has begun: the driver leaves those of a rotation that it has given up. */
function tracked(subject: Subject): () => Promise<void> {
  const all: Promise<unknown>[] = [];
  const { handle } = subject;
  subject.handle = (event, context) => {
    const running = handle(event, context);
    all.push(running.catch(() => {}));
    return running;
  };
  return async () => {
    await Promise.all(all);
  };
}

/** What a person puts: another password, or the same one with a note; by one operation or by the other. */
export function byHand(value: Value, at: number): { readonly operation: string; readonly value: Value } {
  const change = at % 4 < 2 ? { password: 'put-by-a-person' } : { note: `call ${at}` };
  return { operation: at % 2 ? 'PutSecretValue' : 'UpdateSecret', value: { ...value, ...change } };
}
