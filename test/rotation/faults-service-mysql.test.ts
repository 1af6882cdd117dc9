import { MYSQL } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';

faultsAtOnePlace(MYSQL, (place) => serviceFaults(MYSQL, place));
