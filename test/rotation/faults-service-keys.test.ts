import { KEYS } from './key-site';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';

faultsAtOnePlace(KEYS, (place) => serviceFaults(KEYS, place));
