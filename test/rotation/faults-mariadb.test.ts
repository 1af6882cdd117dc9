import { MARIADB } from './sites';
import { atOnePlace } from './suites/at-one-place';
import { type Held, lockFaults } from './suites/lock-faults';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';
import { newPrimaryFaults } from './suites/new-primary-faults';
import { superuserFaultsOfServers } from './suites/superuser-faults';

const HELD: readonly Held[] = [
  { what: 'a dump has a read lock on everything', statements: ['FLUSH TABLES WITH READ LOCK'] },
  { what: 'a read lock on the table of users', statements: ['LOCK TABLES mysql.global_priv READ'] },
  { what: 'a write lock on the table of users', statements: ['LOCK TABLES mysql.global_priv WRITE'] },
  {
    what: 'a backup is at its last stage',
    statements: ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'].map((stage) => `BACKUP STAGE ${stage}`),
  },
];

atOnePlace(MARIADB, (site) => {
  networkFaults(MARIADB, site);
  lockFaults(MARIADB, site, HELD);
  lostUserFaults(MARIADB, site);
  superuserFaultsOfServers(MARIADB, site);
  newPrimaryFaults(MARIADB, site);
});
