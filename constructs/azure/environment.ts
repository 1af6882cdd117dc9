import type { EnvironmentsReport } from '../core/app';
import type { CoreEnvironment } from '../core/environment';
import type { Problem } from '../core/errors';
import { contains, isPrivate, type NetworkRange, partOf, readRange } from '../core/network-range';
import { sharingReport } from '../core/sharing';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const LOCATION = /^[a-z]+[0-9]?$/;
/** Short, because a Key Vault's name has 24 characters for environment, name and suffix. */
const SUFFIX = /^[a-z0-9]{2,6}$/;
const IN_GROUP = '^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers';
const SUBNET_ID = new RegExp(`${IN_GROUP}/Microsoft\\.Network/virtualNetworks/[^/]+/subnets/[^/]+$`);
const DNS_ZONE_ID = new RegExp(
  `${IN_GROUP}/Microsoft\\.Network/privateDnsZones/privatelink\\.vaultcore\\.azure\\.net$`,
);
const WORKSPACE_ID = new RegExp(`${IN_GROUP}/Microsoft\\.OperationalInsights/workspaces/[^/]+$`);

/** Prefixes of a created network: a quarter of it is one subnet. */
const NETWORK_PREFIX = { min: 8, max: 26 } as const;

/**
 * The longest prefix of the apps' subnet: App Service refuses less than a /28.
 *
 * @see https://learn.microsoft.com/azure/app-service/overview-vnet-integration#subnet-requirements
 */
const APPS_PREFIX_MAX = 28;

/** The longest prefix of any subnet: Azure keeps five addresses of each. @see https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq */
const SUBNET_PREFIX_MAX = 29;

/** The widest range that may be let into a vault: more addresses than a company's own are no runner. */
const RUNNER_PREFIX_MIN = 16;

/** How many address and subnet rules a vault takes. @see https://learn.microsoft.com/azure/key-vault/general/network-security */
const RULES_MAX = { addresses: 1000, subnets: 200 } as const;

/** A network that the app's own stack makes: two subnets, the vault's private DNS zone, and the link between them. */
export interface CreatedNetwork {
  readonly kind: 'created';
  /** The network's private range, with a prefix of at most 26. */
  readonly cidr: string;
  /**
   * The range of the subnet that web apps are integrated into, with a prefix of at most 28.
   *
   * @default - the first quarter of `cidr`
   */
  readonly appsSubnet?: string;
  /**
   * The range of the subnet that private endpoints are in.
   *
   * @default - the second quarter of `cidr`
   */
  readonly endpointsSubnet?: string;
}

/** A network that exists, with a private DNS zone that is linked to it. */
export interface GivenNetwork {
  readonly kind: 'given';
  /**
   * The resource id of a subnet delegated to `Microsoft.Web/serverFarms`.
   *
   * @default - none, and no web app has a way to a closed vault
   */
  readonly appsSubnetId?: string;
  /** The resource id of the subnet that private endpoints are made in. */
  readonly endpointsSubnetId: string;
  /** The resource id of the private DNS zone `privatelink.vaultcore.azure.net`, linked to the network. */
  readonly vaultDnsZoneId: string;
}

/** Where the deploying runner writes secrets' values from. At least one way must be given. */
export interface Runner {
  /**
   * Whether the runner is inside the network (or a peered one) and reaches the vault by its private endpoint.
   *
   * @default false
   */
  readonly insideNetwork?: boolean;
  /**
   * The runner's public IPv4 addresses or ranges. The vault is opened to exactly these.
   *
   * @default []
   */
  readonly addresses?: readonly string[];
  /**
   * Resource ids of subnets with the service endpoint `Microsoft.KeyVault`. The vault is opened to exactly these.
   *
   * @default []
   */
  readonly subnetIds?: readonly string[];
  /**
   * The object id of the service principal or managed identity that the runner logs in as: it gets the role that writes
   * secrets in the app's own vault.
   *
   * @default - whoever prepared the subscription gave it that role
   */
  readonly principalId?: string;
}

/** A Log Analytics workspace that exists. */
export interface GivenLogs {
  readonly kind: 'given';
  readonly workspaceId: string;
}

/** A Log Analytics workspace that the app's own stack makes. */
export interface CreatedLogs {
  readonly kind: 'created';
}

/** What one environment is in Azure. */
export interface AzureEnvironment {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** The location in its short form, such as `eastus`. */
  readonly location: string;
  /** Two to six lower-case letters and digits behind names that must be unique in the whole world. */
  readonly suffix: string;
  /**
   * Whether the environment has the subscription for itself: then names need no environment in front.
   *
   * @default false
   */
  readonly subscriptionAlone?: boolean;
  readonly network: CreatedNetwork | GivenNetwork;
  /**
   * Where the deploying runner writes from.
   *
   * @default - nowhere: vaults stay closed, and a stack that writes a value is refused
   */
  readonly runner?: Runner;
  /**
   * The OIDC issuer of the Kubernetes cluster, exactly as the cluster says it, with its slash at the end.
   *
   * @default - no cluster, and no federated credentials for service accounts
   */
  readonly clusterIssuerUrl?: string;
  /**
   * Where logs go.
   *
   * @default - a workspace that the app's own stack makes
   */
  readonly logs?: CreatedLogs | GivenLogs;
}

/** An environment that has Azure. */
export interface HasAzure {
  readonly azure: AzureEnvironment;
}

/** Checks the Azure parts of all environments together. */
export function checkAzureEnvironments(environments: readonly (CoreEnvironment & HasAzure)[]): EnvironmentsReport {
  const sharing = sharingReport(environments, {
    kind: 'subscription',
    own: 'a subscription of its own',
    vendor: 'Azure',
    of: ({ azure }) => azure.subscriptionId,
    alone: ({ azure }) => azure.subscriptionAlone === true,
    property: 'azure.subscriptionAlone',
    code: 'SR-AZURE-ALONE',
  });
  return {
    problems: [...environments.flatMap(azureProblems), ...sharing.problems],
    warnings: sharing.warnings,
  };
}

/** Whether the deploying runner reaches a closed vault. */
export function hasWayIn({ runner }: Pick<AzureEnvironment, 'runner'>): boolean {
  if (runner === undefined) return false;
  const { insideNetwork, addresses = [], subnetIds = [] } = runner;
  return insideNetwork === true || addresses.length > 0 || subnetIds.length > 0;
}

/** The ranges of a created network's subnets. */
export function subnetRanges(network: CreatedNetwork): { readonly apps: string; readonly endpoints: string } {
  const range = readRange(network.cidr) ?? { first: 0, prefix: 0 };
  return {
    apps: network.appsSubnet ?? partOf(range, 2, 0),
    endpoints: network.endpointsSubnet ?? partOf(range, 2, 1),
  };
}

function azureProblems({ name, azure }: CoreEnvironment & HasAzure): readonly Problem[] {
  const at = `${name}.azure`;
  const uuid = 'a UUID in lower case';
  return [
    form('SR-AZURE-TENANT', `${at}.tenantId`, azure.tenantId, UUID, uuid),
    form('SR-AZURE-SUBSCRIPTION', `${at}.subscriptionId`, azure.subscriptionId, UUID, uuid),
    form(
      'SR-AZURE-LOCATION',
      `${at}.location`,
      azure.location,
      LOCATION,
      'a location in its short form, such as eastus',
    ),
    form('SR-AZURE-SUFFIX', `${at}.suffix`, azure.suffix, SUFFIX, '2 to 6 lower-case letters and digits'),
    ...(azure.network.kind === 'created'
      ? createdNetworkProblems(`${at}.network`, azure.network)
      : givenNetworkProblems(`${at}.network`, azure.network)),
    ...(azure.runner === undefined ? [] : runnerProblems(`${at}.runner`, azure.runner)),
    azure.clusterIssuerUrl === undefined ? undefined : issuerProblem(`${at}.clusterIssuerUrl`, azure.clusterIssuerUrl),
    azure.logs?.kind === 'given'
      ? resourceId(`${at}.logs.workspaceId`, azure.logs.workspaceId, WORKSPACE_ID, 'a Log Analytics workspace')
      : undefined,
  ].filter((problem): problem is Problem => problem !== undefined);
}

function createdNetworkProblems(at: string, network: CreatedNetwork): readonly (Problem | undefined)[] {
  const range = readRange(network.cidr);
  const fits =
    range !== undefined && isPrivate(range) && range.prefix >= NETWORK_PREFIX.min && range.prefix <= NETWORK_PREFIX.max;
  if (!fits) {
    return [
      {
        code: 'SR-AZURE-CIDR',
        property: `${at}.cidr`,
        message: `is ${JSON.stringify(network.cidr)}, allowed is a private range with a prefix of ${NETWORK_PREFIX.min} to ${NETWORK_PREFIX.max}`,
        fix: 'write one such as 10.30.0.0/24',
      },
    ];
  }
  const { apps, endpoints } = subnetRanges(network);
  return [
    subnetProblem(`${at}.appsSubnet`, apps, range, APPS_PREFIX_MAX),
    subnetProblem(`${at}.endpointsSubnet`, endpoints, range, SUBNET_PREFIX_MAX),
    overlapProblem(`${at}.endpointsSubnet`, apps, endpoints),
  ];
}

function subnetProblem(property: string, cidr: string, network: NetworkRange, prefixMax: number): Problem | undefined {
  const range = readRange(cidr);
  if (range !== undefined && contains(network, range) && range.prefix <= prefixMax) return undefined;
  return {
    code: 'SR-AZURE-CIDR',
    property,
    message: `is ${JSON.stringify(cidr)}, allowed is a part of the network with a prefix of at most ${prefixMax}`,
    fix: 'leave it out for a quarter of the network',
  };
}

function overlapProblem(property: string, apps: string, endpoints: string): Problem | undefined {
  const [one, other] = [readRange(apps), readRange(endpoints)];
  if (one === undefined || other === undefined || !(contains(one, other) || contains(other, one))) return undefined;
  return {
    code: 'SR-AZURE-CIDR',
    property,
    message: `is ${JSON.stringify(endpoints)}, which overlaps the apps' subnet ${apps}`,
    fix: 'write two parts that have no address in common',
  };
}

function givenNetworkProblems(at: string, network: GivenNetwork): readonly (Problem | undefined)[] {
  return [
    network.appsSubnetId === undefined
      ? undefined
      : resourceId(`${at}.appsSubnetId`, network.appsSubnetId, SUBNET_ID, 'a subnet'),
    resourceId(`${at}.endpointsSubnetId`, network.endpointsSubnetId, SUBNET_ID, 'a subnet'),
    network.appsSubnetId === network.endpointsSubnetId
      ? {
          code: 'SR-AZURE-NETWORK-ID',
          property: `${at}.appsSubnetId`,
          message: "is the endpoints' subnet too, but a subnet delegated to App Service takes nothing else",
          fix: 'name two subnets',
        }
      : undefined,
    resourceId(
      `${at}.vaultDnsZoneId`,
      network.vaultDnsZoneId,
      DNS_ZONE_ID,
      'the private DNS zone privatelink.vaultcore.azure.net',
    ),
  ];
}

function runnerProblems(at: string, runner: Runner): readonly (Problem | undefined)[] {
  const { addresses = [], subnetIds = [], principalId } = runner;
  return [
    hasWayIn({ runner })
      ? undefined
      : {
          code: 'SR-AZURE-RUNNER',
          property: at,
          message: 'names no way into a vault, allowed are insideNetwork, addresses and subnetIds',
          fix: 'say where the runner writes from, or leave the runner out',
        },
    ...addresses.map((address, index) => addressProblem(`${at}.addresses[${index}]`, address)),
    ...subnetIds.map((id, index) => resourceId(`${at}.subnetIds[${index}]`, id, SUBNET_ID, 'a subnet')),
    tooMany(`${at}.addresses`, addresses.length, RULES_MAX.addresses),
    tooMany(`${at}.subnetIds`, subnetIds.length, RULES_MAX.subnets),
    principalId === undefined
      ? undefined
      : form('SR-AZURE-PRINCIPAL', `${at}.principalId`, principalId, UUID, 'the object id, a UUID in lower case'),
  ];
}

function addressProblem(property: string, address: string): Problem | undefined {
  const range = readRange(address.includes('/') ? address : `${address}/32`);
  if (range !== undefined && !isPrivate(range) && range.prefix >= RUNNER_PREFIX_MIN) return undefined;
  return {
    code: 'SR-AZURE-RUNNER-ADDRESS',
    property,
    message: `is ${JSON.stringify(address)}, allowed are public IPv4 addresses and ranges with a prefix of at least ${RUNNER_PREFIX_MIN}`,
    fix: 'write the address that the runner has on the internet; a runner with a private one is insideNetwork',
  };
}

function tooMany(property: string, count: number, max: number): Problem | undefined {
  if (count <= max) return undefined;
  return {
    code: 'SR-AZURE-RUNNER',
    property,
    message: `has ${count} entries, a vault takes ${max}`,
    fix: 'let the runners share an outgoing address',
  };
}

function issuerProblem(property: string, text: string): Problem | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const more = url === undefined ? '' : url.username + url.password + url.search + url.hash;
  if (url?.protocol === 'https:' && more === '') return undefined;
  return {
    code: 'SR-AZURE-ISSUER',
    property,
    // What a URL has beside host and path may be a secret, so it is not repeated.
    message: `${more === '' ? `is ${JSON.stringify(text)}` : 'has more than host and path'}, allowed is an https URL without user, query and fragment`,
    fix: 'write what `az aks show --query oidcIssuerProfile.issuerUrl` prints, slash at the end included',
  };
}

function resourceId(property: string, id: string, pattern: RegExp, what: string): Problem | undefined {
  if (pattern.test(id)) return undefined;
  return {
    code: 'SR-AZURE-NETWORK-ID',
    property,
    message: `is ${JSON.stringify(id)}, allowed is the resource id of ${what}`,
    fix: 'write the whole id, from /subscriptions/ to the name, as `az … show --query id` prints it',
  };
}

function form(code: string, property: string, text: string, pattern: RegExp, allowed: string): Problem | undefined {
  if (pattern.test(text)) return undefined;
  return {
    code,
    property,
    message: `is ${JSON.stringify(text)}, allowed is ${allowed}`,
    fix: 'correct the environment file',
  };
}
