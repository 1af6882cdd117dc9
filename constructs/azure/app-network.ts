import { NetworkSecurityGroup } from '@cdktf/provider-azurerm/lib/network-security-group';
import { NetworkSecurityRule } from '@cdktf/provider-azurerm/lib/network-security-rule';
import { PrivateDnsZone } from '@cdktf/provider-azurerm/lib/private-dns-zone';
import { PrivateDnsZoneVirtualNetworkLink } from '@cdktf/provider-azurerm/lib/private-dns-zone-virtual-network-link';
import { Subnet, type SubnetConfig } from '@cdktf/provider-azurerm/lib/subnet';
import { SubnetNetworkSecurityGroupAssociation } from '@cdktf/provider-azurerm/lib/subnet-network-security-group-association';
import { VirtualNetwork } from '@cdktf/provider-azurerm/lib/virtual-network';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { AzureStack } from './azure-stack';
import { forAzurerm5, NOT_IN_5 } from './azurerm5';
import { type CreatedNetwork, subnetRanges } from './environment';
import { NAMES, resourceId, VAULT_DNS_ZONE } from './names';

const CHILD = 'app-network';

/** Priorities of the two rules of each subnet. @see https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview */
const PRIORITY = { allow: 100, denyRest: 4096 } as const;

/** What a subnet lets in. */
interface Inbound {
  /** Ports of the network's own addresses that are let in; nothing where there is none. */
  readonly port?: string;
}

/**
 * The app's network: one subnet for web apps, one for private endpoints, and the private DNS zone of vaults.
 *
 * It is made once, in the stack of the first vault, or is the one that the environment gives.
 */
export class AppNetwork extends Construct {
  /** The network of an app, in the stack that makes its vaults. */
  static of(stack: AzureStack): AppNetwork {
    const present = stack.node.tryFindChild(CHILD);
    return present instanceof AppNetwork ? present : new AppNetwork(stack);
  }

  /** The id of the subnet that private endpoints are made in. */
  readonly endpointsSubnetId: string;
  /** The id of the private DNS zone in which vaults are registered. */
  readonly vaultDnsZoneId: string;
  /** What must exist before a name of the zone is found from inside the network. */
  readonly ready: readonly ITerraformDependable[];

  private constructor(private readonly stack: AzureStack) {
    super(stack, CHILD);
    const { network } = stack.azure;
    if (network.kind === 'given') {
      this.endpointsSubnetId = network.endpointsSubnetId;
      this.vaultDnsZoneId = network.vaultDnsZoneId;
      this.ready = [];
      return;
    }
    const virtualNetwork = this.makeNetwork(network);
    const ranges = subnetRanges(network);
    this.makeSubnet('apps', virtualNetwork, ranges.apps, {}, APP_SERVICE);
    // A private endpoint's subnet ignores its security group unless this policy is on.
    this.endpointsSubnetId = this.makeSubnet(
      'endpoints',
      virtualNetwork,
      ranges.endpoints,
      { port: '443' },
      {
        privateEndpointNetworkPolicies: 'NetworkSecurityGroupEnabled',
        defaultOutboundAccessEnabled: false,
      },
    ).id;
    const zone = new PrivateDnsZone(this, 'vault-dns', {
      name: VAULT_DNS_ZONE,
      resourceGroupName: stack.resourceGroup,
      tags: stack.tags,
    });
    this.vaultDnsZoneId = zone.id;
    this.ready = [this.linkZone(zone, virtualNetwork)];
  }

  private makeNetwork({ cidr }: CreatedNetwork): VirtualNetwork {
    const name = networkName(this.stack);
    this.stack.claim(this, NAMES.virtualNetwork, name);
    return new VirtualNetwork(this, 'network', { ...this.usual(name), addressSpace: [cidr] });
  }

  private makeSubnet(
    part: 'apps' | 'endpoints',
    network: VirtualNetwork,
    cidr: string,
    inbound: Inbound,
    more: Partial<SubnetConfig>,
  ): Subnet {
    const subnet = new Subnet(this, part, {
      name: part,
      resourceGroupName: this.stack.resourceGroup,
      virtualNetworkName: network.name,
      addressPrefixes: [cidr],
      ...more,
    });
    const group = this.makeSecurityGroup(part, inbound);
    new SubnetNetworkSecurityGroupAssociation(this, `${part}-security`, {
      subnetId: subnet.id,
      networkSecurityGroupId: group.id,
    });
    return subnet;
  }

  private makeSecurityGroup(part: string, { port }: Inbound): NetworkSecurityGroup {
    const name = this.stack.named(`${this.stack.appName}-${part}-nsg`);
    this.stack.claim(this, NAMES.securityGroup, name);
    const group = new NetworkSecurityGroup(this, `${part}-group`, this.usual(name));
    if (port !== undefined) this.makeRule(part, group, 'Allow', port);
    this.makeRule(part, group, 'Deny', '*');
    return group;
  }

  private makeRule(part: string, group: NetworkSecurityGroup, access: 'Allow' | 'Deny', port: string): void {
    const allow = access === 'Allow';
    new NetworkSecurityRule(this, `${part}-${access.toLowerCase()}`, {
      name: allow ? 'allow-network' : 'deny-rest',
      resourceGroupName: this.stack.resourceGroup,
      networkSecurityGroupName: group.name,
      priority: allow ? PRIORITY.allow : PRIORITY.denyRest,
      direction: 'Inbound',
      access,
      protocol: allow ? 'Tcp' : '*',
      sourceAddressPrefix: allow ? 'VirtualNetwork' : '*',
      sourcePortRange: '*',
      destinationAddressPrefix: allow ? 'VirtualNetwork' : '*',
      destinationPortRange: port,
    });
  }

  private linkZone(zone: PrivateDnsZone, network: VirtualNetwork): PrivateDnsZoneVirtualNetworkLink {
    const link = new PrivateDnsZoneVirtualNetworkLink(this, 'vault-dns-link', {
      name: networkName(this.stack),
      virtualNetworkId: network.id,
      privateDnsZoneName: NOT_IN_5,
      resourceGroupName: NOT_IN_5,
      registrationEnabled: false,
      tags: this.stack.tags,
    });
    return forAzurerm5(link, zone.id);
  }

  private usual(name: string) {
    const { resourceGroup: resourceGroupName, azure, tags } = this.stack;
    return { name, resourceGroupName, location: azure.location, tags };
  }
}

/** The id of the subnet that web apps are integrated into, by name alone; nothing where the environment has none. */
export function appsSubnetId(stack: AzureStack): string | undefined {
  const { network } = stack.azure;
  if (network.kind === 'given') return network.appsSubnetId;
  return `${resourceId(stack.place, 'Microsoft.Network/virtualNetworks', networkName(stack))}/subnets/apps`;
}

/** What a subnet needs before App Service may use it. @see https://learn.microsoft.com/azure/app-service/overview-vnet-integration */
const APP_SERVICE: Partial<SubnetConfig> = {
  delegation: [
    {
      name: 'app-service',
      serviceDelegation: {
        name: 'Microsoft.Web/serverFarms',
        actions: ['Microsoft.Network/virtualNetworks/subnets/action'],
      },
    },
  ],
};

function networkName(stack: AzureStack): string {
  return stack.named(`${stack.appName}-network`);
}
