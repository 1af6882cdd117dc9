import type { Configuration } from '../configuration';
import type { Session } from '../database';
import { LoginMethodNotSupported } from '../errors';
import { Logins } from '../logins';
import { alternatingUsers } from '../mysql/alternating-users';
import { cachingSha2Hash } from '../mysql/caching-sha2';
import { identifiedWith, MYSQL_USERS } from '../mysql/mysql-users';
import { nativeHash } from '../mysql/native-password';
import type { Profile } from '../mysql/profile';
import { type Account, quoteAccount } from '../mysql/quoting';
import { requireMysql } from '../mysql/server';
import type { Rotator } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mysql', 'aurora-mysql'];

/** @see https://dev.mysql.com/doc/refman/8.4/en/user-names.html */
const NAME_LIMIT = { longest: 32, unit: 'characters', product: 'MySQL' } as const;

/** Methods of login whose stored form is made here. */
const HASHES: Readonly<Record<string, (password: string) => string>> = {
  caching_sha2_password: cachingSha2Hash,
  mysql_native_password: nativeHash,
};

/** Two MySQL users in turn. One user with two passwords needs fewer rights of the superuser; this is for all else. */
export function mysqlAlternatingUsers(configuration: Configuration, { connectToMysql }: Reach): Rotator {
  return alternatingUsers(configuration, new Logins(configuration.target, connectToMysql), {
    engines: ENGINES,
    nameLimit: NAME_LIMIT,
    prepare: async (superuser) => {
      await requireMysql(superuser, [8, 0, 17], 'alternating users need');
      // A stored password has any bytes; in the middle of a statement they could be taken for its end.
      await superuser.query('preparing to read accounts', 'SET SESSION print_identified_with_as_hex = 1');
    },
    passwords: async (_, base) => {
      const identified = identifiedBy(base);
      return { forBase: identified, forClone: identified };
    },
    endSecondary,
    users: MYSQL_USERS,
  });
}

function identifiedBy({ account, options: { plugin = '', secondFactor } }: Profile): (password: string) => string {
  const hash = Object.hasOwn(HASHES, plugin) ? HASHES[plugin] : undefined;
  if (!hash || secondFactor) {
    throw new LoginMethodNotSupported(
      `user ${JSON.stringify(account.user)} logs in by ${JSON.stringify(plugin)}${secondFactor ? ' and a second factor' : ''}; passwords are set for ${Object.keys(HASHES).join(' and ')} alone`,
    );
  }
  return (password) => identifiedWith(plugin, hash(password));
}

/** A second password, of dual passwords before, would go on working beside the new one. */
async function endSecondary(superuser: Session, { user, host }: Account): Promise<void> {
  const [row] = await superuser.query(
    'looking for a second password',
    "SELECT JSON_CONTAINS_PATH(User_attributes, 'one', '$.additional_password') AS found FROM mysql.user WHERE User = ? AND Host = ?",
    [user, host],
  );
  if (Number(row?.found ?? 0) !== 1) return;
  await superuser.query(
    'ending the second password',
    `ALTER USER ${quoteAccount({ user, host })} DISCARD OLD PASSWORD`,
  );
}
