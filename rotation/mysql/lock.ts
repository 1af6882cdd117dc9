import { createHash } from 'node:crypto';
import { IDLE_LIMIT_MS, type Session } from '../database';
import { DatabaseBusy } from '../errors';

const WAIT_SECONDS = 4;

/**
 * How long a statement waits for what another session has locked: a dump, a backup, a table of the server's own. By itself a
 * server waits for a day at least, long after the function has given up, and MySQL would make the change even then. A quarter of what
 * the function waits for an answer, because on MySQL the changes of several users wait one after the other. Row locks need no
 * limit of their own: whoever has one on these tables has a lock on the table too, which comes first.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_lock_wait_timeout
 */
const LOCK_SECONDS = 2;

/**
 * MariaDB does not apply that limit where it opens its tables of users for a change; only the end of the whole statement ends
 * the wait. Longer than the wait for another rotation, and shorter than the function waits for an answer.
 *
 * @see https://mariadb.com/kb/en/server-system-variables/#max_statement_time
 */
const STATEMENT_SECONDS = 6;

/**
 * Runs changes of one user after every other rotation of that user is through. The server frees the lock with the session,
 * which ends after `idleSeconds` without a statement. What reads or changes the server's tables of users belongs in here, since
 * their locks are waited for no longer than the function waits for an answer.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout
 * @throws {DatabaseBusy}
 */
export async function changingUser<T>(
  session: Session,
  user: string,
  change: () => Promise<T>,
  idleSeconds: number = IDLE_LIMIT_MS / 1_000,
): Promise<T> {
  // The comment is one that MariaDB runs and MySQL, which has no such limit, does not.
  await session.query(
    'limiting its silence and its waiting',
    `SET SESSION wait_timeout = ${idleSeconds}, lock_wait_timeout = ${LOCK_SECONDS} /*M! , max_statement_time = ${STATEMENT_SECONDS} */`,
  );
  // Names of locks have 64 characters at most.
  const name = `strongroom ${createHash('sha256').update(user).digest('hex').slice(0, 40)}`;
  const [row] = await session.query('waiting for other rotations of the user', 'SELECT GET_LOCK(?, ?) AS got', [
    name,
    WAIT_SECONDS,
  ]);
  if (Number(row?.got) !== 1) throw new DatabaseBusy('another rotation holds the user for too long');
  const result = await change();
  await session.query('freeing the lock', 'SELECT RELEASE_LOCK(?)', [name]);
  return result;
}
