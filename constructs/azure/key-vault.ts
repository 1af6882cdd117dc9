import { KeyVault as KeyVaultResource } from '@cdktf/provider-azurerm/lib/key-vault';
import { PrivateEndpoint } from '@cdktf/provider-azurerm/lib/private-endpoint';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { sendLogs } from './app-logs';
import { AppNetwork } from './app-network';
import { AzureStack } from './azure-stack';
import type { Runner } from './environment';
import type { IKeyVaultSecret } from './key-vault-secret';
import { madeInApp, mustBeMade } from './made-in-app';
import { keyVaultId, NAMES, parseKeyVaultId, vaultUri } from './names';
import { assignRole, ROLES, scopeProblem } from './role-assignment';
import { NamedSecret, VaultUrl } from './secret-access';

/** Days that a deleted vault or secret can be brought back; fixed when the vault is made. @see https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview */
const RETENTION_DAYS = { min: 7, max: 90 } as const;

/** A vault, made here, by another stack of this app, or elsewhere. */
export interface IKeyVault {
  /** The physical name. */
  readonly name: string;
  /** The name as the stack gave it, the same in every environment. */
  readonly givenName: string;
  /** The resource id, composed from names: good in every stack. */
  readonly id: string;
  /** The URL, with a slash at its end. */
  readonly uri: string;
  /** Whether others use the vault too: then grants are for single secrets. */
  readonly shared: boolean;
  /** Whether a stack of this app makes the vault. */
  readonly ofThisApp: boolean;
  /** A secret of this vault: a declaration, or anything else with a name. */
  secret(secret: { readonly name: string }): IKeyVaultSecret;
  /** The vault's URL, to hand to a consumer that asks for secrets by itself. */
  url(): VaultUrl;
  /** The resource id as a construct should write it: a reference in the same stack, composed elsewhere. */
  idIn(construct: Construct): string;
}

/** Properties of {@link KeyVault}. */
export interface KeyVaultProps {
  /** The vault's name; the environment comes in front of it, and its suffix behind. */
  readonly name: string;
  /**
   * The tier of the service: `premium` keeps keys in hardware, which secrets have no use for.
   *
   * @default 'standard'
   */
  readonly sku?: 'standard' | 'premium';
  /**
   * Days that a deleted vault or secret can be brought back, 7 to 90; cannot be changed later.
   *
   * @default - by tier, at least 7
   */
  readonly retentionDays?: number;
  /**
   * Whether nobody can purge the vault before these days are over. Once on, it stays on.
   *
   * @default - by tier
   */
  readonly purgeProtection?: boolean;
  /**
   * Whether Azure's own services (backup, templates, disks) pass the vault's network rules. Web apps' references don't
   * need it.
   *
   * @see https://learn.microsoft.com/azure/key-vault/general/network-security#trusted-services
   * @default false
   */
  readonly trustedServices?: boolean;
  /**
   * Whether other apps use the vault too: then grants are for single secrets.
   *
   * @default false
   */
  readonly shared?: boolean;
}

/**
 * A vault: role-based access only, closed to the public network, with a private endpoint, and with its audit log kept.
 *
 * The environment's runner is let in by exactly its addresses and subnets. A runner that has none of these and is
 * inside the network comes by the private endpoint, and the public side stays off.
 */
export class KeyVault extends Construct implements IKeyVault {
  /**
   * A vault that another stack of this app makes, by the name that was given there.
   *
   * @param options.shared what was said there; false by default.
   */
  static ofApp(scope: Construct, name: string, options: { readonly shared?: boolean } = {}): IKeyVault {
    return VaultElsewhere.ofApp(scope, name, options.shared ?? false);
  }

  /**
   * A vault that exists, by its resource id.
   *
   * @param options.shared whether others use the vault too, so that grants are for single secrets; true by default.
   * @throws {InvalidProps} `SR-AZURE-SCOPE` when the id is that of a resource group, a subscription or anything else.
   */
  static fromId(scope: Construct, id: string, options: { readonly shared?: boolean } = {}): IKeyVault {
    return VaultElsewhere.fromId(scope, id, options.shared ?? true);
  }

  readonly name: string;
  readonly givenName: string;
  readonly id: string;
  readonly uri: string;
  readonly shared: boolean;
  readonly ofThisApp = true;
  private readonly resource: KeyVaultResource;

  /** @throws {InvalidProps} `SR-AZURE-RETENTION`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: KeyVaultProps) {
    super(scope, id);
    const stack = AzureStack.of(this);
    this.givenName = props.name;
    this.name = stack.worldwide(props.name);
    this.id = keyVaultId(stack.place, this.name);
    this.uri = vaultUri(this.name);
    this.shared = props.shared ?? false;
    madeInApp(this).begin(this.id);
    const retentionDays = props.retentionDays ?? Math.max(stack.defaults.recoveryDays, RETENTION_DAYS.min);
    refuse(this, [retentionWithinLimits(retentionDays)]);
    stack.claim(this, NAMES.keyVault, this.name, 'world');

    this.resource = this.makeVault(stack, props, retentionDays);
    this.makeEndpoint(stack);
    sendLogs(this, { id: this.resource.id, categories: ['AuditEvent'], ownTables: true });
    this.letRunnerWrite(stack.azure.runner);
    madeInApp(this).add(this.id, this);
  }

  secret(secret: { readonly name: string }): IKeyVaultSecret {
    return new NamedSecret(this, this, secret.name);
  }

  url(): VaultUrl {
    return new VaultUrl(this);
  }

  idIn(construct: Construct): string {
    return AzureStack.of(construct) === AzureStack.of(this) ? this.resource.id : this.id;
  }

  private makeVault(stack: AzureStack, props: KeyVaultProps, retentionDays: number): KeyVaultResource {
    const { addresses = [], subnetIds = [] } = stack.azure.runner ?? {};
    return new KeyVaultResource(this, 'vault', {
      name: this.name,
      resourceGroupName: stack.resourceGroup,
      location: stack.azure.location,
      tenantId: stack.azure.tenantId,
      skuName: props.sku ?? 'standard',
      rbacAuthorizationEnabled: true,
      enabledForDeployment: false,
      enabledForDiskEncryption: false,
      enabledForTemplateDeployment: false,
      purgeProtectionEnabled: props.purgeProtection ?? stack.defaults.deletionProtection,
      softDeleteRetentionDays: retentionDays,
      // Azure ignores the rules below while this is off: a runner with an address needs it on, and the rules then let in
      // that address alone.
      publicNetworkAccessEnabled: addresses.length > 0 || subnetIds.length > 0,
      networkAcls: {
        defaultAction: 'Deny',
        bypass: props.trustedServices === true ? 'AzureServices' : 'None',
        ipRules: [...addresses],
        virtualNetworkSubnetIds: [...subnetIds],
      },
      tags: stack.tags,
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
    });
  }

  private makeEndpoint(stack: AzureStack): void {
    const network = AppNetwork.of(stack);
    const name = stack.named(`${this.givenName}-endpoint`);
    stack.claim(this, NAMES.privateEndpoint, name);
    new PrivateEndpoint(this, 'endpoint', {
      name,
      resourceGroupName: stack.resourceGroup,
      location: stack.azure.location,
      subnetId: network.endpointsSubnetId,
      privateServiceConnection: {
        name: 'vault',
        privateConnectionResourceId: this.resource.id,
        subresourceNames: ['vault'],
        isManualConnection: false,
      },
      privateDnsZoneGroup: { name: 'default', privateDnsZoneIds: [network.vaultDnsZoneId] },
      tags: stack.tags,
      ...(network.ready.length === 0 ? {} : { dependsOn: [...network.ready] }),
    });
  }

  /** Azure takes minutes to honour a role, so it is given here, one stack before the values are written. */
  private letRunnerWrite(runner: Runner | undefined): void {
    if (runner?.principalId === undefined) return;
    assignRole(this, 'runner-writes', {
      role: ROLES.secretsOfficer,
      scopeId: this.id,
      scopeReference: this.resource.id,
      principalId: runner.principalId,
      description: `the deploying runner writes secrets of ${this.name}`,
    });
  }
}

/** A vault that this stack only names. */
class VaultElsewhere implements IKeyVault {
  static ofApp(scope: Construct, givenName: string, shared: boolean): VaultElsewhere {
    const stack = AzureStack.of(scope);
    const name = stack.worldwide(givenName);
    const vault = new VaultElsewhere(scope, { name, givenName, id: keyVaultId(stack.place, name) }, shared, true);
    mustBeMade(scope, vault.id, `uses vault ${name}`, `make it with KeyVault, named ${givenName}`);
    scope.node.addValidation({ validate: () => vault.sharedAlike() });
    return vault;
  }

  static fromId(scope: Construct, id: string, shared: boolean): VaultElsewhere {
    const parsed = parseKeyVaultId(id);
    refuse(scope, [parsed === undefined ? (scopeProblem(id, 'id') ?? notAVault(id)) : undefined]);
    const name = parsed?.name ?? '';
    return new VaultElsewhere(scope, { name, givenName: name, id }, shared, false);
  }

  readonly name: string;
  readonly givenName: string;
  readonly id: string;
  readonly uri: string;

  private constructor(
    private readonly scope: Construct,
    { name, givenName, id }: { readonly name: string; readonly givenName: string; readonly id: string },
    readonly shared: boolean,
    readonly ofThisApp: boolean,
  ) {
    this.name = name;
    this.givenName = givenName;
    this.id = id;
    this.uri = vaultUri(name);
  }

  /** The problem of a vault that is shared where it is made and not here, or the other way round. */
  private sharedAlike(): string[] {
    const made = madeInApp(this.scope).find(this.id);
    if (!(made instanceof KeyVault) || made.shared === this.shared) return [];
    return [
      `${this.scope.node.path}: shared is ${this.shared} for vault ${this.name}, but ${made.shared} where ${made.node.path} makes it; say the same in both [SR-AZURE-SHARED]`,
    ];
  }

  secret(secret: { readonly name: string }): IKeyVaultSecret {
    return new NamedSecret(this.scope, this, secret.name);
  }

  url(): VaultUrl {
    return new VaultUrl(this);
  }

  idIn(construct: Construct): string {
    const made = madeInApp(this.scope).find(this.id);
    return made instanceof KeyVault ? made.idIn(construct) : this.id;
  }
}

function retentionWithinLimits(days: number): Problem | undefined {
  if (Number.isInteger(days) && days >= RETENTION_DAYS.min && days <= RETENTION_DAYS.max) return undefined;
  return {
    code: 'SR-AZURE-RETENTION',
    property: 'retentionDays',
    message: `is ${days}, allowed are whole days from ${RETENTION_DAYS.min} to ${RETENTION_DAYS.max}`,
    fix: "leave it out for the tier's own",
  };
}

function notAVault(id: string): Problem {
  return {
    code: 'SR-AZURE-SCOPE',
    property: 'id',
    message: `is ${JSON.stringify(id)}, allowed is the resource id of a vault, without a secret`,
    fix: 'end the id with the name of the vault',
  };
}
