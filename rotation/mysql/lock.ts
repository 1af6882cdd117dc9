import { createHash } from 'node:crypto';
import { IDLE_LIMIT_MS, type Session } from '../database';
import { DatabaseBusy } from '../errors';

const WAIT_SECONDS = 4;

/**
 * Runs changes of one user after every other rotation of that user is through. The server frees the lock with the session,
 * which ends after `idleSeconds` without a statement.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html#sysvar_wait_timeout
 */
export async function changingUser<T>(
  session: Session,
  user: string,
  change: () => Promise<T>,
  idleSeconds: number = IDLE_LIMIT_MS / 1_000,
): Promise<T> {
  await session.query('limiting its silence', `SET SESSION wait_timeout = ${idleSeconds}`);
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
