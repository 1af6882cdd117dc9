import type { Problem } from '../core/errors';
import { type DatabaseFamily, FAMILY_OF, type IDatabase } from './database';
import { MYSQL_MASTER } from './mysql-settings';
import { MASTER_ROLE } from './postgres-database';

/** Which users an application may have. */
interface UserRule {
  /** What a user is called, for messages. */
  readonly kind: string;
  readonly longest: number;
  readonly pattern: RegExp;
  readonly shape: string;
  /** Users of the server or of RDS itself. */
  readonly reserved: readonly string[];
  readonly reservedStart: { readonly pattern: RegExp; readonly words: string };
}

const MYSQL: Omit<UserRule, 'kind' | 'longest'> = {
  pattern: /^[a-z_][a-z0-9_]*$/,
  shape: 'lower-case letters, digits and underscores, no digit first',
  reserved: ['root', 'admin', 'public', MYSQL_MASTER],
  reservedStart: { pattern: /^(mysql|mariadb|rds)/, words: 'mysql, mariadb or rds' },
};

const RULES: Readonly<Record<DatabaseFamily, UserRule>> = {
  /** @see https://www.postgresql.org/docs/current/limits.html */
  postgres: {
    kind: 'role of PostgreSQL',
    longest: 63,
    pattern: MYSQL.pattern,
    shape: MYSQL.shape,
    reserved: ['postgres', 'public', 'none', MASTER_ROLE],
    reservedStart: { pattern: /^(pg_|rds)/, words: 'pg_ or rds' },
  },
  /** @see https://dev.mysql.com/doc/refman/8.4/en/user-names.html */
  mysql: { kind: 'user of MySQL', longest: 32, ...MYSQL },
  /** @see https://mariadb.com/kb/en/identifier-names/#maximum-length */
  mariadb: { kind: 'user of MariaDB', longest: 80, ...MYSQL },
};

/** The rule for users of a database. */
export function userRule({ engine }: IDatabase): UserRule {
  return RULES[FAMILY_OF[engine]];
}

/** What keeps a name from being that of an application's user. */
export function userProblem(database: IDatabase, username: string): Problem | undefined {
  const { longest, pattern, shape, reserved, reservedStart } = userRule(database);
  const legal = pattern.test(username) && username.length <= longest && !reservedStart.pattern.test(username);
  if (legal && !reserved.includes(username)) return undefined;
  return {
    code: 'SR-DATABASE-USER',
    property: 'username',
    message: `is ${JSON.stringify(username)}, allowed are up to ${longest} ${shape}, not starting with ${reservedStart.words}, and none of ${reserved.join(', ')}`,
    fix: 'name a role of the application alone, such as myapp',
  };
}
