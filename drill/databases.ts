import { randomBytes } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { mariadbMissing, startMariadb } from './servers/mariadb';
import { mysqlMissing, startMysql } from './servers/mysql';
import { startPostgres } from './servers/postgres';
import type { SqlServer } from './servers/sql-server';
import { ROOT_PASSWORD } from './servers/sql-server';

export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A connection of a client. */
export interface ClientSession {
  ask(): Promise<unknown>;
  end(): Promise<void>;
}

/** A server with a database to rotate in. */
export interface DrillDatabase {
  readonly version: string;
  readonly host: string;
  readonly port: number;
  /** The administrator whose secret the function reads. */
  readonly master: Credentials;
  /** Makes the user of the secret, where rotation does not. */
  makeUser(user: Credentials): Promise<void>;
  /** Logs in. @throws whatever the driver does */
  connect(credentials: Credentials): Promise<ClientSession>;
  /** Whether an error means that the password was refused, and nothing else. */
  refused(error: unknown): boolean;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface Engine {
  /** How it is rotated, by the end of the rotator's name; the first is the default. */
  readonly strategies: readonly string[];
  /** Why there is none here and how to get one, or undefined. */
  missing(): string | undefined;
  start(): Promise<DrillDatabase>;
}

/** Name of the database in which there is something to read. */
export const DATABASE = 'drill';

export const ENGINES: Readonly<Record<string, Engine>> = {
  postgres: {
    strategies: ['single-user', 'alternating-users'],
    missing: () => undefined,
    start: startPostgresDrill,
  },
  mariadb: {
    strategies: ['two-passwords', 'alternating-users'],
    missing: mariadbMissing,
    start: () => startMariadb().then(sqlDatabase),
  },
  mysql: {
    strategies: ['dual-password', 'alternating-users'],
    missing: mysqlMissing,
    start: () => startMysql().then(sqlDatabase),
  },
};

async function startPostgresDrill(): Promise<DrillDatabase> {
  const server = await startPostgres({ settings: { max_connections: '100' } });
  try {
    const master = { username: 'drill_master', password: randomBytes(18).toString('hex') };
    await server.query(`CREATE ROLE ${master.username} LOGIN CREATEROLE CREATEDB PASSWORD '${master.password}'`);
    await server.query(`CREATE DATABASE ${DATABASE} OWNER ${master.username}`);
    const [row] = await server.query('SHOW server_version');
    const { host, port } = server;
    return {
      version: `PostgreSQL ${row?.server_version}`,
      host,
      port,
      master,
      makeUser: async () => {},
      connect: async ({ username: user, password }) => {
        const client = new Client({ host, port, database: DATABASE, user, password, ssl: false });
        client.on('error', () => {});
        try {
          await client.connect();
        } catch (error) {
          await client.end().catch(() => {});
          throw error;
        }
        return { ask: () => client.query('SELECT 1'), end: () => client.end() };
      },
      refused: (error) => (error as { code?: unknown }).code === '28P01',
      restart: server.restart,
      stop: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function sqlDatabase(server: SqlServer): Promise<DrillDatabase> {
  const { host, port } = server;
  await server.query(`CREATE DATABASE ${DATABASE}`);
  return {
    version: server.version,
    host,
    port,
    master: { username: 'root', password: ROOT_PASSWORD },
    makeUser: async ({ username, password }) => {
      await server.query(`CREATE USER ${username}@'127.%' IDENTIFIED BY '${password}'`);
      await server.query(`GRANT SELECT, INSERT, UPDATE, DELETE ON ${DATABASE}.* TO ${username}@'127.%'`);
    },
    connect: async ({ username: user, password }) => {
      const connection = await createConnection({
        host,
        port,
        user,
        password,
        database: DATABASE,
        maxPreparedStatements: 1,
      });
      connection.on('error', () => {});
      return { ask: () => connection.query('SELECT 1'), end: () => connection.end() };
    },
    refused: (error) => [1045, 1698].includes(Number((error as { errno?: unknown }).errno)),
    restart: server.restart,
    stop: server.stop,
  };
}
