import type { Session } from './database';
import { PrivilegeMissing, ProbeFailed, ReadOnlyTarget, StatementRefused } from './errors';

/** How a kind of database begins what can't change anything, even when a probe ends the transaction that it runs in. */
const BEGINNINGS = {
  postgres: ['SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY', 'BEGIN READ ONLY'],
  mysql: ['SET SESSION TRANSACTION READ ONLY', 'START TRANSACTION READ ONLY'],
} as const;

/**
 * Runs the statements by which the stack wants the pending login proved. What they return is not looked at.
 *
 * @throws {ProbeFailed} with the number of the statement that failed, never its text or what the server said of it.
 */
export async function runProbes(
  session: Session,
  kind: keyof typeof BEGINNINGS,
  probes: readonly string[],
): Promise<void> {
  if (probes.length === 0) return;
  for (const sql of BEGINNINGS[kind]) await session.query('beginning the probes', sql);
  for (const [index, sql] of probes.entries()) {
    const which = `probe ${index + 1} of ${probes.length}`;
    try {
      await session.query(which, sql);
    } catch (error) {
      if (error instanceof PrivilegeMissing || error instanceof StatementRefused || error instanceof ReadOnlyTarget) {
        throw new ProbeFailed(`${error.message}; correct the rights of the user, or STRONGROOM_PROBES`);
      }
      // The server went away, is busy or silent: that says nothing about the login.
      throw error;
    }
  }
  await session.query('ending the probes', 'ROLLBACK');
}
