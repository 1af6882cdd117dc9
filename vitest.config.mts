import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that run for minutes: at the end of a run one core would wait for them. */
const LONG = ['test/apply/aws.test.ts', 'test/rotation/postgres-alternating-users.test.ts'];

/** The files that take longest begin first: in a fresh checkout their times are not known. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((long) => moduleId.endsWith(long));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    setupFiles: ['test/support/temporary-files.ts'],
    // Real servers and Terraform share two cores with the tests; one file more, since the longest mostly waits for the
    // pauses of a provider, and a server for its network.
    maxWorkers: 3,
    sequence: { sequencer: LongFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Whole-stack tests build every environment; isolation by process keeps CDKTF's per-process state apart.
    pool: 'forks',
  },
});
