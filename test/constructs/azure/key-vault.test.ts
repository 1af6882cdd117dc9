import { Token } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { KeyVault, type KeyVaultProps } from '../../../constructs/azure/key-vault';
import {
  PRINCIPAL,
  prod,
  resource,
  resources,
  SUBSCRIPTION,
  sandbox,
  stacks,
  TENANT,
  type TestEnvironment,
  validationLines,
} from '../../support/azure-environment';
import { refusedLines } from '../../support/core-environment';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg/providers`;
const VAULT_ID = `${GROUP}/Microsoft.KeyVault/vaults/prod-myapp-vault-x7q2`;
const NETWORK = `/subscriptions/${SUBSCRIPTION}/resourceGroups/network-rg/providers/Microsoft.Network`;
const RUNNERS = `${NETWORK}/virtualNetworks/hub/subnets/runners`;

function withVault(props: Partial<KeyVaultProps> = {}, environment: TestEnvironment = prod()) {
  const made = stacks(environment);
  return { ...made, vault: new KeyVault(made.base, 'vault', { name: 'myapp-vault', ...props }) };
}

describe('a key vault', () => {
  it('is closed, role-based and protected by default', () => {
    expect(resource(withVault().base, 'azurerm_key_vault')).toEqual({
      name: 'prod-myapp-vault-x7q2',
      resource_group_name: '${azurerm_resource_group.resource-group.name}',
      location: 'eastus',
      tenant_id: TENANT,
      sku_name: 'standard',
      rbac_authorization_enabled: true,
      enabled_for_deployment: false,
      enabled_for_disk_encryption: false,
      enabled_for_template_deployment: false,
      purge_protection_enabled: true,
      soft_delete_retention_days: 30,
      public_network_access_enabled: false,
      network_acls: { default_action: 'Deny', bypass: 'None', ip_rules: [], virtual_network_subnet_ids: [] },
      tags: { Application: 'myapp', Environment: 'prod' },
      lifecycle: { prevent_destroy: true },
    });
  });

  it('in the sandbox can be destroyed and purged, and keeps what was deleted for the shortest time', () => {
    expect(resource(withVault({}, sandbox()).base, 'azurerm_key_vault')).toMatchObject({
      purge_protection_enabled: false,
      soft_delete_retention_days: 7,
      lifecycle: { prevent_destroy: false },
    });
  });

  it('takes each option', () => {
    const props = { sku: 'premium', retentionDays: 90, purgeProtection: false, trustedServices: true } as const;
    expect(resource(withVault(props).base, 'azurerm_key_vault')).toMatchObject({
      sku_name: 'premium',
      soft_delete_retention_days: 90,
      purge_protection_enabled: false,
      network_acls: { bypass: 'AzureServices' },
    });
  });

  it('lets in exactly the addresses and subnets of the runner', () => {
    const runner = { addresses: ['203.0.113.10', '198.51.100.0/28'], subnetIds: [RUNNERS] };
    expect(resource(withVault({}, prod({ runner })).base, 'azurerm_key_vault')).toMatchObject({
      public_network_access_enabled: true,
      network_acls: {
        default_action: 'Deny',
        bypass: 'None',
        ip_rules: ['203.0.113.10', '198.51.100.0/28'],
        virtual_network_subnet_ids: [RUNNERS],
      },
    });
  });

  it('opens nothing for a runner inside the network, or for none', () => {
    const { runner: _, ...azure } = prod().azure;
    for (const environment of [prod({ runner: { insideNetwork: true } }), { ...prod(), azure }]) {
      const vault = resource(withVault({}, environment).base, 'azurerm_key_vault');
      expect(vault['public_network_access_enabled']).toBe(false);
    }
  });

  it('lets the runner write secrets, and nobody else, where its identity is known', () => {
    const { base } = withVault({}, prod({ runner: { insideNetwork: true, principalId: PRINCIPAL } }));
    expect(resource(base, 'azurerm_role_assignment')).toEqual({
      scope: expect.stringMatching(/^\$\{azurerm_key_vault\.[\w-]+\.id\}$/),
      principal_id: PRINCIPAL,
      principal_type: 'ServicePrincipal',
      role_definition_id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/b86a8fe4-44ce-4948-aee5-eccb2c155cd7`,
      description: 'the deploying runner writes secrets of prod-myapp-vault-x7q2',
    });
    expect(resources(withVault().base, 'azurerm_role_assignment')).toEqual([]);
  });

  it('has a private endpoint, registered in a zone that the network already sees', () => {
    expect(resource(withVault().base, 'azurerm_private_endpoint')).toMatchObject({
      name: 'prod-myapp-vault-endpoint',
      subnet_id: expect.stringContaining('azurerm_subnet.app-network_endpoints'),
      private_service_connection: {
        name: 'vault',
        is_manual_connection: false,
        private_connection_resource_id: expect.stringContaining('azurerm_key_vault.'),
        subresource_names: ['vault'],
      },
      private_dns_zone_group: {
        name: 'default',
        private_dns_zone_ids: [expect.stringContaining('azurerm_private_dns_zone.')],
      },
      depends_on: [expect.stringContaining('azurerm_private_dns_zone_virtual_network_link.')],
    });
  });

  it('sends its audit log and metrics to Log Analytics, in tables of their own', () => {
    expect(resource(withVault().base, 'azurerm_monitor_diagnostic_setting')).toEqual({
      name: 'to-log-analytics',
      target_resource_id: expect.stringContaining('azurerm_key_vault.'),
      log_analytics_workspace_id: expect.stringContaining('azurerm_log_analytics_workspace.'),
      log_analytics_destination_type: 'Dedicated',
      enabled_log: [{ category: 'AuditEvent' }],
      enabled_metric: [{ category: 'AllMetrics' }],
    });
  });

  it('shares network and logs with a second vault', () => {
    const { base } = withVault();
    new KeyVault(base, 'second', { name: 'second' });
    expect(resources(base, 'azurerm_virtual_network')).toHaveLength(1);
    expect(resources(base, 'azurerm_log_analytics_workspace')).toHaveLength(1);
    expect(resources(base, 'azurerm_private_endpoint')).toHaveLength(2);
  });

  it.each([6, 91, 7.5, Number.NaN])('refuses %s days of retention', (retentionDays) => {
    expect(refusedLines(() => withVault({ retentionDays }))).toEqual([
      `prod-myapp-azure/vault: retentionDays is ${retentionDays}, allowed are whole days from 7 to 90; leave it out for the tier's own [SR-AZURE-RETENTION]`,
    ]);
  });

  it('refuses a name that is too long with environment and suffix', () => {
    expect(refusedLines(() => withVault({ name: 'payment-service' }))).toEqual([
      expect.stringMatching(
        /^prod-myapp-azure\/vault: name gives a Key Vault the name "prod-payment-service-x7q2", which is longer than 24 characters; .* \[SR-NAME-ILLEGAL\]$/,
      ),
    ]);
  });

  it('refuses a name that another vault of the world has, whatever its case', () => {
    const { base } = withVault();
    expect(refusedLines(() => new KeyVault(base, 'twin', { name: 'MyApp-Vault' }))).toEqual([
      expect.stringMatching(
        /^prod-myapp-azure\/twin: name gives the Key Vault name "prod-MyApp-Vault-x7q2", which prod-myapp-azure\/vault has already in the world; .* \[SR-NAME-TAKEN\]$/,
      ),
    ]);
  });
});

describe('a vault by name', () => {
  it('has the id and URL of the one that is made', () => {
    const { values, vault } = withVault();
    const named = KeyVault.ofApp(values, 'myapp-vault');
    expect([named.name, named.id, named.uri]).toEqual([vault.name, vault.id, vault.uri]);
    expect([vault.id, vault.uri]).toEqual([VAULT_ID, 'https://prod-myapp-vault-x7q2.vault.azure.net/']);
  });

  it('is a reference in the stack that makes it, and composed elsewhere', () => {
    const { base, values, vault } = withVault();
    const named = KeyVault.ofApp(values, 'myapp-vault');
    for (const one of [vault, named]) {
      expect(Token.isUnresolved(one.idIn(base))).toBe(true);
      expect(one.idIn(values)).toBe(VAULT_ID);
    }
  });

  it('is refused at synthesis when no stack makes it, in whatever order the stacks come', () => {
    const { base, values } = stacks();
    KeyVault.ofApp(values, 'myapp-vault');
    expect(validationLines(values)).toEqual([
      'prod-myapp-azure-values: uses vault prod-myapp-vault-x7q2, which no stack of this app makes; make it with KeyVault, named myapp-vault [SR-AZURE-NOT-MADE]',
    ]);
    new KeyVault(base, 'vault', { name: 'myapp-vault' });
    expect(validationLines(values)).toEqual([]);
  });

  it('is refused at synthesis when it is shared only where it is made', () => {
    const { values } = withVault({ shared: true });
    KeyVault.ofApp(values, 'myapp-vault');
    expect(validationLines(values)).toEqual([
      'prod-myapp-azure-values: shared is false for vault prod-myapp-vault-x7q2, but true where prod-myapp-azure/vault makes it; say the same in both [SR-AZURE-SHARED]',
    ]);
  });
});

describe('a vault that exists', () => {
  it('is shared unless said otherwise', () => {
    const { base } = stacks();
    const vault = KeyVault.fromId(base, VAULT_ID);
    expect([vault.name, vault.uri, vault.shared, vault.ofThisApp]).toEqual([
      'prod-myapp-vault-x7q2',
      'https://prod-myapp-vault-x7q2.vault.azure.net/',
      true,
      false,
    ]);
    expect(KeyVault.fromId(base, VAULT_ID, { shared: false }).shared).toBe(false);
  });

  it.each([
    `/subscriptions/${SUBSCRIPTION}`,
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg`,
    '/providers/Microsoft.Management/managementGroups/root',
    `${VAULT_ID}/secrets/database-password`,
  ])('is refused by the id %s', (id) => {
    expect(refusedLines(() => KeyVault.fromId(stacks().base, id))).toEqual([
      expect.stringMatching(
        /^prod-myapp-azure: id is ".*", allowed is the resource id of a vault.* \[SR-AZURE-SCOPE\]$/,
      ),
    ]);
  });
});
