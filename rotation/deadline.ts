import { setTimeout as wait } from 'node:timers/promises';
import { OutOfTime } from './errors';
import type { InvocationContext } from './event';

/** No step takes longer, so that a stuck one shows itself long before Lambda's own limit of 60 s. */
export const STEP_LIMIT_MS = 20_000;

/** Kept back from Lambda's remaining time, for closing connections and writing the log. */
export const RESERVE_MS = 2_000;

/** Below this nothing is started: a half-done step helps nobody. */
const SHORTEST_STEP_MS = 500;

/** The moment by which a step must be over; the clock is monotonic, so that a corrected system time doesn't matter. */
export class Deadline {
  /** Aborts what is under way when the time is up. */
  readonly signal: AbortSignal;

  private readonly endsAt: number;

  private constructor(milliseconds: number) {
    this.endsAt = performance.now() + milliseconds;
    this.signal = AbortSignal.timeout(Math.max(1, Math.floor(milliseconds)));
  }

  /** @throws {OutOfTime} when Lambda leaves too little time to begin. */
  static ofStep(context: InvocationContext, limit: number = STEP_LIMIT_MS): Deadline {
    const remaining = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
    const milliseconds = Math.min(limit, remaining - RESERVE_MS);
    if (milliseconds < SHORTEST_STEP_MS) {
      throw new OutOfTime(
        `Lambda leaves ${Math.max(0, Math.floor(remaining))} ms for the step; raise the function's timeout to 60 s`,
      );
    }
    return new Deadline(milliseconds);
  }

  /** Milliseconds left, at most `limit`. @throws {OutOfTime} when none are. */
  left(limit: number = Number.POSITIVE_INFINITY): number {
    const left = Math.floor(this.endsAt - performance.now());
    if (left <= 0) throw outOfTime();
    return Math.min(left, limit);
  }

  /** Waits, unless the time would be over before. @throws {OutOfTime} */
  async pause(milliseconds: number): Promise<void> {
    if (this.left() <= milliseconds) throw outOfTime();
    await wait(milliseconds);
  }
}

export function outOfTime(): OutOfTime {
  return new OutOfTime('the step was not over in time; Secrets Manager repeats it, see the log for what was slow');
}
