import type { Configuration } from '../configuration';
import type { Session } from '../database';
import { runProbes } from '../probes';
import { quoteName } from './quoting';

/** The configured probes, in the database of the stack: a session of ours has none by itself. */
export async function runDatabaseProbes(session: Session, { target, probes = [] }: Configuration): Promise<void> {
  if (probes.length === 0) return;
  await session.query('using the database', `USE ${quoteName(target.database)}`);
  await runProbes(session, 'mysql', probes);
}
