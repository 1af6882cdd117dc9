import type { Session } from '../database';
import { LoginMethodNotSupported } from '../errors';
import { type Account, quoteText } from './quoting';

export const NATIVE = 'mysql_native_password';

/** Methods that stay beside the passwords as they are. */
const KEPT = ['unix_socket', 'ed25519'];

/** One way in which a MariaDB account logs in. */
export interface Method {
  readonly plugin: string;
  readonly secret: string;
}

/** @throws {LoginMethodNotSupported} when the account logs in by something that would be lost. */
export async function methodsOf(superuser: Session, { user, host }: Account): Promise<readonly Method[]> {
  const [row] = await superuser.query(
    'reading the login methods',
    'SELECT CAST(Priv AS CHAR) AS priv FROM mysql.global_priv WHERE User = ? AND Host = ?',
    [user, host],
  );
  const priv = JSON.parse(String(row?.priv ?? '{}')) as Record<string, unknown>;
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

/** The clause that gives an account these passwords, by their hashes, beside the methods that it keeps. */
export function identifiedVia(hashes: readonly string[], methods: readonly Method[]): string {
  const kept = methods.filter(({ plugin }) => KEPT.includes(plugin));
  const wanted = [
    ...hashes.map((hash) => `${NATIVE} USING ${quoteText(hash)}`),
    ...kept.map(({ plugin, secret }) => (secret === '' ? plugin : `${plugin} USING ${quoteText(secret)}`)),
  ];
  return `IDENTIFIED VIA ${wanted.join(' OR ')}`;
}
