import { MARIADB } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';

faultsAtOnePlace(MARIADB);
