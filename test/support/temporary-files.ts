import { inject } from 'vitest';

// Before each test file: what it and its children put among the temporary files goes with the run's folder.
process.env['TMPDIR'] = inject('runFolder');
