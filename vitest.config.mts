import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/temporary-files.ts'],
    // Real servers and Terraform share two cores with the tests: two files at once is what fits.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Whole-stack tests build every environment; isolation by process keeps CDKTF's per-process state apart.
    pool: 'forks',
  },
});
