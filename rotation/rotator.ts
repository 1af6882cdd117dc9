import type { Deadline } from './deadline';
import type { Journal } from './log';
import type { SecretValue } from './secret-value';

/** A version, other than the current one, whose password may be the one that the database knows. */
export interface Candidate {
  readonly kind: 'pending' | 'ledger' | 'previous' | 'unlabelled';
  /** The value, or undefined if the version has none any more. */
  read(): Promise<SecretValue | undefined>;
}

export interface TestWork {
  readonly secretArn: string;
  readonly pending: SecretValue;
  /** The current value, read when it is asked for. */
  readCurrent(): Promise<SecretValue>;
  readonly deadline: Deadline;
  readonly journal: Journal;
}

/** What a rotator may need that makes its new value elsewhere. */
export interface MakeWork {
  readonly secretArn: string;
  /** Names the version that is being made; the same at every try of one rotation. */
  readonly token: string;
  /** The value of AWSPREVIOUS, or undefined if there is none. */
  readPrevious(): Promise<SecretValue | undefined>;
  /** The new value, if another invocation has stored one by now. */
  readStored(): Promise<SecretValue | undefined>;
  /**
   * Writes down, as a staging label, that the value is about to be made: for what must not be made twice. It is 'ours' for one
   * invocation alone, 'taken' when another one was just faster, and 'open' when an earlier one may or may not have made it.
   */
  claim(): Promise<'ours' | 'taken' | 'open'>;
  /** The superuser's secret as it is now, or undefined if the function has none. */
  superuser(): Promise<SecretValue | undefined>;
  readonly deadline: Deadline;
  readonly journal: Journal;
}

export interface SetWork extends TestWork {
  /** Names the version that is being made. */
  readonly token: string;
  readonly current: SecretValue;
  /** True as long as no rotation of this secret has ever begun to change anything. */
  readonly first: boolean;
  /** In the order in which to try them when the current value is refused; the later ones are looked for when asked for. */
  readonly candidates: AsyncIterable<Candidate>;
  /** True when `test` follows at once, so that `set` need not prove anything itself. */
  readonly proofFollows: boolean;
  /**
   * Writes down, as a staging label, that the pending password is about to be set. Must be called before the first change,
   * so that the password is found again even if the rotation is abandoned afterwards.
   */
  announce(): Promise<void>;
  /** The superuser's secret as it is now, or undefined if the function has none. */
  superuser(): Promise<SecretValue | undefined>;
}

/** What differs between kinds of credentials. The engine does the rest: labels, replays, retries, order. */
export interface Rotator {
  /** @throws when the value is not of a kind that this rotator can rotate. */
  accept(current: SecretValue): void;
  /** The text of the new value. Not stored yet; called again if storing it failed. */
  make(current: SecretValue, work: MakeWork): string | Promise<string>;
  /** @throws {PendingMismatch} when the pending value is not one that `make` would have made from the current one. */
  agree(current: SecretValue, pending: SecretValue): void;
  /** Makes the pending value work, from whatever state an earlier, interrupted run has left. */
  set(work: SetWork): Promise<void>;
  /** Proves that the pending value works. Changes nothing. */
  test(work: TestWork): Promise<void>;
}
