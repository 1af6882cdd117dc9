import { AzurermBackend, LocalBackend, S3Backend, TerraformOutput, TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { CoreEnvironment, State } from './environment';
import { hasProvider } from './ephemeral';
import { InvalidProps, type Problem, refuse } from './errors';
import type { NextStep } from './next-step';
import type { Store } from './secret-type';
import { type TierDefaults, tierDefaults } from './tier';

/** The engines that know write-only arguments and ephemeral resources, Terraform and OpenTofu alike. */
export const REQUIRED_ENGINE = '>= 1.11';

/** The random provider's first version with ephemeral passwords, up to the next major. */
const RANDOM_VERSIONS = '>= 3.7, < 4';

/** Parts of a stack's id: lower-case words, so that the id is legal as a folder, a state's key and part of most names. */
const ID_PART = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/;

/** What a stack is called after: `<environment>-<app>-<store>[-part]`. */
export interface StackName {
  /** The application, such as `myapp`, or `platform` for what a whole server shares. */
  readonly app: string;
  readonly store: Store;
  /**
   * The part, where one store needs several stacks.
   *
   * @default - no part
   */
  readonly part?: string;
}

/** A stack of one environment and one store; each store's own stack class builds on it. */
export abstract class StrongroomStack extends TerraformStack {
  /**
   * The stack that a construct is in.
   *
   * @throws {InvalidProps} `SR-STACK-FOREIGN` when it is in a stack of another kind.
   */
  static override of(construct: Construct): StrongroomStack {
    const stack = TerraformStack.of(construct);
    if (stack instanceof StrongroomStack) return stack;
    throw new InvalidProps(construct.node.path, [
      {
        code: 'SR-STACK-FOREIGN',
        property: 'scope',
        message: `is in ${stack.node.id}, which is no stack of Strongroom and knows no environment`,
        fix: 'make it in an AwsStack, AzureStack or VaultStack',
      },
    ]);
  }

  private readonly steps: NextStep[] = [];
  /** What the environment's tier protects by default. */
  readonly defaults: TierDefaults;
  private readonly predecessors: StackName[] = [];

  /** @throws {InvalidProps} `SR-STACK-NAME` when the app's or the part's name can't be part of an id. */
  protected constructor(
    scope: Construct,
    readonly environment: CoreEnvironment,
    readonly stackName: StackName,
  ) {
    refuse(environment.name, [idPartProblem('app', stackName.app), idPartProblem('part', stackName.part)]);
    super(scope, stackId(environment, stackName));
    this.defaults = tierDefaults(environment.tier);
    this.addOverride('terraform.required_version', REQUIRED_ENGINE);
    storeState(this, environment.state);
  }

  /** The application that the stack belongs to. */
  get appName(): string {
    return this.stackName.app;
  }

  /**
   * Applies this stack after another of the same environment, where the app has that one.
   *
   * Only the order is shared: names and ids are composed, never handed over as values.
   */
  applyAfter(name: StackName): void {
    this.predecessors.push(name);
  }

  /** Looks for the stacks to apply before this one when all of them are there, in whatever order the app makes them. */
  override prepareStack(): void {
    for (const name of this.predecessors) {
      const other = this.node.root.node.tryFindChild(stackId(this.environment, name));
      if (other instanceof TerraformStack) this.addDependency(other);
    }
    super.prepareStack();
  }

  /** What a person does once, outside Terraform, in the order in which the constructs were made. */
  get nextSteps(): readonly NextStep[] {
    return this.steps;
  }

  /** Adds something that a person does once, outside Terraform; it is an output of the stack and holds no value. */
  addNextStep(step: NextStep): void {
    this.steps.push(step);
    const id = `next_steps_${this.steps.length}`;
    new TerraformOutput(this, id, { description: step.what, value: step.run }).overrideLogicalId(id);
  }

  /** Declares the random provider once per stack, when the first generated value needs it. */
  ensureRandomProvider(): void {
    if (!hasProvider(this, 'random')) new RandomProvider(this, this.providerVersions('random', RANDOM_VERSIONS));
  }

  /** The versions that this environment accepts of a provider: its own choice before Strongroom's range. */
  protected providerVersions(provider: 'aws' | 'azurerm' | 'vault' | 'random', range: string): string {
    return this.environment.providerVersions?.[provider] ?? range;
  }

  /** Replaces the exact version that a binding pins by a range. */
  protected acceptVersions(provider: 'aws' | 'azurerm' | 'vault', range: string): void {
    this.addOverride(`terraform.required_providers.${provider}.version`, this.providerVersions(provider, range));
  }
}

/** The id of a stack, which is its state's key and never changes. */
export function stackId(environment: Pick<CoreEnvironment, 'name'>, { app, store, part }: StackName): string {
  return [environment.name, app, store, ...(part === undefined ? [] : [part])].join('-');
}

function idPartProblem(property: string, text: string | undefined): Problem | undefined {
  if (text === undefined || ID_PART.test(text)) return undefined;
  return {
    code: 'SR-STACK-NAME',
    property,
    message: `is ${JSON.stringify(text)}, allowed are lower-case letters, digits and single hyphens, a letter first`,
    fix: 'choose a short name such as myapp: it is part of the key of a state and never changes',
  };
}

function storeState(stack: StrongroomStack, state: State): void {
  const key = `${stack.node.id}.tfstate`;
  switch (state.kind) {
    case 's3': {
      const { bucket, region, kmsKeyArn } = state;
      new S3Backend(stack, { bucket, key, region, encrypt: true, kmsKeyId: kmsKeyArn });
      // The class of cdktf 0.21 is older than the lock file.
      stack.addOverride('terraform.backend.s3.use_lockfile', true);
      return;
    }
    case 'azurerm':
      new AzurermBackend(stack, {
        resourceGroupName: state.resourceGroup,
        storageAccountName: state.storageAccount,
        containerName: state.container,
        key,
        tenantId: state.tenantId,
        subscriptionId: state.subscriptionId,
        useOidc: true,
        useAzureadAuth: true,
      });
      return;
    case 'local':
      // Relative, so that the output is the same on every machine.
      new LocalBackend(stack, { path: `../../../terraform.${key}` });
  }
}

/** hashicorp/random, of which Strongroom uses the ephemeral password alone: no binding is needed for that. */
class RandomProvider extends TerraformProvider {
  constructor(stack: TerraformStack, versions: string) {
    super(stack, 'random', {
      terraformResourceType: 'random',
      terraformGeneratorMetadata: { providerName: 'random', providerVersionConstraint: versions },
      terraformProviderSource: 'hashicorp/random',
    });
  }
}
