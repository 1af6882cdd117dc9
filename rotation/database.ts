import type { Deadline } from './deadline';

/**
 * After this much silence a server ends a session of ours that holds a lock, and the lock with it: without a limit the lock of
 * a function that the network has cut off would be held for hours. No silence of ours inside of a lock is as long: neither the
 * call to Secrets Manager with its repetitions, nor another login and its first question.
 */
export const IDLE_LIMIT_MS = 15_000;

/** Where the stack has put the database. */
export interface Target {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** There is no mode that falls back: either the certificate and its name are right, or TLS was turned off explicitly. */
  readonly tls: { readonly mode: 'verify-full'; readonly ca: string } | { readonly mode: 'disabled' };
}

export interface Credential {
  readonly username: string;
  readonly password: string;
}

export type Row = Readonly<Record<string, unknown>>;

/** One logged-in connection. */
export interface Session {
  /**
   * Runs one statement.
   *
   * @param purpose what the statement is for, in words: the statement itself never appears in a message.
   */
  query(purpose: string, sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** Never fails; what is left of a transaction is rolled back by the server. */
  close(): Promise<void>;
}

export type Connect = (target: Target, credential: Credential, deadline: Deadline) => Promise<Session>;

export function placeOf({ host, port, database }: Target): string {
  return `${host}:${port}/${database}`;
}

/** Closes the session when the work is over, however it ends. */
export async function using<T>(session: Session, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    await session.close();
  }
}
