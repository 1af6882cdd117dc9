import { MARIADB } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';
import { serviceFaults } from './suites/service-faults';

faultsAtOnePlace(MARIADB, (place) => serviceFaults(MARIADB, place));
