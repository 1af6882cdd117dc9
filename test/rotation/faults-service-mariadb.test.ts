import { MARIADB } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';
import { superuserFaults } from './suites/superuser-faults';

faultsAtOnePlace(MARIADB, (place) => {
  serviceFaults(MARIADB, place);
  superuserFaults(MARIADB, place);
});
