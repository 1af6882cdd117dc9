import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import { missingUserSuite } from './suites/missing-user';

missingUserSuite({
  part: 'mariadb',
  missing: mariadbMissing,
  rootPassword: ROOT_PASSWORD,
  start: startMariadb,
  rotators: [
    { rotator: 'mariadb-two-passwords', alternates: false },
    { rotator: 'mariadb-alternating-users', alternates: true },
  ],
});

missingUserSuite({
  part: 'mysql',
  missing: mysqlMissing,
  rootPassword: ROOT_PASSWORD,
  start: startMysql,
  rotators: [
    { rotator: 'mysql-dual-password', alternates: false },
    { rotator: 'mysql-alternating-users', alternates: true },
  ],
});
