/** The roles of a database through which Vault's users get their rights; nobody logs in as them. */
export interface GroupRoles {
  /** Owns the schema's objects and may change everything in it; users that write are its members. */
  readonly owner: string;
  /** May read everything in the schema, also what is made later; users that only read are its members. */
  readonly reader: string;
}

/** The SQL that Vault runs for one kind of user. One element is one statement. */
export interface DynamicStatements {
  /** Makes the user: `{{name}}`, `{{password}}` and `{{expiration}}` must occur. */
  readonly creation: readonly string[];
  /** Takes the user away, whatever became of it: `{{name}}` must occur. */
  readonly revocation: readonly string[];
  /**
   * Moves the user's expiry when its lease is renewed.
   *
   * @default - Vault's own statement
   */
  readonly renew?: readonly string[];
}

/** What the owner's SQL needs to know. */
export interface OwnerSqlProps {
  readonly database: string;
  readonly schema: string;
  /** The user as whom Vault makes users. */
  readonly admin: string;
  readonly groups: GroupRoles;
}

/** Users that read: members of the reader group, with no right of their own. */
export function readOnlyStatements(groups: GroupRoles): DynamicStatements {
  return { creation: [createMember(groups.reader)], ...lifeOf(groups) };
}

/** Users that write: members of the owner group and acting as it, so that what they make belongs to the group. */
export function readWriteStatements(groups: GroupRoles): DynamicStatements {
  const actAsOwner = `ALTER ROLE "{{name}}" SET role = "${groups.owner}"`;
  return { creation: [createMember(groups.owner), actAsOwner], ...lifeOf(groups) };
}

function createMember(group: string): string {
  return `CREATE ROLE "{{name}}" WITH LOGIN PASSWORD '{{password}}' VALID UNTIL '{{expiration}}' IN ROLE "${group}"`;
}

function lifeOf(groups: GroupRoles): Omit<DynamicStatements, 'creation'> {
  return { revocation: [revokeUser(groups)], renew: [`ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'`] };
}

/**
 * Leaves nothing behind: the user's sessions are cut, its objects go to the owner group, its rights and itself go.
 *
 * One block, because Vault runs what has an upper-case END in it as it stands and cuts everything else at semicolons.
 * The admin makes itself a member of the user first: PostgreSQL before 16 needs it for REASSIGN and DROP OWNED, and
 * since 16 the maker of a role administers it without having its rights. A user that somebody dropped by hand is no
 * error, or the lease could never be revoked.
 */
function revokeUser({ owner }: GroupRoles): string {
  return [
    'DO $$ BEGIN',
    `IF EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '{{name}}') THEN`,
    'ALTER ROLE "{{name}}" NOLOGIN;',
    'GRANT "{{name}}" TO CURRENT_USER;',
    `PERFORM pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE usename = '{{name}}';`,
    `REASSIGN OWNED BY "{{name}}" TO "${owner}";`,
    'DROP OWNED BY "{{name}}";',
    'DROP ROLE "{{name}}";',
    'END IF; END $$',
  ].join(' ');
}

/**
 * The SQL that the database's owner runs once, before Vault makes its first user: the groups, their rights on what is
 * there and on what comes, and the admin. For PostgreSQL 14 and newer; it can be run again.
 */
export function ownerSql({ database, schema, admin, groups: { owner, reader } }: OwnerSqlProps): string {
  return `-- Run in database ${database}, as its owner (who also owns its tables) or as a superuser; on a managed service as
-- the administrator. It can be run again.

-- The groups through which users get their rights, and the user as whom Vault makes users.
DO $$
DECLARE
  -- Since PostgreSQL 16 a membership says by itself whether it gives the rights of the role.
  explicit boolean := current_setting('server_version_num')::int >= 160000;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '${owner}') THEN
    CREATE ROLE "${owner}" NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '${reader}') THEN
    CREATE ROLE "${reader}" NOLOGIN;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = '${admin}') THEN
    CREATE ROLE "${admin}" LOGIN CREATEROLE INHERIT;
  ELSE
    ALTER ROLE "${admin}" LOGIN CREATEROLE INHERIT;
  END IF;
  EXECUTE 'GRANT "${owner}", "${reader}" TO "${admin}" WITH '
    || CASE WHEN explicit THEN 'ADMIN TRUE, INHERIT TRUE, SET TRUE' ELSE 'ADMIN OPTION' END;
  IF NOT pg_catalog.pg_has_role(current_user, '${owner}', 'USAGE') THEN
    EXECUTE 'GRANT "${owner}" TO CURRENT_USER' || CASE WHEN explicit THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = '${schema}') THEN
    CREATE SCHEMA "${schema}" AUTHORIZATION "${owner}";
  END IF;
END
$$;

-- Nobody comes in, or makes anything, by belonging to everybody.
REVOKE CONNECT, TEMPORARY ON DATABASE "${database}" FROM PUBLIC;
REVOKE CREATE ON SCHEMA "${schema}" FROM PUBLIC;
GRANT CONNECT ON DATABASE "${database}" TO "${owner}", "${reader}", "${admin}";

-- What is there.
GRANT USAGE, CREATE ON SCHEMA "${schema}" TO "${owner}";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "${schema}" TO "${owner}";
GRANT SELECT, USAGE, UPDATE ON ALL SEQUENCES IN SCHEMA "${schema}" TO "${owner}";
GRANT USAGE ON SCHEMA "${schema}" TO "${reader}";
GRANT SELECT ON ALL TABLES IN SCHEMA "${schema}" TO "${reader}";
GRANT SELECT ON ALL SEQUENCES IN SCHEMA "${schema}" TO "${reader}";

-- What comes: made by users that write, who act as ${owner}, and made by whoever runs this.
ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA "${schema}" GRANT SELECT ON TABLES TO "${reader}";
ALTER DEFAULT PRIVILEGES FOR ROLE "${owner}" IN SCHEMA "${schema}" GRANT SELECT ON SEQUENCES TO "${reader}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO "${owner}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT, USAGE, UPDATE ON SEQUENCES TO "${owner}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT ON TABLES TO "${reader}";
ALTER DEFAULT PRIVILEGES IN SCHEMA "${schema}" GRANT SELECT ON SEQUENCES TO "${reader}";

-- Last, by hand, so that it stands in no file: \\password ${admin}
`;
}
