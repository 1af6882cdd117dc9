import type { Session } from '../database';
import { LoginMethodNotSupported, ServerTooOld } from '../errors';
import { type Account, quoteText } from './quoting';

export const NATIVE = 'mysql_native_password';

/** Methods that stay beside the passwords as they are. */
const KEPT = ['unix_socket', 'ed25519'];

/** One way in which an account logs in. */
export interface Method {
  readonly plugin: string;
  readonly secret: string;
}

/** First version in which an account can have several login methods, and can be locked. */
const OLDEST = 10_004;

/** @throws {ServerTooOld} also for a server that is not MariaDB. */
export async function refuseOtherThanMariadb(session: Session): Promise<void> {
  const [row] = await session.query('reading the version', 'SELECT VERSION() AS version');
  const text = String(row?.version);
  const [, major, minor] = /(\d+)\.(\d+)\.\d+-MariaDB/.exec(text) ?? [];
  if (major === undefined || Number(major) * 1000 + Number(minor) < OLDEST) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; this rotator needs MariaDB 10.4 or later`);
  }
}

/** The clause that lets any of these passwords in, beside the methods that are none of ours. */
export function identifiedByHashes(hashes: readonly string[], methods: readonly Method[]): string {
  const kept = methods.filter(({ plugin }) => KEPT.includes(plugin));
  const wanted = [
    ...hashes.map((hash) => `${NATIVE} USING ${quoteText(hash)}`),
    ...kept.map(({ plugin, secret }) => (secret === '' ? plugin : `${plugin} USING ${quoteText(secret)}`)),
  ];
  return `IDENTIFIED VIA ${wanted.join(' OR ')}`;
}

/** What MariaDB keeps of an account; undefined when there is none. */
export async function globalPrivileges(
  session: Session,
  { user, host }: Account,
): Promise<Readonly<Record<string, unknown>> | undefined> {
  const [row] = await session.query(
    'reading the login methods',
    'SELECT CAST(Priv AS CHAR) AS priv FROM mysql.global_priv WHERE User = ? AND Host = ?',
    [user, host],
  );
  return row && (JSON.parse(String(row.priv)) as Record<string, unknown>);
}

/** @throws {LoginMethodNotSupported} when the account logs in by something that would be lost. */
export function methodsIn(priv: Readonly<Record<string, unknown>>, user: string): readonly Method[] {
  const own = { plugin: String(priv.plugin ?? ''), secret: String(priv.authentication_string ?? '') };
  // Where there are several, an empty one stands for the outer.
  const list = Array.isArray(priv.auth_or) ? (priv.auth_or as Record<string, unknown>[]) : [{}];
  const methods = list.map((one) =>
    one.plugin === undefined ? own : { plugin: String(one.plugin), secret: String(one.authentication_string ?? '') },
  );
  const foreign = methods.find(({ plugin }) => ![NATIVE, '', ...KEPT].includes(plugin));
  if (foreign) {
    throw new LoginMethodNotSupported(
      `user ${JSON.stringify(user)} logs in by ${JSON.stringify(foreign.plugin)}, which has no password of ours; take it away or choose another user`,
    );
  }
  return methods;
}
