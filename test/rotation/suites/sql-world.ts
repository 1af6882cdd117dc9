import { randomUUID } from 'node:crypto';
import type { SqlServer } from '../../../drill/servers/sql-server';
import { type SecretsManagerServer, startSecretsManager } from '../../../emulator/server';
import { connect } from '../../../rotation/mysql/connection';
import { secretsManager } from '../../../rotation/secrets-manager';
import type { CrashPlan } from '../crash';
import { makeSubject, type Subject } from '../subject';
import { clientOf } from '../world';

export interface SqlWorldOptions {
  readonly engine: string;
  readonly rotator: string;
  /** @default 'shop' */
  readonly database?: string;
}

export interface SubjectOptions {
  readonly plan?: Pick<CrashPlan, 'store' | 'connect'>;
  readonly name?: string;
  readonly host?: string;
  readonly keys?: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, string | undefined>>;
  /** The secret and the function are there, and no user. @default false */
  readonly missing?: boolean;
  /** What `CREATE USER` says after the password. */
  readonly rules?: string;
  /** Replaces the secret with the superuser. */
  readonly master?: string;
}

/** A server and a Secrets Manager, with as many users as a test wants. */
export interface SqlWorld {
  readonly server: SqlServer;
  readonly manager: SecretsManagerServer;
  /** A new user, and the secret and the function that rotate it. */
  user(options?: SubjectOptions): Promise<Subject>;
  /** A secret with another superuser. */
  superuser(username: string, password: string): Promise<string>;
  opens(value: Readonly<Record<string, unknown>>): Promise<boolean>;
  stop(): Promise<void>;
}

export function sqlName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}

/**
 * What a server says when it refuses a password. MariaDB asks a user that it doesn't know in the way of some other account,
 * and says the second where that one has no password.
 */
const REFUSED = [1045, 1698];

/** Whether a server lets the user of a value in; only errors that are named count as no. */
export async function lets(
  server: Pick<SqlServer, 'connect'>,
  { username, password }: Readonly<Record<string, unknown>>,
  no: readonly number[] = REFUSED,
): Promise<boolean> {
  try {
    await (await server.connect(String(username), String(password))).end();
    return true;
  } catch (error) {
    if (no.includes((error as { errno?: number }).errno ?? 0)) return false;
    throw error;
  }
}

export async function startSqlWorld(
  server: SqlServer,
  rootPassword: string,
  { engine, rotator, database = 'shop' }: SqlWorldOptions,
): Promise<SqlWorld> {
  const manager = await startSecretsManager();
  const superuser = async (username: string, password: string) =>
    String(
      (
        await manager.service.call('CreateSecret', {
          Name: `superuser/${randomUUID()}`,
          SecretString: JSON.stringify({ username, password }),
        })
      ).ARN,
    );
  const root = await superuser('root', rootPassword);
  const store = secretsManager(clientOf(manager));
  let users = 0;
  return {
    server,
    manager,
    superuser,
    user: async (options = {}) => {
      const username = options.name ?? `app_${++users}`;
      const password = randomUUID();
      const { host, port } = server;
      if (options.missing !== true) {
        await server.query(
          `CREATE USER ${sqlName(username)}@'${options.host ?? '127.%'}' IDENTIFIED BY '${password}' ${options.rules ?? ''}`,
        );
      }
      return makeSubject(manager, {
        seed: { engine, host, port, dbname: database, username, password, ...options.keys },
        variables: {
          STRONGROOM_ROTATOR: rotator,
          STRONGROOM_HOST: host,
          STRONGROOM_PORT: String(port),
          STRONGROOM_DATABASE: database,
          STRONGROOM_TLS: 'disabled',
          STRONGROOM_SUPERUSER_SECRET: options.master ?? root,
          STRONGROOM_USERNAME: username,
          ...options.variables,
        },
        store: options.plan?.store(store) ?? store,
        reach: { connectToMysql: options.plan?.connect(connect) ?? connect },
      });
    },
    // Locked counts too: that is what a clone in the making is.
    opens: (value) => lets(server, value, [...REFUSED, 3118, 4151]),
    stop: async () => {
      await manager.close();
      await server.stop();
    },
  };
}
