import { API_KEY_ROTATOR, type ApiKeyConfiguration } from './api-key/description';
import { type Send, send } from './api-key/request';
import type { Configuration } from './configuration';
import type { Connect } from './database';
import { connect as connectToMysql, loadDriver as loadMysql } from './mysql/connection';
import { connect, loadDriver as loadPostgres } from './postgres/connection';
import type { Rotator } from './rotator';
import { httpApiKey } from './rotators/http-api-key';
import { mariadbAlternatingUsers } from './rotators/mariadb-alternating-users';
import { mariadbTwoPasswords } from './rotators/mariadb-two-passwords';
import { mysqlAlternatingUsers } from './rotators/mysql-alternating-users';
import { mysqlDualPassword } from './rotators/mysql-dual-password';
import { postgresAlternatingUsers } from './rotators/postgres-alternating-users';
import { postgresSingleUser } from './rotators/postgres-single-user';

/** What rotators reach the world with; tests replace it. */
export interface Reach {
  /** Logs in to PostgreSQL. */
  readonly connect: Connect;
  /** Logs in to MySQL or MariaDB. */
  readonly connectToMysql: Connect;
  /** Sends a request to a provider of API keys. */
  readonly send: Send;
}

const REAL: Reach = { connect, connectToMysql, send };

const ROTATORS = {
  'postgres-single-user': postgresSingleUser,
  'postgres-alternating-users': postgresAlternatingUsers,
  'mariadb-two-passwords': mariadbTwoPasswords,
  'mysql-dual-password': mysqlDualPassword,
  'mariadb-alternating-users': mariadbAlternatingUsers,
  'mysql-alternating-users': mysqlAlternatingUsers,
} satisfies Record<string, (configuration: Configuration, reach: Reach) => Rotator>;

/** Rotators of a user in a database. */
export type DatabaseRotatorName = keyof typeof ROTATORS;

export type RotatorName = DatabaseRotatorName | typeof API_KEY_ROTATOR;

export const ROTATOR_NAMES = [...Object.keys(ROTATORS), API_KEY_ROTATOR];

export function isRotatorName(name: string | undefined): name is RotatorName {
  return name !== undefined && ROTATOR_NAMES.includes(name);
}

export function isDatabaseRotator(name: string | undefined): name is DatabaseRotatorName {
  return name !== undefined && Object.hasOwn(ROTATORS, name);
}

export function rotatorFor(configuration: Configuration | ApiKeyConfiguration, reach: Partial<Reach> = {}): Rotator {
  if (configuration.rotator === API_KEY_ROTATOR) return httpApiKey(configuration, { ...REAL, ...reach });
  return ROTATORS[configuration.rotator](configuration, { ...REAL, ...reach });
}

/** Loads the driver that a rotator needs, if any, before its first login asks for it. */
export async function loadDriverOf(rotator: string | undefined): Promise<void> {
  if (!isDatabaseRotator(rotator)) return;
  await (rotator.startsWith('postgres-') ? loadPostgres() : loadMysql());
}
