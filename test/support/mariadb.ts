import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';

export const ROOT_PASSWORD = 'root-of-the-tests';

export interface MariadbOptions {
  /** @default the server has no TLS */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export interface Mariadb {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  connect(user?: string, password?: string): Promise<Connection>;
  /** Runs one statement as root, past the log of statements. */
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Every statement that the server has got. */
  log(): string;
  stop(): Promise<void>;
}

/** Programs of the installed server, or of one that was extracted into the folder that STRONGROOM_MARIADB names. */
function programs(): { readonly server: string; readonly install: readonly [string, ...string[]] } {
  const root = process.env.STRONGROOM_MARIADB;
  if (!root) return { server: 'mariadbd', install: ['mariadb-install-db'] };
  const found = (...names: readonly string[]) => names.map((name) => join(root, name)).find(existsSync);
  return {
    server: found('bin/mariadbd', 'sbin/mariadbd') ?? join(root, 'bin/mariadbd'),
    install: [
      found('scripts/mariadb-install-db', 'bin/mariadb-install-db') ?? join(root, 'bin/mariadb-install-db'),
      `--basedir=${root}`,
    ],
  };
}

/** Why no MariaDB can be started here, or undefined. */
export function mariadbMissing(): string | undefined {
  const root = process.env.STRONGROOM_MARIADB;
  if (root) {
    const { server, install } = programs();
    const missing = [server, install[0]].filter((program) => !existsSync(program));
    return missing.length === 0 ? undefined : 'STRONGROOM_MARIADB does not name a folder with an extracted MariaDB';
  }
  const found = ['mariadbd', 'mariadb-install-db'].filter((tool) => spawnSync(tool, ['--version']).error);
  return found.length === 0 ? undefined : `${found.join(' and ')} not found; install the package mariadb-server`;
}

/** Starts an empty MariaDB with its general log on a free port of the loopback interface. */
export async function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-mariadb-'));
  const data = join(folder, 'data');
  const general = join(folder, 'general.log');
  mkdirSync(data);
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const {
    server: program,
    install: [install, ...base],
  } = programs();
  const made = spawnSync(
    install,
    [
      '--no-defaults',
      ...base,
      `--datadir=${data}`,
      '--skip-test-db',
      '--auth-root-authentication-method=normal',
      ...asRoot,
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`mariadb-install-db failed: ${made.error?.message ?? `${made.stderr}${made.stdout}`}`);
  }
  const init = join(folder, 'init.sql');
  writeFileSync(init, `ALTER USER root@localhost IDENTIFIED BY '${ROOT_PASSWORD}';\n`);
  const tls = options.tls ? [`--ssl-cert=${join(folder, 'c.pem')}`, `--ssl-key=${join(folder, 'k.pem')}`] : [];
  if (options.tls) {
    writeFileSync(join(folder, 'c.pem'), options.tls.certificate);
    writeFileSync(join(folder, 'k.pem'), options.tls.key, { mode: 0o600 });
  }
  const port = await freePort();
  const child = spawn(
    program,
    [
      ...['--no-defaults', ...base],
      ...[`--datadir=${data}`, `--port=${port}`, '--bind-address=127.0.0.1', `--socket=${join(folder, 's')}`],
      ...[
        '--skip-name-resolve=0',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=16M',
        `--init-file=${init}`,
      ],
      ...['--general-log=1', `--general-log-file=${general}`, `--pid-file=${join(folder, 'pid')}`, ...tls, ...asRoot],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  let ended = false;
  const exited = new Promise<void>((resolve) =>
    child.once('exit', () => {
      ended = true;
      resolve();
    }),
  );
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const connect = (user = 'root', password = ROOT_PASSWORD) =>
    createConnection({ host: '127.0.0.1', port, user, password, multipleStatements: false });
  const query = async (sql: string) => {
    const connection = await connect();
    try {
      await connection.query('SET SESSION sql_log_off = 1');
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? (rows as Record<string, unknown>[]) : [];
    } finally {
      await connection.end();
    }
  };
  for (let tries = 0; ; tries++) {
    if (ended || tries > 300) throw new Error(`mariadbd did not start: ${errors}`);
    const up = await query('SELECT 1').catch(() => undefined);
    if (up) break;
    await sleep(100);
  }
  const [row] = await query('SELECT VERSION() AS version');
  return {
    host: '127.0.0.1',
    port,
    version: String(row?.version),
    connect,
    query,
    log: () => readFileSync(general, 'utf8'),
    stop: async () => {
      child.kill('SIGTERM');
      await exited;
      process.removeListener('exit', kill);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
