import { type App, Testing } from 'cdktf';
import { AzureStack } from '../../constructs/azure/azure-stack';
import type { AzureEnvironment, HasAzure } from '../../constructs/azure/environment';
import type { CoreEnvironment } from '../../constructs/core/environment';

/** An environment with Azure, as the constructs' tests use it. */
export type TestEnvironment = CoreEnvironment & HasAzure;

export const TENANT = '11111111-1111-1111-1111-111111111111';
export const SUBSCRIPTION = '22222222-2222-2222-2222-222222222222';
export const PRINCIPAL = '33333333-3333-3333-3333-333333333333';

/** Production in Azure, with a runner inside the network. */
export const PROD_AZURE: AzureEnvironment = {
  tenantId: TENANT,
  subscriptionId: SUBSCRIPTION,
  location: 'eastus',
  suffix: 'x7q2',
  network: { kind: 'created', cidr: '10.30.0.0/24' },
  runner: { insideNetwork: true },
};

/** A production environment, with parts of its Azure replaced. */
export function prod(azure: Partial<AzureEnvironment> = {}): TestEnvironment {
  return {
    name: 'prod',
    tier: 'production',
    state: {
      kind: 'azurerm',
      resourceGroup: 'state-rg',
      storageAccount: 'examplestate',
      container: 'prod',
      tenantId: TENANT,
      subscriptionId: SUBSCRIPTION,
    },
    azure: { ...PROD_AZURE, ...azure },
  };
}

/** A sandbox, with parts of its Azure replaced. */
export function sandbox(azure: Partial<AzureEnvironment> = {}): TestEnvironment {
  return { name: 'box', tier: 'sandbox', state: { kind: 'local' }, azure: { ...PROD_AZURE, ...azure } };
}

/** The app's stacks of one environment, as a test puts constructs into them. */
export interface Stacks {
  readonly app: App;
  readonly base: AzureStack;
  readonly values: AzureStack;
  readonly web: AzureStack;
}

/** Makes the three stacks of an app in one environment. */
export function stacks(environment: TestEnvironment = prod()): Stacks {
  const app = Testing.app();
  return {
    app,
    base: new AzureStack(app, environment, 'myapp'),
    values: new AzureStack(app, environment, 'myapp', 'values'),
    web: new AzureStack(app, environment, 'myapp', 'web'),
  };
}

/** The arguments of one resource, as Terraform's JSON has them. */
export type Arguments = Readonly<Record<string, unknown>>;

/** Terraform's JSON of a stack, as far as tests look into it. */
interface StackJson {
  readonly terraform: Arguments;
  readonly provider: Readonly<Record<string, readonly Arguments[]>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Arguments>>>>;
  readonly output?: Readonly<Record<string, Arguments>>;
}

/** A stack's JSON without CDKTF's metadata. */
export function stackJson(stack: AzureStack): StackJson {
  return JSON.parse(Testing.synth(stack)) as StackJson;
}

/** All resources of a type, in the order of their addresses. */
export function resources(stack: AzureStack, type: string): readonly Arguments[] {
  return Object.values(stackJson(stack).resource?.[type] ?? {});
}

/** The only resource of a type. */
export function resource(stack: AzureStack, type: string): Arguments {
  const [found, ...more] = resources(stack, type);
  if (found === undefined || more.length > 0) throw new Error(`there is not one ${type} in ${stack.node.id}`);
  return found;
}

/** What a stack's constructs refuse at synthesis. */
export function validationLines(stack: AzureStack): readonly string[] {
  return stack.node.findAll().flatMap((construct) => construct.node.validate());
}
