import type { Problem } from './errors';
import { TIERS, type Tier, tierDefaults } from './tier';

/** State in an S3 bucket, locked by a lock file and encrypted with a KMS key. */
export interface S3State {
  readonly kind: 's3';
  readonly bucket: string;
  readonly region: string;
  /** ARN of the KMS key that encrypts the state. */
  readonly kmsKeyArn: string;
}

/** State in an Azure storage container, reached with OIDC and Entra ID, never with an account key. */
export interface AzurermState {
  readonly kind: 'azurerm';
  readonly resourceGroup: string;
  readonly storageAccount: string;
  readonly container: string;
  readonly tenantId: string;
  readonly subscriptionId: string;
}

/** State in a file beside the synthesized stack; only the sandbox tier may. */
export interface LocalState {
  readonly kind: 'local';
}

/** Where Terraform's state lives. */
export type State = S3State | AzurermState | LocalState;

/** A provider's name and the versions that a stack accepts of it, in Terraform's notation. */
export type ProviderVersions = Readonly<Partial<Record<'aws' | 'azurerm' | 'vault' | 'random', string>>>;

/** What every environment has, whatever its stores are. */
export interface CoreEnvironment {
  /** The environment's name: the first part of every stack's id and of most physical names. */
  readonly name: string;
  readonly tier: Tier;
  /** Where the state of this environment's stacks lives. */
  readonly state: State;
  /**
   * Provider versions to accept instead of Strongroom's own ranges.
   *
   * @default {}
   */
  readonly providerVersions?: ProviderVersions;
}

const NAME = /^[a-z][a-z0-9]{1,11}$/;

/** Everything that is wrong with the part that every environment has, in all of them together. */
export function environmentsProblems(environments: readonly CoreEnvironment[]): readonly Problem[] {
  return [...environments.flatMap(environmentProblems), ...namedTwice(environments)];
}

/** Everything that is wrong with the part that every environment has, in one of them. */
export function environmentProblems(environment: CoreEnvironment): readonly Problem[] {
  return [nameForm(environment), tierKnown(environment), stateForTier(environment)].filter(
    (problem): problem is Problem => problem !== undefined,
  );
}

function nameForm({ name }: CoreEnvironment): Problem | undefined {
  if (NAME.test(name)) return undefined;
  return {
    code: 'SR-ENVIRONMENT-NAME',
    property: 'name',
    message: `is ${JSON.stringify(name)}, allowed are 2 to 12 lower-case letters and digits, a letter first`,
    fix: 'use a short name such as prod: it stands in front of names with tight limits',
  };
}

function namedTwice(environments: readonly CoreEnvironment[]): readonly Problem[] {
  const names = environments.map(({ name }) => name);
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map((name) => ({
    code: 'SR-ENVIRONMENT-TWICE',
    property: 'name',
    message: `is ${JSON.stringify(name)} in more than one environment, allowed is one environment of each name`,
    fix: 'give each its own name: it is part of the key of every state',
  }));
}

function tierKnown({ name, tier }: CoreEnvironment): Problem | undefined {
  if (TIERS.includes(tier)) return undefined;
  return {
    code: 'SR-ENVIRONMENT-TIER',
    property: `${name}.tier`,
    message: `is ${JSON.stringify(tier)}, allowed are ${TIERS.join(', ')}`,
    fix: 'choose the tier by what a loss would cost',
  };
}

function stateForTier({ name, tier, state }: CoreEnvironment): Problem | undefined {
  if (state.kind !== 'local' || !TIERS.includes(tier) || tierDefaults(tier).localState) return undefined;
  return {
    code: 'SR-STATE-LOCAL',
    property: `${name}.state`,
    message: `is local in the ${tier} tier, allowed are s3 and azurerm`,
    fix: 'keep state remote, locked and encrypted; local state is for the sandbox tier',
  };
}
