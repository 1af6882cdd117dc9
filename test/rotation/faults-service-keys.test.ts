import { KEYS } from './key-site';
import { faultsAtOnePlace } from './suites/at-one-place';

faultsAtOnePlace(KEYS);
