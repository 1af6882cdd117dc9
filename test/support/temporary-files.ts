import { join } from 'node:path';
import { inject } from 'vitest';

// Before each test file: what it and its children put among the temporary files goes with the run's folder.
process.env['TMPDIR'] = inject('runFolder');
// What is kept between runs must not keep a change of its maker from being seen.
process.env['XDG_CACHE_HOME'] = join(inject('runFolder'), 'cache');
