import { checkAwsEnvironments, type HasAws } from '../constructs/aws/environment';
import { checkAzureEnvironments, type HasAzure } from '../constructs/azure/environment';
import type { EnvironmentsReport } from '../constructs/core/app';
import { type CoreEnvironment, environmentsProblems } from '../constructs/core/environment';
import { checkVaultEnvironments, type HasVault } from '../constructs/vault/environment';

/** Everything that differs between one environment and the next: what all have, and a part for each store. */
export interface Environment extends CoreEnvironment, HasAws, HasAzure, HasVault {}

/** Checks all environments together, before any stack is made. */
export function checkEnvironments(environments: readonly Environment[]): EnvironmentsReport {
  const reports = [
    { problems: environmentsProblems(environments), warnings: [] },
    checkAwsEnvironments(environments),
    checkAzureEnvironments(environments),
    checkVaultEnvironments(environments),
  ];
  return {
    problems: reports.flatMap((report) => report.problems),
    warnings: reports.flatMap((report) => report.warnings),
  };
}
