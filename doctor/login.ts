import { readFileSync } from 'node:fs';
import type { LoginOutcome } from './diagnose';

const CONNECT_LIMIT_MS = 5_000;

export interface LoginOptions {
  /** A file of certificates that the server's is checked against. @default those that Node.js trusts */
  readonly caFile?: string;
  /** Talks to the database without TLS. @default false */
  readonly withoutTls?: boolean;
}

interface Place {
  readonly host: string;
  readonly port: number;
  readonly database: string | undefined;
  readonly user: string;
  readonly password: string;
}

/** Logs in with what a secret says, and out again. */
export async function tryLogin(secretText: string, options: LoginOptions): Promise<LoginOutcome> {
  const secret = parse(secretText);
  const { engine, host, port, dbname, username, password } = secret ?? {};
  if (typeof host !== 'string' || typeof username !== 'string' || typeof password !== 'string')
    return notTried('the value is no JSON with host, username and password');
  const database = typeof dbname === 'string' ? dbname : undefined;
  const at = (usual: number): Place => ({ host, port: Number(port ?? usual), database, user: username, password });
  const ssl = options.withoutTls
    ? undefined
    : {
        rejectUnauthorized: true,
        ...(options.caFile === undefined ? {} : { ca: readFileSync(options.caFile, 'utf8') }),
      };
  switch (engine) {
    case 'postgres':
      return postgres(at(5432), ssl);
    case 'mysql':
    case 'mariadb':
      return mysql(at(3306), ssl);
    default:
      return notTried(`there is no login for the engine ${JSON.stringify(engine)}`);
  }
}

type Tls = { readonly rejectUnauthorized: boolean; readonly ca?: string } | undefined;

async function postgres(place: Place, ssl: Tls): Promise<LoginOutcome> {
  const driver = await import('pg').catch(() => undefined);
  if (!driver) return notTried('the package pg is not installed; npm install pg');
  const client = new driver.default.Client({
    ...{ host: place.host, port: place.port, user: place.user, password: place.password },
    database: place.database ?? 'postgres',
    connectionTimeoutMillis: CONNECT_LIMIT_MS,
    ssl: ssl ?? false,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return { kind: 'accepted' };
  } catch (error) {
    return outcomeOf(error, ['28P01', '28000']);
  } finally {
    await client.end().catch(() => {});
  }
}

async function mysql(place: Place, ssl: Tls): Promise<LoginOutcome> {
  const driver = await import('mysql2/promise').catch(() => undefined);
  if (!driver) return notTried('the package mysql2 is not installed; npm install mysql2');
  try {
    const connection = await driver.createConnection({
      ...{ host: place.host, port: place.port, user: place.user, password: place.password },
      ...(place.database === undefined ? {} : { database: place.database }),
      connectTimeout: CONNECT_LIMIT_MS,
      ...(ssl === undefined ? {} : { ssl }),
    });
    await connection.end().catch(() => {});
    return { kind: 'accepted' };
  } catch (error) {
    return outcomeOf(error, ['ER_ACCESS_DENIED_ERROR']);
  }
}

/** Only a refusal of the password counts as one: everything else says nothing about it. */
function outcomeOf(error: unknown, refusals: readonly string[]): LoginOutcome {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  // 28000 is also how PostgreSQL says that pg_hba.conf has no line for this client.
  if (code === '28000' && /pg_hba/.test(message ?? ''))
    return notTried('the database does not let this machine in (pg_hba.conf)');
  if (code !== undefined && refusals.includes(code)) return { kind: 'refused' };
  return notTried(`the database was not reached (${code ?? message ?? 'unknown'})`);
}

function notTried(reason: string): LoginOutcome {
  return { kind: 'not tried', reason };
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}
