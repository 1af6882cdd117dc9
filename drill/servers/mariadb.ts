import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { AS_ROOT, type SqlServer, type SqlServerOptions, startSqlServer } from './sql-server';

const TOOLS = { server: 'mariadbd', maker: 'mariadb-install-db' } as const;

/** Where packages and archives have their programs, below the folder that they were extracted to. */
const PLACES = ['usr/sbin', 'usr/bin', 'sbin', 'bin', 'scripts'];

/** Why no MariaDB can be started here, or undefined. */
export function mariadbMissing(): string | undefined {
  const missing = Object.values(TOOLS).filter((tool) => !found(tool));
  if (missing.length === 0) return undefined;
  const { STRONGROOM_MARIADB: root } = process.env;
  return root
    ? `${missing.join(' and ')} not found in STRONGROOM_MARIADB`
    : `${missing.join(' and ')} not found; install the package mariadb-server, or let STRONGROOM_MARIADB name a folder with an extracted one`;
}

/** Starts an empty MariaDB with its general log on a free port of the loopback interface. */
export function startMariadb(options: SqlServerOptions = {}): Promise<SqlServer> {
  const base = baseArguments();
  const kind = {
    name: 'mariadb',
    initialise: (data: string) =>
      [
        found(TOOLS.maker) ?? TOOLS.maker,
        ...[
          '--no-defaults',
          ...base,
          `--datadir=${data}`,
          // Two at once would take each other's temporary tables away.
          `--tmpdir=${dirname(data)}`,
          '--skip-test-db',
          '--auth-root-authentication-method=normal',
        ],
        ...AS_ROOT,
      ] as const,
    serve: (data: string) =>
      [
        found(TOOLS.server) ?? TOOLS.server,
        ...['--no-defaults', ...base, `--datadir=${data}`, `--tmpdir=${dirname(data)}`, '--skip-name-resolve=0'],
        // Written at every commit, if not to the disk: what ends the process loses nothing.
        ...['--innodb-flush-log-at-trx-commit=2', '--innodb-buffer-pool-size=16M', ...AS_ROOT],
      ] as const,
  };
  return startSqlServer(kind, options);
}

/** A program of the extracted server, or of the machine's own. */
function found(tool: string): string | undefined {
  const { STRONGROOM_MARIADB: root } = process.env;
  if (!root) return spawnSync(tool, ['--version']).error ? undefined : tool;
  return PLACES.map((place) => join(root, place, tool)).find((path) => existsSync(path));
}

/** An extracted server looks for its messages and tables where it was built to be, unless it is told. */
function baseArguments(): readonly string[] {
  const { STRONGROOM_MARIADB: root } = process.env;
  if (!root) return [];
  return [`--basedir=${existsSync(join(root, 'usr/sbin')) ? join(root, 'usr') : root}`];
}
