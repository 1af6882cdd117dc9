import { AzurermProvider, type AzurermProviderFeatures } from '@cdktf/provider-azurerm/lib/provider';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import type { Construct } from 'constructs';
import type { CoreEnvironment } from '../core/environment';
import { InvalidProps, refuse } from '../core/errors';
import { claimName, type NameRule, nameProblem } from '../core/naming';
import { StrongroomStack } from '../core/strongroom-stack';
import type { TierDefaults } from '../core/tier';
import type { AzureEnvironment, HasAzure } from './environment';
import { NAMES, type ResourcePlace } from './names';

/** The versions whose API Azure still serves after February 2027, and whose names these constructs write. */
const PROVIDER_VERSIONS = '>= 5.0, < 6';

/**
 * A stack of one app in one environment's Azure.
 *
 * The stack without a part makes the app's resource group; its other parts are applied after it and find it by name.
 */
export class AzureStack extends StrongroomStack {
  /**
   * The Azure stack that a construct is in.
   *
   * @throws {InvalidProps} `SR-STACK-FOREIGN` when it is in a stack of another kind.
   */
  static override of(construct: Construct): AzureStack {
    const stack = StrongroomStack.of(construct);
    if (stack instanceof AzureStack) return stack;
    throw new InvalidProps(construct.node.path, [
      {
        code: 'SR-STACK-FOREIGN',
        property: 'scope',
        message: `is in ${stack.node.id}, which is no stack of Azure`,
        fix: 'make it in an AzureStack',
      },
    ]);
  }

  /** The environment's Azure. */
  readonly azure: AzureEnvironment;
  /** The name of the app's resource group, for use in this stack's resources. */
  readonly resourceGroup: string;
  /** Where the app's resources are, by name alone: good in every stack. */
  readonly place: ResourcePlace;
  /** Tags of every resource. */
  readonly tags: Readonly<Record<string, string>>;

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN` for the resource group's name. */
  constructor(
    scope: Construct,
    override readonly environment: CoreEnvironment & HasAzure,
    app: string,
    part?: string,
  ) {
    super(scope, environment, { app, store: 'azure', ...(part === undefined ? {} : { part }) });
    this.azure = environment.azure;
    this.place = { subscriptionId: this.azure.subscriptionId, resourceGroup: this.named(`${app}-rg`) };
    this.tags = { Environment: environment.name, Application: app };
    this.addProvider();
    this.resourceGroup = part === undefined ? this.makeResourceGroup() : this.place.resourceGroup;
    if (part !== undefined) this.applyAfter({ app, store: 'azure' });
  }

  /** A name with the environment in front, unless the environment has the subscription alone. */
  named(name: string): string {
    return this.azure.subscriptionAlone === true ? name : `${this.environment.name}-${name}`;
  }

  /** A name for what must be unique in the whole world: with the environment in front and its suffix behind. */
  worldwide(name: string): string {
    return `${this.named(name)}-${this.azure.suffix}`;
  }

  /**
   * Checks a physical name and takes it for a construct, within the app's resource group or the whole world.
   *
   * @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  claim(scope: Construct, rule: NameRule, name: string, within: 'group' | 'world' = 'group', property = 'name'): void {
    refuse(scope, [nameProblem(rule, property, name)]);
    const { subscriptionId, resourceGroup } = this.place;
    claimName(scope, property, {
      kind: rule.what.replace(/^an? /, ''),
      within: within === 'world' ? '' : `resource group ${resourceGroup} of subscription ${subscriptionId}`,
      name,
      caseInsensitive: true,
    });
  }

  private addProvider(): void {
    new AzurermProvider(this, 'azurerm', {
      subscriptionId: this.azure.subscriptionId,
      tenantId: this.azure.tenantId,
      // How to log in is the process environment's (ARM_USE_OIDC, ARM_CLIENT_ID, …): a pipeline and a person differ.
      features: [features(this.defaults)],
      // Registering needs a right on the whole subscription, which a deploying identity shall not have.
      resourceProviderRegistrations: 'none',
      storageUseAzuread: true,
    });
    this.acceptVersions('azurerm', PROVIDER_VERSIONS);
  }

  private makeResourceGroup(): string {
    const { subscriptionId, resourceGroup: name } = this.place;
    refuse(this, [nameProblem(NAMES.resourceGroup, 'app', name)]);
    claimName(this, 'app', {
      kind: 'resource group',
      within: `subscription ${subscriptionId}`,
      name,
      caseInsensitive: true,
    });
    const group = new ResourceGroup(this, 'resource-group', {
      name,
      location: this.azure.location,
      tags: this.tags,
      lifecycle: { preventDestroy: this.defaults.preventDestroy },
    });
    return group.name;
  }
}

/**
 * What the provider does beyond the resources themselves, all of it written out.
 *
 * Where a tier protects against deletion, nothing that was deleted is purged as well.
 *
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/features-block
 */
function features({ deletionProtection }: TierDefaults): AzurermProviderFeatures {
  const purge = !deletionProtection;
  return {
    keyVault: [
      {
        purgeSoftDeleteOnDestroy: purge,
        purgeSoftDeletedSecretsOnDestroy: purge,
        purgeSoftDeletedKeysOnDestroy: purge,
        purgeSoftDeletedCertificatesOnDestroy: purge,
        purgeSoftDeletedHardwareSecurityModulesOnDestroy: purge,
        purgeSoftDeletedHardwareSecurityModuleKeysOnDestroy: purge,
        recoverSoftDeletedKeyVaults: true,
        recoverSoftDeletedSecrets: true,
        recoverSoftDeletedKeys: true,
        recoverSoftDeletedCertificates: true,
        recoverSoftDeletedHardwareSecurityModuleKeys: true,
      },
    ],
    logAnalyticsWorkspace: [{ permanentlyDeleteOnDestroy: purge }],
    resourceGroup: [{ preventDeletionIfContainsResources: true }],
  };
}
