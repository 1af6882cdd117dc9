import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import { LoginMethodNotSupported, UserMissing } from '../errors';
import { credentialOf, Logins } from '../logins';
import { accountOf } from '../mysql/account';
import { cachingSha2Hash } from '../mysql/caching-sha2';
import { changingUser } from '../mysql/lock';
import { makeMissingUser } from '../mysql/missing-user';
import { identifiedWith, MYSQL_USERS } from '../mysql/mysql-users';
import { type Account, quoteAccount } from '../mysql/quoting';
import { requireMysql } from '../mysql/server';
import { twoPasswords } from '../mysql/two-passwords';
import type { Rotator, SetWork } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mysql', 'aurora-mysql'];

/** @see https://dev.mysql.com/doc/refman/8.4/en/user-names.html */
const NAME_LIMIT = { longest: 32, unit: 'characters', product: 'MySQL' } as const;

const PLUGIN = 'caching_sha2_password';

/**
 * One MySQL user with a primary and a secondary password.
 *
 * `RETAIN CURRENT PASSWORD` twice would push the current password out, so the current one is first made the primary again:
 * the two statements end the same from whatever state an earlier try has left, and the current password works all the time.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/password-management.html#dual-passwords
 */
export function mysqlDualPassword(configuration: Configuration, { connectToMysql }: Reach): Rotator {
  const logins = new Logins(configuration.target, connectToMysql);

  async function set(work: SetWork, superuser: Session): Promise<void> {
    const username = work.current.string('username');
    await requireMysql(superuser, [8, 0, 14], 'dual passwords need');
    const credential = credentialOf(work.current);
    await changingUser(superuser, username, async () => {
      const accounts = await makeMissingUser(work, superuser, configuration, credential, MYSQL_USERS);
      const current = accounts.length === 0 ? undefined : await logins.tryOpen(work, credential);
      const own = current && (await using(current, () => accountOf(current)));
      if (!own) work.journal.attempt = 'role-repaired';
      const account = await usableAccount(superuser, username, own);
      await work.announce();
      const alter = (password: string) =>
        `ALTER USER ${quoteAccount(account)} ${identifiedWith(PLUGIN, cachingSha2Hash(password))}`;
      await superuser.query('setting the current password', alter(work.current.string('password')));
      const pending = alter(work.pending.string('password'));
      await superuser.query('adding the pending password', `${pending} RETAIN CURRENT PASSWORD`);
    });
  }

  return twoPasswords(configuration, logins, { engines: ENGINES, nameLimit: NAME_LIMIT, set });
}

/** The account that the current password opened or, if it opens none, the only one of that name. */
async function usableAccount(superuser: Session, user: string, own: Account | undefined): Promise<Account> {
  const rows = await superuser.query(
    'looking for the user',
    'SELECT Host AS host, plugin FROM mysql.user WHERE User = ?',
    [user],
  );
  const found = own ? rows.filter(({ host }) => host === own.host) : rows;
  const [row] = found;
  if (found.length !== 1 || !row) {
    throw new UserMissing(
      `there are ${found.length} accounts ${JSON.stringify(user)} and the current password opens none; create the user, or put a password that works into the secret`,
    );
  }
  if (row.plugin !== PLUGIN) {
    throw new LoginMethodNotSupported(
      `user ${JSON.stringify(user)} logs in by ${JSON.stringify(row.plugin)}; two passwords are set for ${PLUGIN} only`,
    );
  }
  return { user, host: String(row.host) };
}
