import { MYSQL } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';
import { superuserFaults } from './suites/superuser-faults';

faultsAtOnePlace(MYSQL, (place) => {
  serviceFaults(MYSQL, place);
  superuserFaults(MYSQL, place);
});
