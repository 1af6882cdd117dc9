import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Connection, createConnection } from 'mysql2/promise';
import { freePort } from './free-port';

export const ROOT_PASSWORD = 'root-of-the-tests';

/** Tenths of a second until a server that does not answer counts as one that did not start. */
const PATIENCE = 300;

export interface SqlServerOptions {
  /** @default the server has no TLS */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** More options of the server, by name, such as `{ 'tls-version': 'TLSv1.2' }`. @default none */
  readonly settings?: Readonly<Record<string, string>>;
}

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** MariaDB or MySQL, empty but for root, with its general log, on the loopback interface. */
export interface SqlServer {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  connect(user?: string, password?: string): Promise<Connection>;
  /** Runs one statement as root, past the log of statements. */
  query(sql: string): Promise<Rows>;
  /** Runs some, one after the other, on one connection. */
  queries(statements: readonly string[]): Promise<readonly Rows[]>;
  /** Every statement that the server has got. */
  log(): string;
  /** Ends the server as a power cut would, and starts it again at the same port; resolves when it answers. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

type Command = readonly [string, ...string[]];

/** What differs between the two. */
export interface SqlServerKind {
  readonly name: string;
  /** Makes a data directory that lets root in without a password. */
  initialise(data: string): Command;
  /** Serves a data directory; the ways in are added to it. */
  serve(data: string): Command;
}

/** Runs the server as root where the tests do: it refuses to, unless it is told so. */
export const AS_ROOT = process.getuid?.() === 0 ? ['--user=root'] : [];

export async function startSqlServer(kind: SqlServerKind, options: SqlServerOptions = {}): Promise<SqlServer> {
  const folder = mkdtempSync(join(tmpdir(), `strongroom-${kind.name}-`));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  try {
    return await start(kind, folder, options);
  } catch (error) {
    remove();
    throw error;
  }
}

async function start(kind: SqlServerKind, folder: string, options: SqlServerOptions): Promise<SqlServer> {
  const data = join(folder, 'data');
  mkdirSync(data);
  const [maker, ...makersArguments] = kind.initialise(data);
  const made = spawnSync(maker, makersArguments, { encoding: 'utf8' });
  if (made.status !== 0)
    throw new Error(`${kind.name} made no data directory: ${made.error?.message ?? `${made.stderr}${made.stdout}`}`);
  const general = join(folder, 'general.log');
  writeFileSync(join(folder, 'init.sql'), `ALTER USER root@localhost IDENTIFIED BY '${ROOT_PASSWORD}';\n`);
  const port = await freePort();
  const [program, ...given] = kind.serve(data);
  const args = [
    ...given,
    ...[
      `--port=${port}`,
      '--bind-address=127.0.0.1',
      `--socket=${join(folder, 's')}`,
      `--pid-file=${join(folder, 'pid')}`,
    ],
    ...[`--init-file=${join(folder, 'init.sql')}`, '--general-log=1', `--general-log-file=${general}`],
    ...tlsArguments(folder, options.tls),
    ...Object.entries(options.settings ?? {}).map(([name, value]) => `--${name}=${value}`),
  ];
  const connect = (user = 'root', password = ROOT_PASSWORD) =>
    createConnection({ host: '127.0.0.1', port, user, password, multipleStatements: false, maxPreparedStatements: 1 });
  const queries = async (statements: readonly string[]) => {
    const connection = await connect();
    try {
      await connection.query('SET SESSION sql_log_off = 1');
      const answers: Rows[] = [];
      for (const sql of statements) {
        const [rows] = await connection.query(sql);
        answers.push(Array.isArray(rows) ? (rows as Record<string, unknown>[]) : []);
      }
      return answers;
    } finally {
      await connection.end();
    }
  };
  const query = async (sql: string) => (await queries([sql]))[0] ?? [];
  const life = new ServerProcess(kind.name, program, args, () => query('SELECT 1'));
  await life.start();
  const [row] = await query('SELECT VERSION() AS version');
  return {
    host: '127.0.0.1',
    port,
    version: String(row?.version),
    connect,
    query,
    queries,
    log: () => readFileSync(general, 'utf8'),
    restart: async () => {
      await life.end('SIGKILL');
      await life.start();
    },
    stop: async () => {
      await life.end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** One server, process after process. */
class ServerProcess {
  private child: ChildProcess | undefined;
  private readonly kill = () => this.child?.kill('SIGKILL');

  constructor(
    private readonly name: string,
    private readonly program: string,
    private readonly args: readonly string[],
    private readonly answers: () => Promise<unknown>,
  ) {}

  async start(): Promise<void> {
    const child = spawn(this.program, this.args, { stdio: ['ignore', 'ignore', 'pipe'] });
    this.child = child;
    let said = '';
    let ended = false;
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
    for (const event of ['exit', 'error'] as const)
      child.once(event, () => {
        ended = true;
      });
    process.once('exit', this.kill);
    for (let tries = 0; ; tries++) {
      const up = await this.answers().then(
        () => true,
        () => false,
      );
      if (up) return;
      if (ended || tries > PATIENCE) {
        await this.end('SIGKILL');
        throw new Error(`${this.name} did not start: ${said}`);
      }
      await sleep(100);
    }
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    process.removeListener('exit', this.kill);
    if (!child || child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }
}

function tlsArguments(folder: string, tls: SqlServerOptions['tls']): readonly string[] {
  if (!tls) return [];
  const [certificate, key] = [join(folder, 'c.pem'), join(folder, 'k.pem')];
  writeFileSync(certificate, tls.certificate);
  writeFileSync(key, tls.key, { mode: 0o600 });
  return [`--ssl-cert=${certificate}`, `--ssl-key=${key}`];
}
