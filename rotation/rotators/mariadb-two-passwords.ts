import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import { LoginMethodNotSupported, ServerTooOld, UserMissing } from '../errors';
import { credentialOf, Logins } from '../logins';
import { accountOf } from '../mysql/account';
import { changingUser } from '../mysql/lock';
import { nativeHash } from '../mysql/native-password';
import { type Account, quoteAccount, quoteText } from '../mysql/quoting';
import { twoPasswords } from '../mysql/two-passwords';
import type { Rotator, SetWork } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mariadb'];

/** @see https://mariadb.com/kb/en/identifier-names/#maximum-length */
const NAME_LIMIT = { longest: 80, unit: 'characters', product: 'MariaDB' } as const;

const NATIVE = 'mysql_native_password';

/** Methods that stay beside the passwords as they are. */
const KEPT = ['unix_socket', 'ed25519'];

/**
 * One MariaDB user with two passwords at once: the current and the pending one, written together as two login methods. The
 * one statement says all that is to be, so that running it again changes nothing.
 *
 * @see https://mariadb.com/kb/en/authentication-from-mariadb-10-4/
 */
export function mariadbTwoPasswords(configuration: Configuration, { connectToMysql }: Reach): Rotator {
  const logins = new Logins(configuration.target, connectToMysql);

  async function set(work: SetWork, superuser: Session): Promise<void> {
    const username = work.current.string('username');
    await refuseOtherServers(superuser);
    const current = await logins.tryOpen(work, credentialOf(work.current));
    const account = current ? await using(current, () => accountOf(current)) : await onlyAccount(superuser, username);
    await changingUser(superuser, username, async () => {
      const methods = await methodsOf(superuser, account);
      const known = ['pending', 'current'].map((which) =>
        nativeHash((which === 'pending' ? work.pending : work.current).string('password')),
      );
      const drifted = methods.filter(({ plugin, secret }) => plugin === NATIVE && !known.includes(secret));
      // One is that of the rotation before; more are somebody's doing.
      if (drifted.length > 1)
        work.journal.notes.push('the user had passwords that the secret does not know; they are gone');
      if (!current) work.journal.attempt = 'role-repaired';
      await work.announce();
      const kept = methods.filter(({ plugin }) => KEPT.includes(plugin));
      const wanted = [
        ...known.map((hash) => `${NATIVE} USING ${quoteText(hash)}`),
        ...kept.map(({ plugin, secret }) => (secret === '' ? plugin : `${plugin} USING ${quoteText(secret)}`)),
      ];
      await superuser.query(
        'setting both passwords',
        `ALTER USER ${quoteAccount(account)} IDENTIFIED VIA ${wanted.join(' OR ')}`,
      );
    });
  }

  return twoPasswords(configuration, logins, { engines: ENGINES, nameLimit: NAME_LIMIT, set });
}

interface Method {
  readonly plugin: string;
  readonly secret: string;
}

async function refuseOtherServers(session: Session): Promise<void> {
  const [row] = await session.query('reading the version', 'SELECT VERSION() AS version');
  const text = String(row?.version);
  const [, major, minor] = /(\d+)\.(\d+)\.\d+-MariaDB/.exec(text) ?? [];
  if (major === undefined || Number(major) * 1000 + Number(minor) < 10_004) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; two passwords need MariaDB 10.4 or later`);
  }
}

/** Of a user who does not get in, the host can be told only when there is one account. */
async function onlyAccount(superuser: Session, user: string): Promise<Account> {
  const rows = await superuser.query(
    'looking for the user',
    'SELECT Host AS host FROM mysql.global_priv WHERE User = ?',
    [user],
  );
  const [row] = rows;
  if (rows.length !== 1 || !row) {
    throw new UserMissing(
      `there are ${rows.length} accounts ${JSON.stringify(user)} and the current password opens none; create the user, or put a password that works into the secret`,
    );
  }
  return { user, host: String(row.host) };
}

/** @throws {LoginMethodNotSupported} when the account logs in by something that would be lost. */
async function methodsOf(superuser: Session, { user, host }: Account): Promise<readonly Method[]> {
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
