import { describe } from 'vitest';
import { type Mariadb, mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { canRun } from '../support/required';
import { alternatingUsersSuite } from './suites/alternating-users';

describe.skipIf(!canRun('mariadb', mariadbMissing()))('MariaDB alternating users', () => {
  alternatingUsersSuite(
    {
      engine: 'mariadb',
      rotator: 'mariadb-alternating-users',
      rootPassword: ROOT_PASSWORD,
      longestName: 80,
      start: (): Promise<Mariadb> => startMariadb(),
      setDefaultRole: (account, role) => `SET DEFAULT ROLE ${role} FOR ${account}`,
      passwordStatement: /ALTER USER .* IDENTIFIED VIA mysql_native_password USING '\*[0-9A-F]{40}'/,
    },
    () => {},
  );
});
