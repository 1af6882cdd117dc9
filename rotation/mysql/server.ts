import type { Session } from '../database';
import { PasswordHashesRefused, ReadOnlyTarget, ServerTooOld } from '../errors';

type Version = readonly [major: number, minor: number, patch: number];

/** @throws {ServerTooOld} @throws {ReadOnlyTarget} @throws {PasswordHashesRefused} */
export async function requireMariadb(session: Session, least: Version, what: string): Promise<void> {
  const { text, readOnly } = await askServer(session);
  const found = /(\d+)\.(\d+)\.(\d+)-MariaDB/.exec(text);
  if (!found || isLess(found, least)) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; ${what} MariaDB ${least.join('.')} or later`);
  }
  if (readOnly) throw replica();
  await requireHashesTaken(session);
}

/** @throws {ServerTooOld} @throws {ReadOnlyTarget} */
export async function requireMysql(session: Session, least: Version, what: string): Promise<void> {
  const { text, readOnly } = await askServer(session);
  const found = /mariadb/i.test(text) ? null : /^(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (!found || isLess(found, least)) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; ${what} MySQL ${least.join('.')} or later`);
  }
  if (readOnly) throw replica();
}

/**
 * A server that checks passwords takes no hash unless it is told to, because it cannot look into one. Asked before anything
 * changes: what the server itself says to a hash is that it is read-only, or that the statement failed.
 *
 * @see https://mariadb.com/kb/en/server-system-variables/#strict_password_validation
 */
async function requireHashesTaken(session: Session): Promise<void> {
  const [row] = await session.query('asking whether hashes of passwords are taken', HASHES_TAKEN);
  const { strict, plugins } = row ?? {};
  if (Number(strict) === 0 || plugins === null) return;
  throw new PasswordHashesRefused(
    `${plugins} checks passwords and strict_password_validation is on, so that the server takes no hash, and a password is never sent in clear; SET GLOBAL strict_password_validation = OFF, in the server's options or its parameter group too`,
  );
}

const HASHES_TAKEN = `SELECT @@GLOBAL.strict_password_validation AS strict,
  (SELECT GROUP_CONCAT(PLUGIN_NAME) FROM information_schema.PLUGINS
    WHERE PLUGIN_TYPE = 'PASSWORD VALIDATION' AND PLUGIN_STATUS = 'ACTIVE') AS plugins`;

async function askServer(session: Session): Promise<{ readonly text: string; readonly readOnly: boolean }> {
  const [row] = await session.query(
    'reading the version',
    'SELECT VERSION() AS version, @@GLOBAL.read_only AS readOnly',
  );
  // Later versions of MariaDB know more words than ON.
  return { text: String(row?.version), readOnly: !['0', 'OFF'].includes(String(row?.readOnly)) };
}

/** A superuser may write where others may not: the password would be changed on the replica alone, and be lost to the primary. */
function replica(): ReadOnlyTarget {
  return new ReadOnlyTarget('the server is read-only (read_only); set STRONGROOM_HOST to the writer, not to a replica');
}

function isLess(found: RegExpExecArray, least: Version): boolean {
  const weight = ([major = 0, minor = 0, patch = 0]: readonly number[]) => major * 1e6 + minor * 1e3 + patch;
  return weight(found.slice(1).map(Number)) < weight(least);
}
