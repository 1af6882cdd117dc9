import { describe, expect, it } from 'vitest';
import { AppNetwork, appsSubnetId } from '../../../constructs/azure/app-network';
import { KeyVault } from '../../../constructs/azure/key-vault';
import { prod, resource, resources, SUBSCRIPTION, sandbox, stackJson, stacks } from '../../support/azure-environment';

const GIVEN = `/subscriptions/${SUBSCRIPTION}/resourceGroups/network-rg/providers/Microsoft.Network`;
const GIVEN_NETWORK = {
  kind: 'given',
  appsSubnetId: `${GIVEN}/virtualNetworks/hub/subnets/apps`,
  endpointsSubnetId: `${GIVEN}/virtualNetworks/hub/subnets/endpoints`,
  vaultDnsZoneId: `${GIVEN}/privateDnsZones/privatelink.vaultcore.azure.net`,
} as const;

function network(environment = prod()) {
  const { base } = stacks(environment);
  AppNetwork.of(base);
  return base;
}

describe('the network of an app', () => {
  it('has the range that the environment gives', () => {
    expect(resource(network(), 'azurerm_virtual_network')).toMatchObject({
      name: 'prod-myapp-network',
      address_space: ['10.30.0.0/24'],
      location: 'eastus',
    });
  });

  it('has a subnet for App Service and one for private endpoints, whose security group counts', () => {
    const [apps, endpoints] = resources(network(), 'azurerm_subnet');
    expect(apps).toMatchObject({
      name: 'apps',
      address_prefixes: ['10.30.0.0/26'],
      delegation: [{ service_delegation: { name: 'Microsoft.Web/serverFarms' } }],
    });
    expect(endpoints).toMatchObject({
      name: 'endpoints',
      address_prefixes: ['10.30.0.64/26'],
      private_endpoint_network_policies: 'NetworkSecurityGroupEnabled',
      default_outbound_access_enabled: false,
    });
  });

  it('lets only HTTPS from the network itself to private endpoints, and nothing to apps', () => {
    const base = network();
    const rules = resources(base, 'azurerm_network_security_rule').map((rule) => [
      /apps|endpoints/.exec(String(rule['network_security_group_name']))?.[0],
      rule['priority'],
      rule['access'],
      rule['source_address_prefix'],
      rule['destination_port_range'],
    ]);
    expect(rules).toEqual([
      ['apps', 4096, 'Deny', '*', '*'],
      ['endpoints', 100, 'Allow', 'VirtualNetwork', '443'],
      ['endpoints', 4096, 'Deny', '*', '*'],
    ]);
    expect(resources(base, 'azurerm_subnet_network_security_group_association')).toHaveLength(2);
  });

  it('finds vaults by the private DNS zone, linked as azurerm 5 takes it', () => {
    const base = network();
    expect(resource(base, 'azurerm_private_dns_zone')['name']).toBe('privatelink.vaultcore.azure.net');
    expect(resource(base, 'azurerm_private_dns_zone_virtual_network_link')).toEqual({
      name: 'prod-myapp-network',
      private_dns_zone_id: expect.stringMatching(/^\$\{azurerm_private_dns_zone\.[\w-]+\.id\}$/),
      virtual_network_id: expect.stringContaining('azurerm_virtual_network.'),
      registration_enabled: false,
      tags: { Application: 'myapp', Environment: 'prod' },
    });
  });

  it('is made once', () => {
    const base = network();
    expect(AppNetwork.of(base)).toBe(AppNetwork.of(base));
    expect(resources(base, 'azurerm_virtual_network')).toHaveLength(1);
  });

  it('is named in other stacks by the id that it gets', () => {
    const { web } = stacks();
    expect(appsSubnetId(web)).toBe(
      `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg/providers/Microsoft.Network/virtualNetworks/prod-myapp-network/subnets/apps`,
    );
  });

  it('is not made where it is given', () => {
    const { base, web } = stacks(prod({ network: GIVEN_NETWORK }));
    new KeyVault(base, 'vault', { name: 'myapp-vault' });
    const types = Object.keys(stackJson(base).resource ?? {});
    expect(types.filter((type) => /network|subnet|dns/.test(type))).toEqual([]);
    expect(resource(base, 'azurerm_private_endpoint')).toMatchObject({
      subnet_id: GIVEN_NETWORK.endpointsSubnetId,
      private_dns_zone_group: { private_dns_zone_ids: [GIVEN_NETWORK.vaultDnsZoneId] },
    });
    expect(appsSubnetId(web)).toBe(GIVEN_NETWORK.appsSubnetId);
  });
});

describe('the logs of an app', () => {
  function workspace(environment = prod()) {
    const { base } = stacks(environment);
    new KeyVault(base, 'vault', { name: 'myapp-vault' });
    return resources(base, 'azurerm_log_analytics_workspace');
  }

  it('are kept by tier, in a workspace that its own keys do not open', () => {
    expect(workspace()).toEqual([
      {
        name: 'prod-myapp-logs',
        resource_group_name: '${azurerm_resource_group.resource-group.name}',
        location: 'eastus',
        sku: 'PerGB2018',
        retention_in_days: 365,
        local_authentication_enabled: false,
        tags: { Application: 'myapp', Environment: 'prod' },
        lifecycle: { prevent_destroy: true },
      },
    ]);
  });

  it('are kept no shorter than a workspace can', () => {
    expect(workspace(sandbox())).toMatchObject([{ retention_in_days: 30, lifecycle: { prevent_destroy: false } }]);
  });

  it('go to the workspace that is given', () => {
    const workspaceId = `/subscriptions/${SUBSCRIPTION}/resourceGroups/logs-rg/providers/Microsoft.OperationalInsights/workspaces/hub`;
    const { base } = stacks(prod({ logs: { kind: 'given', workspaceId } }));
    new KeyVault(base, 'vault', { name: 'myapp-vault' });
    expect(resources(base, 'azurerm_log_analytics_workspace')).toEqual([]);
    expect(resource(base, 'azurerm_monitor_diagnostic_setting')['log_analytics_workspace_id']).toBe(workspaceId);
  });
});
