import { MARIADB } from './sites';
import { atOnePlace } from './suites/at-one-place';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';

atOnePlace(MARIADB, (site) => {
  networkFaults(MARIADB, site);
  lostUserFaults(MARIADB, site);
});
