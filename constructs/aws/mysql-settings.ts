import { nameProblem } from '../core/naming';
import { NAME_RULES } from './names';
import { type RdsProduct, versionAmong } from './rds-database';

/** Port of MySQL and MariaDB. */
export const MYSQL_PORT = 3306;

/**
 * What MySQL and MariaDB write to CloudWatch. The general, slow and audit logs hold the text of statements, and with it
 * whatever password somebody writes into one.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.MySQL.html
 */
const MYSQL_LOGS = ['error'] as const;

/** RDS allows 16 characters for the master of these products. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
export const MYSQL_MASTER = 'strongroom';

/**
 * TLS for everybody, and no statement in a log.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.html
 */
const MYSQL_PARAMETERS = [
  { name: 'require_secure_transport', value: '1' },
  { name: 'general_log', value: '0' },
  { name: 'slow_query_log', value: '0' },
] as const;

/** What RDS is told of MySQL and MariaDB alike. */
export function mysqlProduct<F extends 'mysql' | 'mariadb'>(
  engine: F,
  { name, version }: { readonly name: string; readonly version: string },
  versions: { readonly all: readonly string[]; readonly default: string },
): RdsProduct<F> {
  return {
    engine,
    version,
    port: MYSQL_PORT,
    masterRole: MYSQL_MASTER,
    logs: MYSQL_LOGS,
    settings: { why: 'TLS and quiet logs', parameters: MYSQL_PARAMETERS },
    problems: [
      versionAmong(version, versions.all, versions.default),
      nameProblem(NAME_RULES.mysqlDatabaseName, 'name', name),
    ],
  };
}
