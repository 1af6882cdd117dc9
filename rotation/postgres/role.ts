import { createHash } from 'node:crypto';
import { IDLE_LIMIT_MS } from '../database';
import { ServerTooOld } from '../errors';
import type { Session } from './connection';
import { quoteName, quoteText } from './quoting';

/** SCRAM came with PostgreSQL 10; an older server would take the verifier for a password. */
const OLDEST_SERVER = 100_000;

/** Longer than one rotation of the same role holds the lock. */
const LOCK_LIMIT_MS = 4_000;

export interface Server {
  /** As in `SHOW server_version_num`, such as 180004. */
  readonly version: number;
}

/**
 * Runs changes of one role in a transaction of their own, after every other rotation of that role is through. Without the
 * lock, two at once end in "tuple concurrently updated".
 */
export async function changingRole<T>(
  session: Session,
  role: string,
  change: (server: Server) => Promise<T>,
): Promise<T> {
  // A role can come with settings of its own: a read-only default, another role to act as, a search path.
  await session.query(
    'beginning the change',
    `BEGIN READ WRITE; SET LOCAL ROLE NONE; SET LOCAL search_path = pg_catalog; SET LOCAL lock_timeout = ${LOCK_LIMIT_MS}; SET LOCAL idle_in_transaction_session_timeout = ${IDLE_LIMIT_MS}`,
  );
  const [row] = await session.query(
    'waiting for other rotations of the role',
    "SELECT pg_advisory_xact_lock($1::bigint), current_setting('server_version_num')::int AS version",
    [lockKey(role)],
  );
  const version = Number(row?.version);
  if (!(version >= OLDEST_SERVER))
    throw new ServerTooOld('the server is older than PostgreSQL 10, which has no SCRAM; upgrade it');
  const result = await change({ version });
  await session.query('committing the change', 'COMMIT');
  return result;
}

export async function setVerifier(session: Session, role: string, verifier: string): Promise<void> {
  await session.query('setting the password', `ALTER ROLE ${quoteName(role)} PASSWORD ${quoteText(verifier)}`);
}

/** One lock per role and database, apart from the locks of applications as far as 64 bits can be. */
function lockKey(role: string): string {
  return createHash('sha256').update(`strongroom rotation of role ${role}`).digest().readBigInt64BE().toString();
}
