import type { Configuration } from './configuration';
import type { Connect } from './database';
import { connect as connectToMysql } from './mysql/connection';
import { connect } from './postgres/connection';
import type { Rotator } from './rotator';
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
}

const REAL: Reach = { connect, connectToMysql };

const ROTATORS = {
  'postgres-single-user': postgresSingleUser,
  'postgres-alternating-users': postgresAlternatingUsers,
  'mariadb-two-passwords': mariadbTwoPasswords,
  'mysql-dual-password': mysqlDualPassword,
  'mariadb-alternating-users': mariadbAlternatingUsers,
  'mysql-alternating-users': mysqlAlternatingUsers,
} satisfies Record<string, (configuration: Configuration, reach: Reach) => Rotator>;

export type RotatorName = keyof typeof ROTATORS;

export const ROTATOR_NAMES = Object.keys(ROTATORS);

export function isRotatorName(name: string | undefined): name is RotatorName {
  return name !== undefined && Object.hasOwn(ROTATORS, name);
}

export function rotatorFor(configuration: Configuration, reach: Partial<Reach> = {}): Rotator {
  return ROTATORS[configuration.rotator](configuration, { ...REAL, ...reach });
}
