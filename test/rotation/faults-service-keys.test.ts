import { KEYS } from './key-site';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';
import { superuserFaults } from './suites/superuser-faults';

faultsAtOnePlace(KEYS, (place) => {
  serviceFaults(KEYS, place);
  superuserFaults(KEYS, place);
});
