import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AS_ROOT, type SqlServer, type SqlServerOptions, startSqlServer } from './sql-server';

/** Why no MySQL can be started here, or undefined. */
export function mysqlMissing(): string | undefined {
  const root = process.env.STRONGROOM_MYSQL;
  if (!root) return 'STRONGROOM_MYSQL does not name a folder with an extracted MySQL; see docs/rotators.md';
  return existsSync(join(root, 'usr/sbin/mysqld')) ? undefined : 'there is no usr/sbin/mysqld in STRONGROOM_MYSQL';
}

/** Starts an empty MySQL with its general log on a free port of the loopback interface. */
export function startMysql(options: SqlServerOptions = {}): Promise<SqlServer> {
  const kind = {
    name: 'mysql',
    initialise: (data: string) => [...command(data), '--initialize-insecure'] as const,
    serve: (data: string) => [...command(data), '--mysqlx=OFF', '--secure-file-priv=NULL'] as const,
  };
  return startSqlServer(kind, options);
}

/** The extracted server with its own loader and libraries, so that the machine's stay as they are. */
function command(data: string): readonly [string, ...string[]] {
  const root = process.env.STRONGROOM_MYSQL ?? '';
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  return [
    join(libraries, 'ld-linux-x86-64.so.2'),
    ...['--library-path', libraries, join(root, 'usr/sbin/mysqld'), '--no-defaults', `--datadir=${data}`],
    ...[`--lc-messages-dir=${join(root, 'usr/share/mysql')}`, `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`],
    // Written at every commit, if not to the disk: what ends the process loses nothing.
    '--innodb-flush-log-at-trx-commit=2',
    ...['--performance-schema=OFF', '--innodb-redo-log-capacity=8M', '--innodb-buffer-pool-size=32M', '--skip-log-bin'],
    ...AS_ROOT,
  ];
}
