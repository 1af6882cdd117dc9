import { spawnSync } from 'node:child_process';
import { appendFileSync, chownSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Postgres } from './postgres';

/** Of the server that runs on them, and nothing to one that starts anew. */
const OF_THE_PRIMARY = ['postmaster.pid', 'postmaster.opts'];

/**
 * Makes the data directory of a hot standby from a primary that is running, without its programs for that, which the npm
 * package does not have. PostgreSQL 15 or later.
 *
 * @see https://www.postgresql.org/docs/current/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export async function copyOfPrimary(primary: Postgres, data: string): Promise<void> {
  const client = await primary.connect();
  try {
    const { rows } = await client.query(
      "SELECT current_setting('data_directory') AS source, pg_backup_start('standby', true)",
    );
    const made = spawnSync('cp', ['-Rp', String(rows[0]?.source), data], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`the primary was not copied: ${made.stderr || made.error?.message}`);
    const stopped = await client.query('SELECT labelfile FROM pg_backup_stop(false)');
    put(data, 'backup_label', String(stopped.rows[0]?.labelfile));
  } finally {
    await client.end();
  }
  for (const name of OF_THE_PRIMARY) rmSync(join(data, name), { force: true });
  // It gets these from the primary.
  for (const entry of readdirSync(join(data, 'pg_wal'), { withFileTypes: true })) {
    if (entry.isFile()) rmSync(join(data, 'pg_wal', entry.name));
  }
  const { host, port, superuser, password } = primary;
  const way = `host=${host} port=${port} user=${superuser} password=${password}`;
  appendFileSync(join(data, 'postgresql.conf'), `primary_conninfo = '${way}'\n`);
  put(data, 'standby.signal', '');
}

/** A file of whoever has the copy. */
function put(data: string, name: string, content: string): void {
  const { uid, gid } = statSync(data);
  writeFileSync(join(data, name), content, { mode: 0o600 });
  chownSync(join(data, name), uid, gid);
}
