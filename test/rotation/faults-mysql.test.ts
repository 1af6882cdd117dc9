import { MYSQL } from './sites';
import { atOnePlace } from './suites/at-one-place';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';

atOnePlace(MYSQL, (site) => {
  networkFaults(MYSQL, site);
  lostUserFaults(MYSQL, site);
});
