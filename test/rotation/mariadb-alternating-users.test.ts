import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { canRun } from '../support/required';
import { describeAlternatingAccounts } from './alternating-accounts';

describeAlternatingAccounts(
  {
    name: 'MariaDB',
    rotator: 'mariadb-alternating-users',
    engine: 'mariadb',
    rootPassword: ROOT_PASSWORD,
    defaultRole: 'FOR',
    start: startMariadb,
  },
  !canRun('mariadb', mariadbMissing()),
);
