import { POSTGRES } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';
import { superuserFaults } from './suites/superuser-faults';

faultsAtOnePlace(POSTGRES, (place) => {
  serviceFaults(POSTGRES, place);
  superuserFaults(POSTGRES, place);
});
