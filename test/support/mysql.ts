import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';

export const ROOT_PASSWORD = 'root-of-the-tests';

export interface MysqlOptions {
  /** @default the server has no TLS */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

export interface Mysql {
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

/** Why no MySQL can be started here, or undefined. */
export function mysqlMissing(): string | undefined {
  const root = process.env.STRONGROOM_MYSQL;
  if (!root) return 'STRONGROOM_MYSQL does not name a folder with an extracted MySQL; see docs/rotators.md';
  return existsSync(join(root, 'usr/sbin/mysqld')) ? undefined : 'there is no usr/sbin/mysqld in STRONGROOM_MYSQL';
}

/** The extracted server with its own loader and libraries, so that the machine's stay as they are. */
function command(data: string): readonly [string, ...string[]] {
  const root = process.env.STRONGROOM_MYSQL ?? '';
  const libraries = join(root, 'usr/lib/x86_64-linux-gnu');
  return [
    join(libraries, 'ld-linux-x86-64.so.2'),
    ...['--library-path', libraries, join(root, 'usr/sbin/mysqld'), '--no-defaults', `--datadir=${data}`],
    ...[`--lc-messages-dir=${join(root, 'usr/share/mysql')}`, `--plugin-dir=${join(root, 'usr/lib/mysql/plugin')}`],
    ...['--performance-schema=OFF', '--innodb-redo-log-capacity=8M', '--innodb-buffer-pool-size=32M', '--skip-log-bin'],
    ...(process.getuid?.() === 0 ? ['--user=root'] : []),
  ];
}

/** Starts an empty MySQL with its general log on a free port of the loopback interface. */
export async function startMysql(options: MysqlOptions = {}): Promise<Mysql> {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-mysql-'));
  const data = join(folder, 'data');
  const general = join(folder, 'general.log');
  const [loader, ...args] = command(data);
  const made = spawnSync(loader, [...args, '--initialize-insecure'], { encoding: 'utf8' });
  if (made.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`mysqld --initialize-insecure failed: ${made.stderr}${made.stdout}`);
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
    loader,
    [
      ...args,
      ...[
        `--port=${port}`,
        '--bind-address=127.0.0.1',
        '--mysqlx=OFF',
        '--secure-file-priv=NULL',
        `--init-file=${init}`,
      ],
      ...[`--socket=${join(folder, 's')}`, '--general-log=1', `--general-log-file=${general}`, ...tls],
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
    if (ended || tries > 300) throw new Error(`mysqld did not start: ${errors}`);
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
