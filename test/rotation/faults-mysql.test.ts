import { MYSQL } from './sites';
import { atOnePlace } from './suites/at-one-place';
import { type Held, lockFaults } from './suites/lock-faults';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';
import { newPrimaryFaults } from './suites/new-primary-faults';
import { superuserFaultsOfServers } from './suites/superuser-faults';

const HELD: readonly Held[] = [
  { what: 'a dump has a read lock on everything', statements: ['FLUSH TABLES WITH READ LOCK'] },
  { what: 'a backup has the lock for backups', statements: ['LOCK INSTANCE FOR BACKUP'] },
  { what: 'a read lock on the table of users', statements: ['LOCK TABLES mysql.user READ'] },
  {
    what: 'a write lock on the table of users',
    statements: ['LOCK TABLES mysql.user WRITE'],
    silences: ['mysql-alternating-users'],
  },
];

atOnePlace(MYSQL, (site) => {
  networkFaults(MYSQL, site);
  lockFaults(MYSQL, site, HELD);
  lostUserFaults(MYSQL, site);
  superuserFaultsOfServers(MYSQL, site);
  newPrimaryFaults(MYSQL, site);
});
