import { isFirst } from './once';

/** Parts of the tests that need something which not every machine has. */
export type Part =
  | 'schemas'
  | 'apply'
  | 'engine'
  | 'detached'
  | `detached-${'azurerm' | 'random' | 'vault'}`
  | 'mariadb'
  | 'mariadb-plugins'
  | 'mysql'
  | 'netns'
  | 'tofu'
  | 'aws-cli'
  | 'moto'
  | 'postgres-versions';

/**
 * Whether a part can run. Prints one line with the reason when it cannot, once per run.
 *
 * @throws when the part is named in `STRONGROOM_REQUIRE`, a list separated by commas: there, skipping is a failure.
 */
export function canRun(part: Part, missing: string | undefined): boolean {
  if (missing === undefined) return true;
  const required = (process.env.STRONGROOM_REQUIRE ?? '').split(',').includes(part);
  if (required) throw new Error(`${part} must run here (STRONGROOM_REQUIRE), but ${missing}`);
  // Past vitest, which would add where it came from to every line.
  if (isFirst(`skipped-${part}`)) process.stdout.write(`skipped: ${part}: ${missing}\n`);
  return false;
}
