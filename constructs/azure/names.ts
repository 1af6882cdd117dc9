import type { NameRule } from '../core/naming';

const RULES_PAGE = 'https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules';
const EDGE_HYPHEN = { pattern: /^-|-$/, why: 'which begins or ends with a hyphen' };
const EDGE_ANY = {
  pattern: /^[^A-Za-z0-9]|[^A-Za-z0-9_]$/,
  why: 'which does not begin with a letter or digit, or ends with a hyphen or period',
};

/** Names of networks and what hangs on them. */
function networkName(what: string, minLength: number, maxLength: number): NameRule {
  return {
    what,
    minLength,
    maxLength,
    pattern: /^[\w.-]+$/,
    allowed: 'letters, digits, underscores, periods and hyphens',
    forbidden: [EDGE_ANY],
    see: `${RULES_PAGE}#microsoftnetwork`,
  };
}

/** What Azure allows as names. Every one of them is compared without regard to case. */
export const NAMES = {
  resourceGroup: {
    what: 'a resource group',
    minLength: 1,
    maxLength: 90,
    pattern: /^[\w.()-]+$/,
    allowed: 'letters, digits, underscores, hyphens, periods and parentheses',
    forbidden: [{ pattern: /\.$/, why: 'which ends with a period' }],
    see: `${RULES_PAGE}#microsoftresources`,
  },
  keyVault: {
    what: 'a Key Vault',
    minLength: 3,
    maxLength: 24,
    pattern: /^[A-Za-z0-9-]+$/,
    allowed: 'letters, digits and single hyphens, a letter first',
    forbidden: [
      { pattern: /^[^A-Za-z]/, why: 'which does not begin with a letter' },
      { pattern: /-$/, why: 'which ends with a hyphen' },
      { pattern: /--/, why: 'which has two hyphens in a row' },
    ],
    see: `${RULES_PAGE}#microsoftkeyvault`,
  },
  secret: {
    what: 'a secret of Key Vault',
    minLength: 1,
    maxLength: 127,
    pattern: /^[A-Za-z0-9-]+$/,
    allowed: 'letters, digits and hyphens',
    see: `${RULES_PAGE}#microsoftkeyvault`,
  },
  identity: {
    what: 'a managed identity',
    minLength: 3,
    maxLength: 128,
    pattern: /^[\w-]+$/,
    allowed: 'letters, digits, hyphens and underscores',
    forbidden: [{ pattern: /^[^A-Za-z0-9]/, why: 'which does not begin with a letter or digit' }],
    see: `${RULES_PAGE}#microsoftmanagedidentity`,
  },
  federatedCredential: {
    what: 'a federated credential',
    minLength: 3,
    maxLength: 120,
    pattern: /^[\w-]+$/,
    allowed: 'letters, digits, hyphens and underscores',
    forbidden: [{ pattern: /^[^A-Za-z0-9]/, why: 'which does not begin with a letter or digit' }],
    see: 'https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations',
  },
  webApp: {
    what: 'a web app',
    minLength: 2,
    maxLength: 60,
    pattern: /^[A-Za-z0-9-]+$/,
    allowed: 'letters, digits and hyphens',
    forbidden: [EDGE_HYPHEN],
    see: `${RULES_PAGE}#microsoftweb`,
  },
  servicePlan: {
    what: 'an App Service plan',
    minLength: 1,
    maxLength: 60,
    pattern: /^[A-Za-z0-9-]+$/,
    allowed: 'letters, digits and hyphens',
    forbidden: [EDGE_HYPHEN],
    see: `${RULES_PAGE}#microsoftweb`,
  },
  logs: {
    what: 'a Log Analytics workspace',
    minLength: 4,
    maxLength: 63,
    pattern: /^[A-Za-z0-9-]+$/,
    allowed: 'letters, digits and hyphens',
    forbidden: [EDGE_HYPHEN],
    see: `${RULES_PAGE}#microsoftoperationalinsights`,
  },
  virtualNetwork: networkName('a virtual network', 2, 64),
  subnet: networkName('a subnet', 1, 80),
  securityGroup: networkName('a network security group', 1, 80),
  privateEndpoint: networkName('a private endpoint', 2, 64),
  dnsZoneLink: networkName('a link of a private DNS zone', 1, 80),
} as const satisfies Readonly<Record<string, NameRule>>;

/** The private DNS zone in which a vault's private endpoint is registered. @see https://learn.microsoft.com/azure/private-link/private-endpoint-dns */
export const VAULT_DNS_ZONE = 'privatelink.vaultcore.azure.net';

/** Where a resource is: what its id begins with. */
export interface ResourcePlace {
  readonly subscriptionId: string;
  readonly resourceGroup: string;
}

/** The id of a resource group. */
export function resourceGroupId({ subscriptionId, resourceGroup }: ResourcePlace): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}`;
}

/** The id of a resource: its place, its type with the provider in front, and its name. */
export function resourceId(place: ResourcePlace, type: string, name: string): string {
  return `${resourceGroupId(place)}/providers/${type}/${name}`;
}

/** The id of a vault. */
export function keyVaultId(place: ResourcePlace, name: string): string {
  return resourceId(place, 'Microsoft.KeyVault/vaults', name);
}

/** The id of a managed identity. */
export function identityId(place: ResourcePlace, name: string): string {
  return resourceId(place, 'Microsoft.ManagedIdentity/userAssignedIdentities', name);
}

/** The URL of a vault, with a slash at its end, as Azure writes it. */
export function vaultUri(name: string): string {
  return `https://${name.toLowerCase()}.vault.azure.net/`;
}

/** A vault's place and name, read from its id; nothing where the id is not one of a vault. */
export function parseKeyVaultId(id: string): (ResourcePlace & { readonly name: string }) | undefined {
  const match =
    /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/Microsoft\.KeyVault\/vaults\/([^/]+)$/i.exec(
      id,
    );
  const [, subscriptionId, resourceGroup, name] = match ?? [];
  if (subscriptionId === undefined || resourceGroup === undefined || name === undefined) return undefined;
  return { subscriptionId, resourceGroup, name };
}
