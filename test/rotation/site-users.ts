import { format } from 'mysql2';
import type { SqlServer } from '../../drill/servers/sql-server';
import type { Postgres } from '../support/postgres';
import { MASTER } from './world';

/** Where each of the two keeps what belongs to an account, and the column with its name. */
const TABLES = {
  mariadb: [
    ['global_priv', 'User'],
    ['db', 'User'],
    ['tables_priv', 'User'],
    ['columns_priv', 'User'],
    ['procs_priv', 'User'],
    ['proxies_priv', 'User'],
    ['roles_mapping', 'User'],
  ],
  mysql: [
    ['user', 'User'],
    ['db', 'User'],
    ['tables_priv', 'User'],
    ['columns_priv', 'User'],
    ['procs_priv', 'User'],
    ['proxies_priv', 'User'],
    ['global_grants', 'USER'],
    ['role_edges', 'TO_USER'],
    ['default_roles', 'USER'],
  ],
} as const;

/** Statements that make these accounts on another server as they are here, row by row: no SHOW tells a second password. */
export async function sqlUsers(
  server: SqlServer,
  engine: keyof typeof TABLES,
  names: readonly string[],
): Promise<readonly string[]> {
  const statements = ['SET SESSION sql_log_off = 1'];
  for (const [table, column] of TABLES[engine]) {
    const where = format(' WHERE ?? IN (?)', [column, [...names]]);
    statements.push(`DELETE FROM mysql.${table}${where}`);
    for (const row of await server.query(`SELECT * FROM mysql.${table}${where}`)) {
      statements.push(
        format(`INSERT INTO mysql.${table} SET ?`, [Object.fromEntries(Object.entries(row).map(stored))]),
      );
    }
  }
  return [...statements, 'FLUSH PRIVILEGES'];
}

/** As it goes in again: the driver makes objects of JSON. */
function stored([column, value]: readonly [string, unknown]): readonly [string, unknown] {
  const isJson = typeof value === 'object' && value !== null && !(value instanceof Date) && !Buffer.isBuffer(value);
  return [column, isJson ? JSON.stringify(value) : value];
}

/** Statements, of one who may do everything, that make these roles on another server as they are here. */
export async function postgresUsers(postgres: Postgres, names: readonly string[]): Promise<readonly string[]> {
  const made = await postgres.query(MADE_AS, [names]);
  // By the administrator, who may change only roles of its own making.
  return ["SET log_statement = 'none'", `SET SESSION AUTHORIZATION ${MASTER}`, ...made.map(({ sql }) => String(sql))];
}

const MADE_AS = `
  WITH who AS (SELECT * FROM pg_authid WHERE rolname = ANY ($1))
  SELECT 1 AS turn, format('CREATE ROLE %I LOGIN PASSWORD %L CONNECTION LIMIT %s', rolname, rolpassword, rolconnlimit) AS sql
    FROM who
  UNION ALL
  SELECT 2, format('COMMENT ON ROLE %I IS %L', rolname, shobj_description(oid, 'pg_authid')) FROM who
  UNION ALL
  SELECT 3, format('GRANT %s TO %I', roleid::regrole, rolname) FROM who JOIN pg_auth_members ON member = who.oid
  UNION ALL
  SELECT 4, format('ALTER ROLE %I SET %I = %L', rolname, split_part(one, '=', 1), split_part(one, '=', 2))
    FROM who JOIN pg_db_role_setting ON setrole = who.oid, unnest(setconfig) AS one
   ORDER BY turn`;
