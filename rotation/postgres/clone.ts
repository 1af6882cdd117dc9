import { PrivilegeMissing, PrivilegesDiffer } from '../errors';
import type { Session } from './connection';
import { SEPARATE_SET_OPTION } from './provision';
import { quoteName, quoteText } from './quoting';
import type { Server } from './role';

/** Settings that hold a list of names; as one string they would be one name. @see https://www.postgresql.org/docs/current/sql-alterrole.html */
const LISTS_OF_NAMES = ['search_path', 'temp_tablespaces', 'local_preload_libraries', 'session_preload_libraries'];

/** One setting of a role, in one database or, where that is null, in all. */
interface Setting {
  readonly database: string | null;
  readonly name: string;
  readonly value: string;
}

/**
 * Makes the clone a member of the base that acts as the base from its first moment, so that whatever it creates is the
 * base's, and gives it the same limit and settings. Repeats all of it: a grant that was lost comes back.
 *
 * The clone's password is not touched.
 */
export async function reconcileClone(session: Session, base: string, clone: string, server: Server): Promise<void> {
  await mayAdminister(session, base, clone, server);
  const options = server.version >= SEPARATE_SET_OPTION ? ' WITH INHERIT TRUE, SET TRUE' : '';
  await session.query('making the clone a member', `GRANT ${quoteName(base)} TO ${quoteName(clone)}${options}`);
  for (const { name } of await otherMemberships(session, base, clone)) {
    await session.query('taking a membership away', `REVOKE ${quoteName(String(name))} FROM ${quoteName(clone)}`);
  }
  const [limit] = await session.query('reading the limit', 'SELECT rolconnlimit FROM pg_roles WHERE rolname = $1', [
    base,
  ]);
  await session.query(
    'copying the connection limit',
    `ALTER ROLE ${quoteName(clone)} INHERIT CONNECTION LIMIT ${Number(limit?.rolconnlimit ?? -1)}`,
  );
  await copySettings(session, base, clone);
}

/** What keeps the clone from being the base under another name, in words. Empty when nothing does. */
export async function differences(session: Session, base: string, clone: string): Promise<readonly string[]> {
  const found: string[] = [];
  const [row] = await session.query(
    'comparing the roles',
    `SELECT pg_has_role(c.oid, b.oid, 'USAGE') AS member, b.rolconnlimit = c.rolconnlimit AS limited,
            c.rolsuper OR c.rolcreaterole OR c.rolreplication OR c.rolbypassrls AS powerful
       FROM pg_roles b, pg_roles c WHERE b.rolname = $1 AND c.rolname = $2`,
    [base, clone],
  );
  if (!row) return ['one of the two roles is missing'];
  if (row.member !== true) found.push('the clone is no member of the base');
  if (row.limited !== true) found.push('the connection limits differ');
  if (row.powerful === true) found.push('the clone is an administrator');
  const others = await otherMemberships(session, base, clone);
  found.push(...others.map(({ name }) => `the clone is a member of ${JSON.stringify(name)}`));
  const written = ({ database, name, value }: Setting) => JSON.stringify([database, name, value]);
  const wanted = wantedSettings(await settingsOf(session, base), base).map(written);
  const actual = (await settingsOf(session, clone)).map(written);
  if (wanted.some((one) => !actual.includes(one)) || actual.some((one) => !wanted.includes(one))) {
    found.push('the settings differ');
  }
  return found;
}

/** @throws {PrivilegesDiffer} */
export async function refuseDifferences(session: Session, base: string, clone: string): Promise<void> {
  const found = await differences(session, base, clone);
  if (found.length > 0) {
    throw new PrivilegesDiffer(
      `roles ${JSON.stringify(base)} and ${JSON.stringify(clone)}: ${found.join(', ')}; repair it as a real superuser, then rotate again`,
    );
  }
}

/** Objects that the clone owns itself, or rights granted to it alone: a rotator before this one left them. */
export async function leftovers(session: Session, clone: string): Promise<number> {
  const [row] = await session.query(
    'looking for what the clone owns',
    `SELECT count(*)::int AS count FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
      WHERE d.refclassid = 'pg_authid'::regclass AND r.rolname = $1
        AND d.deptype IN ('o', 'a') AND d.classid <> 'pg_auth_members'::regclass`,
    [clone],
  );
  return Number(row?.count ?? 0);
}

/** Since PostgreSQL 16 the right to create roles is not the right to change every role. */
async function mayAdminister(session: Session, base: string, clone: string, server: Server): Promise<void> {
  if (server.version < SEPARATE_SET_OPTION) return;
  for (const role of [base, clone]) {
    const [row] = await session.query(
      'checking the administrator',
      `SELECT rolsuper OR pg_has_role(oid, $1::name, 'MEMBER WITH ADMIN OPTION') AS able, rolname
         FROM pg_roles WHERE rolname = current_user`,
      [role],
    );
    if (row?.able !== true) {
      throw new PrivilegeMissing(
        `the administrator may not change role ${JSON.stringify(role)}; run: GRANT ${quoteName(role)} TO ${quoteName(String(row?.rolname))} WITH ADMIN OPTION`,
      );
    }
  }
}

async function otherMemberships(session: Session, base: string, clone: string) {
  return session.query(
    'reading memberships',
    `SELECT DISTINCT g.rolname AS name FROM pg_auth_members m JOIN pg_roles g ON g.oid = m.roleid JOIN pg_roles r ON r.oid = m.member
      WHERE r.rolname = $1 AND g.rolname <> $2 ORDER BY 1`,
    [clone, base],
  );
}

async function copySettings(session: Session, base: string, clone: string): Promise<void> {
  const wanted = wantedSettings(await settingsOf(session, base), base);
  const actual = await settingsOf(session, clone);
  const same = (a: Setting) => (b: Setting) => a.database === b.database && a.name === b.name;
  const where = ({ database }: Setting) =>
    `ALTER ROLE ${quoteName(clone)}${database === null ? '' : ` IN DATABASE ${quoteName(database)}`}`;
  for (const setting of actual.filter((one) => !wanted.some(same(one)))) {
    await session.query('taking a setting away', `${where(setting)} RESET ${settingName(setting.name)}`);
  }
  for (const setting of wanted) {
    if (actual.find(same(setting))?.value === setting.value) continue;
    const purpose = `copying the setting ${JSON.stringify(setting.name)}`;
    await session.query(purpose, `${where(setting)} SET ${settingName(setting.name)} TO ${settingValue(setting)}`);
  }
}

/** The base's own, and acting as the base. */
function wantedSettings(ofBase: readonly Setting[], base: string): readonly Setting[] {
  return [...ofBase.filter(({ name }) => name !== 'role'), { database: null, name: 'role', value: base }];
}

async function settingsOf(session: Session, role: string): Promise<readonly Setting[]> {
  const rows = await session.query(
    'reading the settings',
    `SELECT d.datname AS database, s.line FROM pg_db_role_setting c JOIN pg_roles r ON r.oid = c.setrole
       LEFT JOIN pg_database d ON d.oid = c.setdatabase, unnest(c.setconfig) AS s(line)
      WHERE r.rolname = $1 ORDER BY d.datname NULLS FIRST, s.line`,
    [role],
  );
  return rows.map(({ database, line }) => {
    const text = String(line);
    const equals = text.indexOf('=');
    return {
      database: typeof database === 'string' ? database : null,
      name: text.slice(0, equals),
      value: text.slice(equals + 1),
    };
  });
}

/** A setting of an extension has a dot between two names. */
function settingName(name: string): string {
  return name.split('.').map(quoteName).join('.');
}

function settingValue({ name, value }: Setting): string {
  if (!LISTS_OF_NAMES.includes(name.toLowerCase())) return quoteText(value);
  const names = [...value.matchAll(/"((?:[^"]|"")*)"|([^,\s]+)/g)].map(
    ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
  );
  return names.length === 0 ? "''" : names.map(quoteText).join(', ');
}
