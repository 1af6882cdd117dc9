import { randomUUID } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { type SecretsManagerServer, startSecretsManager } from '../../../emulator/server';
import { connect } from '../../../rotation/mysql/connection';
import { secretsManager } from '../../../rotation/secrets-manager';
import type { CrashPlan } from '../crash';
import { makeSubject, type Subject } from '../subject';
import { clientOf } from '../world';

/** A running MariaDB or MySQL. */
export interface SqlServer {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  connect(user?: string, password?: string): Promise<Connection>;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  log(): string;
  stop(): Promise<void>;
}

export interface SubjectOptions {
  readonly plan?: CrashPlan;
  readonly name?: string;
  readonly host?: string;
  readonly keys?: Readonly<Record<string, unknown>>;
  readonly variables?: Readonly<Record<string, string | undefined>>;
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

export async function startSqlWorld(
  server: SqlServer,
  rootPassword: string,
  { engine, rotator }: { readonly engine: string; readonly rotator: string },
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
  let users = 0;
  return {
    server,
    manager,
    superuser,
    user: async (options = {}) => {
      const username = options.name ?? `app_${++users}`;
      const password = randomUUID();
      const store = secretsManager(clientOf(manager));
      const { host, port } = server;
      await server.query(`CREATE USER ${sqlName(username)}@'${options.host ?? '127.%'}' IDENTIFIED BY '${password}'`);
      return makeSubject(manager, {
        seed: { engine, host, port, dbname: 'shop', username, password, ...options.keys },
        variables: {
          STRONGROOM_ROTATOR: rotator,
          STRONGROOM_HOST: host,
          STRONGROOM_PORT: String(port),
          STRONGROOM_DATABASE: 'shop',
          STRONGROOM_TLS: 'disabled',
          STRONGROOM_SUPERUSER_SECRET: options.master ?? root,
          STRONGROOM_USERNAME: username,
          ...options.variables,
        },
        store: options.plan?.store(store) ?? store,
        reach: { connectToMysql: options.plan?.connect(connect) ?? connect },
      });
    },
    opens: async ({ username, password }) => {
      try {
        await (await server.connect(String(username), String(password))).end();
        return true;
      } catch (error) {
        // Refused, or locked, which a clone in the making is.
        if ([1045, 3118, 4151].includes((error as { errno?: number }).errno ?? 0)) return false;
        throw error;
      }
    },
    stop: async () => {
      await manager.close();
      await server.stop();
    },
  };
}
