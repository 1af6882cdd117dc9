import { randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { type SecretsManagerServer, type ServerOptions, startSecretsManager } from '../../emulator/server';
import { connect as realConnect } from '../../rotation/postgres/connection';
import { type SecretStore, secretsManager } from '../../rotation/secrets-manager';
import { type Postgres, type PostgresOptions, startPostgres } from '../support/postgres';
import type { CrashPlan } from './crash';
import { makeSubject, type Subject } from './subject';

export const MASTER = 'master';
export const DATABASE = 'app';

/** Real parts: an empty PostgreSQL with an administrator like RDS's, and a Secrets Manager that is spoken to over HTTP. */
export interface World {
  readonly postgres: Postgres;
  readonly manager: SecretsManagerServer;
  readonly store: SecretStore;
  readonly masterSecret: string;
  readonly masterPassword: string;
  application(options?: ApplicationOptions): Promise<Application>;
  /** Whether the database lets the user of a secret's value in. */
  opens(value: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** Runs SQL as the superuser past the server's log, in which the tests look for passwords. */
  unlogged(sql: string): Promise<void>;
  stop(): Promise<void>;
}

export interface ApplicationOptions {
  readonly role?: string;
  /** More environment variables of the function. */
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** More keys of the secret. */
  readonly keys?: Readonly<Record<string, unknown>>;
  /** @default true */
  readonly superuser?: boolean;
  readonly plan?: Pick<CrashPlan, 'store' | 'connect'>;
  /** @default one that tries every call once */
  readonly store?: SecretStore;
}

/** One application's secret, and its role in the database. */
export interface Application extends Subject {
  readonly role: string;
  password(version?: string): Promise<string>;
  logsIn(password: string): Promise<boolean>;
}

export function clientOf({ endpoint }: { readonly endpoint: string }, maxAttempts = 1): SecretsManagerClient {
  return new SecretsManagerClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });
}

export async function startWorld(options: PostgresOptions = {}, serverOptions: ServerOptions = {}): Promise<World> {
  const masterPassword = randomUUID();
  const postgres = await startPostgres({
    ...options,
    settings: { log_statement: 'all', log_connections: 'on', ...options.settings },
  });
  const unlogged = async (sql: string) => {
    const client = await postgres.connect();
    try {
      await client.query("SET log_statement = 'none'");
      await client.query(sql);
    } finally {
      await client.end();
    }
  };
  await unlogged(`CREATE ROLE ${MASTER} LOGIN CREATEROLE CREATEDB PASSWORD '${masterPassword}'`);
  await postgres.query(`CREATE DATABASE ${DATABASE} OWNER ${MASTER}`);
  const manager = await startSecretsManager(serverOptions);
  const { service } = manager;
  const store = secretsManager(clientOf(manager));
  const master = await service.call('CreateSecret', {
    Name: 'rds!db-master',
    SecretString: JSON.stringify({ username: MASTER, password: masterPassword }),
  });
  const masterSecret = String(master.ARN);
  return {
    postgres,
    manager,
    store,
    masterSecret,
    masterPassword,
    unlogged,
    opens: (value) => lets(postgres, String(value.username), String(value.password)),
    application: (settings = {}) => application({ postgres, manager, store, masterSecret }, settings),
    stop: async () => {
      await manager.close();
      await postgres.stop();
    },
  };
}

type Parts = Pick<World, 'postgres' | 'manager' | 'store' | 'masterSecret'>;

let applications = 0;

async function application(
  { postgres, manager, store, masterSecret }: Parts,
  options: ApplicationOptions,
): Promise<Application> {
  const role = options.role ?? `app_${++applications}`;
  const seed = {
    engine: 'postgres',
    host: postgres.host,
    port: postgres.port,
    dbname: DATABASE,
    username: role,
    password: randomUUID(),
    ...options.keys,
  };
  const variables = {
    STRONGROOM_ROTATOR: 'postgres-single-user',
    STRONGROOM_HOST: postgres.host,
    STRONGROOM_PORT: String(postgres.port),
    STRONGROOM_DATABASE: DATABASE,
    STRONGROOM_TLS: 'disabled',
    ...(options.superuser === false ? {} : { STRONGROOM_SUPERUSER_SECRET: masterSecret }),
    ...options.variables,
  };
  const subject = await makeSubject(manager, {
    seed,
    variables,
    store: options.plan?.store(store) ?? options.store ?? store,
    reach: { connect: options.plan?.connect(realConnect) ?? realConnect },
  });
  return Object.assign(subject, {
    role,
    password: async (version?: string) => String((await subject.value(version)).password),
    logsIn: (password: string) => lets(postgres, role, password),
  });
}

/** Whether the database lets a user in; only a refused password counts as no. */
export async function lets(postgres: Postgres, user: string, password: string, database = DATABASE): Promise<boolean> {
  try {
    await (await postgres.connect(user, password, database)).end();
    return true;
  } catch (error) {
    if ((error as { code?: string }).code === '28P01') return false;
    throw error;
  }
}
