/** Port of MySQL and MariaDB. */
export const MYSQL_PORT = 3306;

/**
 * What MySQL and MariaDB write to CloudWatch. The general, slow and audit logs hold the text of statements, and with it
 * whatever password somebody writes into one.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.MySQL.html
 */
export const MYSQL_LOGS = ['error'] as const;

/** RDS allows 16 characters for the master of these products. @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
export const MYSQL_MASTER = 'strongroom';

/**
 * TLS for everybody, and no statement in a log.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mysql-ssl-connections.html
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/mariadb-ssl-connections.html
 */
export const MYSQL_PARAMETERS = [
  { name: 'require_secure_transport', value: '1' },
  { name: 'general_log', value: '0' },
  { name: 'slow_query_log', value: '0' },
] as const;
