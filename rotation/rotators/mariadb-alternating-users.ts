import type { Configuration } from '../configuration';
import type { Session } from '../database';
import { Logins } from '../logins';
import { limitsOf, readAccountRow } from '../mysql/account-limits';
import { type AccountState, alternatingUsers } from '../mysql/alternating-users';
import {
  globalPrivileges,
  identifiedByHashes,
  methodsIn,
  refuseOtherThanMariadb,
} from '../mysql/mariadb-login-methods';
import { nativeHash } from '../mysql/native-password';
import { type Account, quoteName } from '../mysql/quoting';
import type { Rotator } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mariadb'];

/** @see https://mariadb.com/kb/en/identifier-names/#maximum-length */
const NAME_LIMIT = { longest: 80, unit: 'characters', product: 'MariaDB' } as const;

/**
 * Two MariaDB users in turn. Where one user can have two passwords, `mariadb-two-passwords` needs no second user; this one
 * is for applications that need two users, or whose clients keep connections for longer than a rotation.
 */
export function mariadbAlternatingUsers(configuration: Configuration, { connectToMysql }: Reach): Rotator {
  const logins = new Logins(configuration.target, connectToMysql);
  return alternatingUsers(configuration, logins, {
    engines: ENGINES,
    nameLimit: NAME_LIMIT,
    refuseOthers: refuseOtherThanMariadb,
    stateOf,
  });
}

async function stateOf(superuser: Session, account: Account): Promise<AccountState | undefined> {
  const priv = await globalPrivileges(superuser, account);
  const row = await readAccountRow(superuser, account, ['default_role', 'max_statement_time']);
  if (!priv || !row) return undefined;
  const methods = methodsIn(priv, account.user);
  const role = await grantedRole(superuser, account, String(row.default_role ?? ''));
  return {
    locked: priv.account_locked === true,
    limits: `${limitsOf(row)} MAX_STATEMENT_TIME ${Number(row.max_statement_time ?? 0)} ${expiry(priv.password_lifetime)}`,
    defaultRoles: (to) => `SET DEFAULT ROLE ${role === undefined ? 'NONE' : quoteName(role)} FOR ${to}`,
    identified: (password) => identifiedByHashes([nativeHash(password)], methods),
  };
}

/** The server keeps the name of a default role that the account has no longer. */
async function grantedRole(superuser: Session, { user, host }: Account, role: string): Promise<string | undefined> {
  if (role === '') return undefined;
  const rows = await superuser.query(
    'reading the roles',
    'SELECT Role FROM mysql.roles_mapping WHERE User = ? AND Host = ? AND Role = ?',
    [user, host, role],
  );
  return rows.length === 0 ? undefined : role;
}

/** The server keeps -1 for its own default. */
function expiry(days: unknown): string {
  if (days === undefined || Number(days) < 0) return 'PASSWORD EXPIRE DEFAULT';
  return Number(days) === 0 ? 'PASSWORD EXPIRE NEVER' : `PASSWORD EXPIRE INTERVAL ${Number(days)} DAY`;
}
