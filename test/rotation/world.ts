import { randomUUID } from 'node:crypto';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { RotationRecord } from '../../emulator/rotation-driver';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { type Handler, handlerIn } from '../../rotation/handler';
import { connect as realConnect } from '../../rotation/postgres/connection';
import { type SecretStore, secretsManager } from '../../rotation/secrets-manager';
import { type Postgres, type PostgresOptions, startPostgres } from '../support/postgres';
import type { CrashPlan } from './crash';

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
  readonly plan?: CrashPlan;
  /** @default one that tries every call once */
  readonly store?: SecretStore;
}

/** One application's secret and the function that rotates it. */
export interface Application {
  readonly role: string;
  readonly arn: string;
  readonly functionArn: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The lines that the function has written. */
  readonly lines: string[];
  /** Replaced by tests that crash it. */
  handle: Handler;
  /** Registers a pending version, as the service does before it calls the function. */
  begin(): Promise<string>;
  step(step: string, token: string): Promise<void>;
  /** A whole rotation by the service, with its retries; returns what came of it. */
  rotate(): Promise<RotationRecord>;
  labels(): Promise<Readonly<Record<string, readonly string[]>>>;
  password(version?: string): Promise<string>;
  logsIn(password: string): Promise<boolean>;
  put(changes: Readonly<Record<string, unknown>>): Promise<void>;
}

export function clientOf({ endpoint }: { readonly endpoint: string }, maxAttempts = 1): SecretsManagerClient {
  return new SecretsManagerClient({
    endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts,
  });
}

export async function startWorld(options: PostgresOptions = {}): Promise<World> {
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
  const manager = await startSecretsManager();
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
  const { service } = manager;
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
  const created = await service.call('CreateSecret', {
    Name: `test/${randomUUID()}`,
    SecretString: JSON.stringify(seed),
  });
  const arn = String(created.ARN);
  const functionArn = `arn:aws:lambda:eu-central-1:111122223333:function:${randomUUID()}`;
  const variables = {
    STRONGROOM_ROTATOR: 'postgres-single-user',
    STRONGROOM_SECRETS: JSON.stringify([arn]),
    STRONGROOM_HOST: postgres.host,
    STRONGROOM_PORT: String(postgres.port),
    STRONGROOM_DATABASE: DATABASE,
    STRONGROOM_TLS: 'disabled',
    ...(options.superuser === false ? {} : { STRONGROOM_SUPERUSER_SECRET: masterSecret }),
    ...options.variables,
  };
  const lines: string[] = [];
  const app: Application = {
    role,
    arn,
    functionArn,
    variables,
    lines,
    handle: handlerIn({
      variables,
      store: options.plan?.store(store) ?? options.store ?? store,
      reach: { connect: options.plan?.connect(realConnect) ?? realConnect },
      write: (line) => lines.push(line),
    }),
    begin: async () => {
      const token = randomUUID();
      // A function that never answers: the steps are called by hand.
      service.registerFunction(`${functionArn}:by-hand`, () => new Promise(() => {}));
      await service.call('RotateSecret', {
        SecretId: arn,
        RotationLambdaARN: `${functionArn}:by-hand`,
        ClientRequestToken: token,
      });
      return token;
    },
    step: (step, token) =>
      app.handle({ Step: step, SecretId: arn, ClientRequestToken: token, RotationToken: randomUUID() }),
    rotate: async () => {
      service.registerFunction(functionArn, (event) => app.handle(event));
      await service.call('RotateSecret', { SecretId: arn, RotationLambdaARN: functionArn });
      await service.driver.settled(arn);
      const record = service.driver.records.filter(({ secretArn }) => secretArn === arn).at(-1);
      if (!record) throw new Error('the rotation left no record');
      return record;
    },
    labels: async () =>
      (await service.call('DescribeSecret', { SecretId: arn })).VersionIdsToStages as Readonly<
        Record<string, readonly string[]>
      >,
    password: async (version) => {
      const answer = await service.call('GetSecretValue', {
        SecretId: arn,
        ...(version === undefined ? {} : { VersionId: version }),
      });
      return (JSON.parse(String(answer.SecretString)) as { password: string }).password;
    },
    logsIn: async (password) => {
      try {
        await (await postgres.connect(role, password, DATABASE)).end();
        return true;
      } catch (error) {
        if ((error as { code?: string }).code === '28P01') return false;
        throw error;
      }
    },
    put: async (changes) => {
      const answer = await service.call('GetSecretValue', { SecretId: arn });
      const value = { ...(JSON.parse(String(answer.SecretString)) as object), ...changes };
      await service.call('PutSecretValue', { SecretId: arn, SecretString: JSON.stringify(value) });
    },
  };
  return app;
}
