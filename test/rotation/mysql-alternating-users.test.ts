import { describe } from 'vitest';
import { type Mysql, mysqlMissing, ROOT_PASSWORD, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { alternatingUsersSuite } from './suites/alternating-users';

describe.skipIf(!canRun('mysql', mysqlMissing()))('MySQL alternating users', () => {
  alternatingUsersSuite(
    {
      engine: 'mysql',
      rotator: 'mysql-alternating-users',
      rootPassword: ROOT_PASSWORD,
      longestName: 32,
      start: (): Promise<Mysql> => startMysql(),
      setDefaultRole: (account, role) => `SET DEFAULT ROLE ${role} TO ${account}`,
      passwordStatement: /ALTER USER .* IDENTIFIED WITH/,
    },
    () => {},
  );
});
