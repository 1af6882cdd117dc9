import type { Session } from '../database';
import { ServerTooOld } from '../errors';

type Version = readonly [major: number, minor: number, patch: number];

/** @throws {ServerTooOld} */
export async function requireMariadb(session: Session, least: Version, what: string): Promise<void> {
  const text = await versionOf(session);
  const found = /(\d+)\.(\d+)\.(\d+)-MariaDB/.exec(text);
  if (!found || isLess(found, least)) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; ${what} MariaDB ${least.join('.')} or later`);
  }
}

/** @throws {ServerTooOld} */
export async function requireMysql(session: Session, least: Version, what: string): Promise<void> {
  const text = await versionOf(session);
  const found = /mariadb/i.test(text) ? null : /^(\d+)\.(\d+)\.(\d+)/.exec(text);
  if (!found || isLess(found, least)) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; ${what} MySQL ${least.join('.')} or later`);
  }
}

async function versionOf(session: Session): Promise<string> {
  const [row] = await session.query('reading the version', 'SELECT VERSION() AS version');
  return String(row?.version);
}

function isLess(found: RegExpExecArray, least: Version): boolean {
  const weight = ([major = 0, minor = 0, patch = 0]: readonly number[]) => major * 1e6 + minor * 1e3 + patch;
  return weight(found.slice(1).map(Number)) < weight(least);
}
