import type { RotationEvent } from './event';

/** Which credential opened the door, or what else decided the step. */
export type Attempt =
  | 'normal'
  | 'replay'
  | 'already-set'
  | 'recovered-from-ledger'
  | 'recovered-from-previous'
  | 'recovered-from-unlabelled'
  | 'role-created'
  | 'role-repaired';

/** What one invocation did, for its one line in the log. */
export class Journal {
  attempt: Attempt = 'normal';
  loginsTried = 0;
  loginsFailed = 0;
  readonly notes: string[] = [];
}

export type WriteLine = (line: string) => void;

/** One line of JSON per step. The rotation token is left out: it is a credential. */
export function logLine(
  event: RotationEvent,
  rotator: string,
  journal: Journal,
  milliseconds: number,
  failure?: { readonly name: string; readonly message: string },
): string {
  return JSON.stringify({
    level: failure ? 'error' : 'info',
    step: event.step,
    secret: event.secretArn,
    token: event.token,
    rotator,
    outcome: failure ? 'failed' : 'done',
    attempt: journal.attempt,
    logins: { tried: journal.loginsTried, failed: journal.loginsFailed },
    milliseconds: Math.round(milliseconds),
    ...(journal.notes.length > 0 ? { notes: journal.notes } : {}),
    ...(failure ? { error: failure.name, message: failure.message } : {}),
  });
}
