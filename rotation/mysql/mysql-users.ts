import { cachingSha2Hash } from './caching-sha2';
import { quoteAccount } from './quoting';
import type { UserDialect } from './user-dialect';

/** A stored password of some other method can have any bytes. */
const ACCOUNTS = `SELECT Host AS host, account_locked AS shut, HEX(authentication_string) AS kept
  FROM mysql.user WHERE User = ?`;

/** The salt and the digest of a stored password. */
const SALT_AND_DIGEST = 63;

/** Users of MySQL. */
export const MYSQL_USERS: UserDialect = {
  accounts: async (superuser, user) =>
    (await superuser.query('looking for the user', ACCOUNTS, [user])).map(({ host, shut, kept }) => ({
      host: String(host),
      locked: shut === 'Y',
      stored: Buffer.from(String(kept ?? ''), 'hex').toString(),
    })),
  hash: cachingSha2Hash,
  noPassword: (digits) => `$A$005$${digits.slice(0, SALT_AND_DIGEST)}`,
  identified: (stored) => identifiedWith('caching_sha2_password', stored),
  setDefaultRoles: (account, roles) =>
    `ALTER USER ${quoteAccount(account)} DEFAULT ROLE ${roles.length === 0 ? 'NONE' : roles.join(', ')}`,
};

/** The clause that gives an account what a method keeps of a password. */
export function identifiedWith(plugin: string, stored: string): string {
  return `IDENTIFIED WITH ${plugin} AS 0x${Buffer.from(stored).toString('hex')}`;
}
