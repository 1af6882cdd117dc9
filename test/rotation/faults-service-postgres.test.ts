import { POSTGRES } from './sites';
import { faultsAtOnePlace } from './suites/at-one-place';

faultsAtOnePlace(POSTGRES);
