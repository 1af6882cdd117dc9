import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
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

/** The server's programs, and what they need to run. */
interface Programs {
  readonly server: string;
  readonly install: string;
  readonly arguments: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** The installed programs, or those below the folder that `STRONGROOM_MARIADB` names. */
function programs(): Programs {
  const root = process.env.STRONGROOM_MARIADB;
  if (!root) return { server: 'mariadbd', install: 'mariadb-install-db', arguments: [], env: process.env };
  const libraries = [join(root, 'libs'), process.env.LD_LIBRARY_PATH].filter(Boolean).join(delimiter);
  return {
    server: join(root, 'bin/mariadbd'),
    install: join(root, 'scripts/mariadb-install-db'),
    arguments: [`--basedir=${root}`],
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  };
}

/** Why no MariaDB can be started here, or undefined. */
export function mariadbMissing(): string | undefined {
  const { server, install, env } = programs();
  const lacking = [server, install].filter((tool) => spawnSync(tool, ['--help'], { env }).error);
  return lacking.length === 0 ? undefined : `${lacking.join(' and ')} not found; install the package mariadb-server`;
}

/** Starts an empty MariaDB with its general log on a free port of the loopback interface. */
export async function startMariadb(options: MariadbOptions = {}): Promise<Mariadb> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-mariadb-'));
  const data = join(folder, 'data');
  const general = join(folder, 'general.log');
  mkdirSync(data);
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const { server, install, env, arguments: own } = programs();
  const made = spawnSync(
    install,
    [
      '--no-defaults',
      ...own,
      `--datadir=${data}`,
      '--skip-test-db',
      '--auth-root-authentication-method=normal',
      ...asRoot,
    ],
    { encoding: 'utf8', env },
  );
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`mariadb-install-db failed: ${made.stderr}${made.stdout}`);
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
    server,
    [
      ...[
        '--no-defaults',
        ...own,
        `--datadir=${data}`,
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        `--socket=${join(folder, 's')}`,
      ],
      ...[
        '--skip-name-resolve=0',
        '--innodb-flush-log-at-trx-commit=0',
        '--innodb-buffer-pool-size=16M',
        `--init-file=${init}`,
      ],
      ...['--general-log=1', `--general-log-file=${general}`, `--pid-file=${join(folder, 'pid')}`, ...tls, ...asRoot],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env },
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
