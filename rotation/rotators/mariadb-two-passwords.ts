import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import { UserMissing } from '../errors';
import { credentialOf, Logins } from '../logins';
import { accountOf } from '../mysql/account';
import { changingUser } from '../mysql/lock';
import { identifiedVia, methodsOf, NATIVE } from '../mysql/mariadb-methods';
import { MARIADB_USERS } from '../mysql/mariadb-users';
import { makeMissingUser } from '../mysql/missing-user';
import { nativeHash } from '../mysql/native-password';
import { type Account, quoteAccount } from '../mysql/quoting';
import { requireMariadb } from '../mysql/server';
import { twoPasswords } from '../mysql/two-passwords';
import type { Rotator, SetWork } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mariadb'];

/** @see https://mariadb.com/kb/en/identifier-names/#maximum-length */
const NAME_LIMIT = { longest: 80, unit: 'characters', product: 'MariaDB' } as const;

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
    await requireMariadb(superuser, [10, 4, 0], 'two passwords need');
    const credential = credentialOf(work.current);
    await changingUser(superuser, username, async () => {
      const accounts = await makeMissingUser(work, superuser, configuration, credential, MARIADB_USERS);
      const hosts = accounts.map(({ host }) => host);
      // A user who is missing is not asked: the server would ask back in the way of some other account.
      const current = hosts.length === 0 ? undefined : await logins.tryOpen(work, credential);
      const account = current ? await using(current, () => accountOf(current)) : onlyAccount(username, hosts);
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
      await superuser.query(
        'setting both passwords',
        `ALTER USER ${quoteAccount(account)} ${identifiedVia(known, methods)}`,
      );
    });
  }

  return twoPasswords(configuration, logins, { engines: ENGINES, nameLimit: NAME_LIMIT, set });
}

/** Of a user who does not get in, the host can be told only when there is one account. */
function onlyAccount(user: string, [host, ...others]: readonly string[]): Account {
  if (host === undefined || others.length > 0) {
    const count = host === undefined ? 0 : others.length + 1;
    throw new UserMissing(
      `there are ${count} accounts ${JSON.stringify(user)} and the current password opens none; create the user, or put a password that works into the secret`,
    );
  }
  return { user, host };
}
