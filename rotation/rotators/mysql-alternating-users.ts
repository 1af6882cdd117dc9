import type { Configuration } from '../configuration';
import type { Session } from '../database';
import { LoginMethodNotSupported, ServerTooOld } from '../errors';
import { Logins } from '../logins';
import { limitsOf, readAccountRow } from '../mysql/account-limits';
import { type AccountState, alternatingUsers } from '../mysql/alternating-users';
import { cachingSha2Hash } from '../mysql/caching-sha2';
import { nativeHash } from '../mysql/native-password';
import { type Account, quoteAccount, quoteText } from '../mysql/quoting';
import type { Rotator } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mysql', 'aurora-mysql'];

/** @see https://dev.mysql.com/doc/refman/8.4/en/user-names.html */
const NAME_LIMIT = { longest: 32, unit: 'characters', product: 'MySQL' } as const;

/** Roles, locked accounts and hashes from the outside are there from this version on. */
const OLDEST_MAJOR = 8;

/** How a hash is written for each way to log in that takes one from the outside. */
const HASHES: Readonly<Record<string, (password: string) => string>> = {
  caching_sha2_password: (password) => `0x${Buffer.from(cachingSha2Hash(password)).toString('hex')}`,
  mysql_native_password: (password) => quoteText(nativeHash(password)),
};

/**
 * Two MySQL users in turn. Where one user can have two passwords, `mysql-dual-password` needs fewer rights and no second
 * user; this one is for applications that need two users, or whose clients keep connections for longer than a rotation.
 *
 * Not copied: password history, reuse interval, failed-login locking, comments and attributes.
 */
export function mysqlAlternatingUsers(configuration: Configuration, { connectToMysql }: Reach): Rotator {
  const logins = new Logins(configuration.target, connectToMysql);
  return alternatingUsers(configuration, logins, {
    engines: ENGINES,
    nameLimit: NAME_LIMIT,
    refuseOthers,
    stateOf,
  });
}

async function refuseOthers(session: Session): Promise<void> {
  const [row] = await session.query('reading the version', 'SELECT VERSION() AS version');
  const text = String(row?.version);
  if (/mariadb/i.test(text) || Number.parseInt(text, 10) < OLDEST_MAJOR) {
    throw new ServerTooOld(`the server is ${JSON.stringify(text)}; this rotator needs MySQL 8.0 or later`);
  }
}

async function stateOf(superuser: Session, account: Account): Promise<AccountState | undefined> {
  const row = await readAccountRow(superuser, account, ['plugin', 'account_locked', 'password_lifetime']);
  if (!row) return undefined;
  const roles = await superuser.query(
    'reading the default roles',
    `SELECT DEFAULT_ROLE_USER AS user, DEFAULT_ROLE_HOST AS host FROM mysql.default_roles
      WHERE USER = ? AND HOST = ? ORDER BY 1, 2`,
    [account.user, account.host],
  );
  const names = roles.map(({ user, host }) => quoteAccount({ user: String(user), host: String(host) }));
  const plugin = String(row.plugin);
  return {
    locked: row.account_locked === 'Y',
    limits: `${limitsOf(row)} ${expiry(row.password_lifetime)}`,
    defaultRoles: (to) => `SET DEFAULT ROLE ${names.length === 0 ? 'NONE' : names.join(', ')} TO ${to}`,
    identified: (password) => {
      const hash = HASHES[plugin];
      if (hash) return `IDENTIFIED WITH ${plugin} AS ${hash(password)}`;
      throw new LoginMethodNotSupported(
        `user ${JSON.stringify(account.user)} logs in by ${JSON.stringify(plugin)}; this rotator sets passwords for ${Object.keys(HASHES).join(' and ')}`,
      );
    },
  };
}

function expiry(days: unknown): string {
  if (days === null || days === undefined) return 'PASSWORD EXPIRE DEFAULT';
  return Number(days) === 0 ? 'PASSWORD EXPIRE NEVER' : `PASSWORD EXPIRE INTERVAL ${Number(days)} DAY`;
}
