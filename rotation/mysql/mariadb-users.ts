import { identifiedVia } from './mariadb-methods';
import { nativeHash } from './native-password';
import { quoteAccount } from './quoting';
import type { UserDialect } from './user-dialect';

const ACCOUNTS = `SELECT Host AS host, JSON_VALUE(Priv, '$.account_locked') AS shut,
  JSON_VALUE(Priv, '$.authentication_string') AS kept FROM mysql.global_priv WHERE User = ?`;

/** Users of MariaDB. */
export const MARIADB_USERS: UserDialect = {
  accounts: async (superuser, user) =>
    (await superuser.query('looking for the user', ACCOUNTS, [user])).map(({ host, shut, kept }) => ({
      host: String(host),
      locked: ['1', 'true'].includes(String(shut)),
      stored: String(kept ?? ''),
    })),
  hash: nativeHash,
  noPassword: (digits) => `*${digits.slice(0, 40).toUpperCase()}`,
  identified: (stored) => identifiedVia([stored], []),
  setDefaultRoles: (account, [role = 'NONE']) => `SET DEFAULT ROLE ${role} FOR ${quoteAccount(account)}`,
};
