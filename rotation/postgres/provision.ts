import { PrivilegeMissing, RoleNotOurs, RoleTooPowerful, SchemaNotOurs } from '../errors';
import { ownershipMark } from '../ownership-mark';
import type { Session } from './connection';
import { quoteName, quoteText } from './quoting';
import { changingRole, type Server } from './role';

/** Since this version the right to create roles does not include acting as them. @see https://www.postgresql.org/docs/16/release-16.html */
export const SEPARATE_SET_OPTION = 160_000;

export interface Rights {
  readonly role: string;
  readonly database: string;
  /** The schema that the role owns. */
  readonly schema: string;
  /** Group roles that it is a member of. */
  readonly grants: readonly string[];
}

export interface Provision extends Rights {
  readonly verifier: string;
  /** The secret that the role belongs to. */
  readonly secretArn: string;
  /** Called under the lock, before anything changes. */
  announce(): Promise<void>;
}

/** Whether the role is there. */
export async function roleExists(session: Session, role: string): Promise<boolean> {
  const rows = await session.query('looking for the role', 'SELECT FROM pg_catalog.pg_roles WHERE rolname = $1', [
    role,
  ]);
  return rows.length > 0;
}

/**
 * The superuser makes the role with everything that it needs to be useful, or, if it made it before, puts its password and
 * its rights right. All of it in one transaction: a crash leaves either nothing or everything.
 *
 * Works for an administrator who is no real superuser, as RDS's master user: it needs CREATEROLE, and CREATE on the database.
 */
export async function provisionRole(session: Session, wanted: Provision): Promise<'role-created' | 'role-repaired'> {
  return changingRole(session, wanted.role, async (server) => {
    const existing = await findOwnRole(session, wanted.role, wanted.secretArn);
    await wanted.announce();
    const role = quoteName(wanted.role);
    if (existing) {
      await session.query('setting the password', `ALTER ROLE ${role} LOGIN PASSWORD ${quoteText(wanted.verifier)}`);
    } else {
      await session.query('creating the role', `CREATE ROLE ${role} LOGIN PASSWORD ${quoteText(wanted.verifier)}`);
      await markRole(session, wanted.role, wanted.secretArn);
    }
    await giveRights(session, wanted, server);
    return existing ? 'role-repaired' : 'role-created';
  });
}

/**
 * Whether the role is there, with the comment that names this secret. Only such a role's password is ever set by the superuser:
 * else whoever may write the secret could name any role in it and take that over.
 *
 * @throws when it is not this secret's, or may do too much.
 */
export async function findOwnRole(session: Session, role: string, secretArn: string): Promise<boolean> {
  const [existing] = await session.query('looking for the role', FIND_ROLE, [role]);
  if (existing) refuseForeign(existing, role, ownershipMark(secretArn));
  return existing !== undefined;
}

export async function markRole(session: Session, role: string, secretArn: string): Promise<void> {
  await session.query(
    'marking the role',
    `COMMENT ON ROLE ${quoteName(role)} IS ${quoteText(ownershipMark(secretArn))}`,
  );
}

/** Everything, but for a password, that a role needs to be useful. */
export async function giveRights(session: Session, wanted: Rights, server: Server): Promise<void> {
  for (const group of wanted.grants) await grantGroup(session, wanted.role, group);
  await grantConnect(session, wanted);
  await giveSchema(session, wanted, server);
}

const FIND_ROLE = `
  SELECT rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls AS powerful,
         rolname = session_user AS own,
         pg_catalog.shobj_description(oid, 'pg_authid') AS mark
    FROM pg_catalog.pg_roles WHERE rolname = $1`;

function refuseForeign(existing: Readonly<Record<string, unknown>>, role: string, mark: string): void {
  const name = JSON.stringify(role);
  if (existing.powerful === true || existing.own === true) {
    throw new RoleTooPowerful(
      `role ${name} may create roles, replicate, bypass row security or is the superuser itself; rotate it with its own password`,
    );
  }
  if (existing.mark !== mark) {
    throw new RoleNotOurs(
      `role ${name} was not made for this secret, so the superuser does not set its password; ` +
        `if it belongs to the secret: COMMENT ON ROLE ${quoteName(role)} IS ${quoteText(mark)}`,
    );
  }
}

async function grantGroup(session: Session, role: string, group: string): Promise<void> {
  const purpose = `making the role a member of ${JSON.stringify(group)}`;
  const [row] = await session.query(
    purpose,
    `SELECT FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
      WHERE g.rolname = $1 AND r.rolname = $2`,
    [group, role],
  );
  if (!row) await session.query(purpose, `GRANT ${quoteName(group)} TO ${quoteName(role)}`);
}

async function grantConnect(session: Session, { role, database }: Rights): Promise<void> {
  const purpose = 'granting CONNECT on the database';
  const allowed = async () => {
    const [row] = await session.query(
      purpose,
      "SELECT has_database_privilege($1::name, $2::text, 'CONNECT') AS allowed",
      [role, database],
    );
    return row?.allowed === true;
  };
  // Everybody may connect unless somebody took that away.
  if (await allowed()) return;
  await session.query(purpose, `GRANT CONNECT ON DATABASE ${quoteName(database)} TO ${quoteName(role)}`);
  // Whoever may not pass the right on gets a warning only.
  if (!(await allowed()))
    throw new PrivilegeMissing(`${purpose}: the superuser may not pass it on; GRANT CONNECT … WITH GRANT OPTION to it`);
}

/** Since PostgreSQL 15 nobody may create in `public`: without a schema of its own a new role could not keep anything. */
async function giveSchema(session: Session, { role, database, schema }: Rights, server: Server): Promise<void> {
  const purpose = `giving the role the schema ${JSON.stringify(schema)}`;
  const [found] = await session.query(
    purpose,
    'SELECT pg_get_userbyid(nspowner) AS owner FROM pg_namespace WHERE nspname = $1',
    [schema],
  );
  if (found && found.owner !== role) {
    throw new SchemaNotOurs(
      `${purpose}: it belongs to ${JSON.stringify(found.owner)}; name another in STRONGROOM_SCHEMA, or ALTER SCHEMA ${quoteName(schema)} OWNER TO ${quoteName(role)}`,
    );
  }
  if (!found) {
    await actingFor(session, role, server, purpose, () =>
      session.query(purpose, `CREATE SCHEMA IF NOT EXISTS ${quoteName(schema)} AUTHORIZATION ${quoteName(role)}`),
    );
  }
  // A schema with the role's own name is found without this.
  if (schema !== role) {
    await session.query(
      purpose,
      `ALTER ROLE ${quoteName(role)} IN DATABASE ${quoteName(database)} SET search_path = ${quoteName(schema)}, public`,
    );
  }
}

/** An administrator who is no superuser must be able to act as the owner for a moment; it keeps nothing of that. */
async function actingFor(
  session: Session,
  role: string,
  server: Server,
  purpose: string,
  act: () => Promise<unknown>,
): Promise<void> {
  const separate = server.version >= SEPARATE_SET_OPTION;
  const [row] = await session.query(purpose, 'SELECT pg_has_role($1::name, $2::text) AS able', [
    role,
    separate ? 'SET' : 'MEMBER',
  ]);
  if (row?.able === true) {
    await act();
    return;
  }
  await session.query(
    purpose,
    `GRANT ${quoteName(role)} TO CURRENT_USER${separate ? ' WITH INHERIT FALSE, SET TRUE' : ''}`,
  );
  await act();
  await session.query(purpose, `REVOKE ${quoteName(role)} FROM CURRENT_USER`);
}
