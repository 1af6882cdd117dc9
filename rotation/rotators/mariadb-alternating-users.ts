import type { Configuration } from '../configuration';
import { Logins } from '../logins';
import { alternatingUsers } from '../mysql/alternating-users';
import { identifiedVia, methodsOf } from '../mysql/mariadb-methods';
import { MARIADB_USERS } from '../mysql/mariadb-users';
import { nativeHash } from '../mysql/native-password';
import { requireMariadb } from '../mysql/server';
import type { Rotator } from '../rotator';
import type { Reach } from '../rotators';

const ENGINES = ['mariadb'];

/** @see https://mariadb.com/kb/en/identifier-names/#maximum-length */
const NAME_LIMIT = { longest: 80, unit: 'characters', product: 'MariaDB' } as const;

/** Two MariaDB users in turn. One user with two passwords needs fewer rights of the superuser; this is for all else. */
export function mariadbAlternatingUsers(configuration: Configuration, { connectToMysql }: Reach): Rotator {
  return alternatingUsers(configuration, new Logins(configuration.target, connectToMysql), {
    engines: ENGINES,
    nameLimit: NAME_LIMIT,
    // Accounts can be locked since then.
    prepare: (superuser) => requireMariadb(superuser, [10, 4, 2], 'alternating users need'),
    passwords: async (superuser, { account }) => {
      const methods = await methodsOf(superuser, account);
      return {
        forBase: (password) => identifiedVia([nativeHash(password)], methods),
        forClone: (password) => identifiedVia([nativeHash(password)], []),
      };
    },
    // All methods are written anew with every password.
    endSecondary: async () => {},
    users: MARIADB_USERS,
  });
}
