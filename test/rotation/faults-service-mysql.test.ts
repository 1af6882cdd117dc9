import { MYSQL } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';

faultsAtOnePlace(MYSQL);
