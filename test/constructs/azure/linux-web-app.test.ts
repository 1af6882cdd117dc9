import { describe, expect, it } from 'vitest';
import { AzureStack } from '../../../constructs/azure/azure-stack';
import { KeyVault } from '../../../constructs/azure/key-vault';
import { KeyVaultSecret, type SecretDeclaration } from '../../../constructs/azure/key-vault-secret';
import { LinuxWebApp, type LinuxWebAppProps } from '../../../constructs/azure/linux-web-app';
import { ManagedIdentity } from '../../../constructs/azure/managed-identity';
import { SecretType } from '../../../constructs/core/secret-type';
import type { Tier } from '../../../constructs/core/tier';
import { Value } from '../../../constructs/core/value';
import type { Workload } from '../../../constructs/core/workload';
import {
  PRINCIPAL,
  prod,
  resource,
  resources,
  SUBSCRIPTION,
  stacks,
  type TestEnvironment,
  validationLines,
} from '../../support/azure-environment';
import { refusedLines } from '../../support/core-environment';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg/providers`;
const IDENTITY_ID = `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/prod-myapp-id`;
const VAULT_URL = 'https://prod-myapp-vault-x7q2.vault.azure.net/';
const WORKLOAD: Workload = { name: 'myapp', runsOn: { appService: true } };
const PASSWORD: SecretDeclaration = {
  name: 'database-password',
  type: SecretType.DATABASE_CREDENTIAL,
  owner: 'payments',
  value: Value.generated({ since: '2026-11-01' }),
};
const ENDPOINTS = {
  kind: 'given',
  endpointsSubnetId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/network-rg/providers/Microsoft.Network/virtualNetworks/hub/subnets/endpoints`,
  vaultDnsZoneId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/network-rg/providers/Microsoft.Network/privateDnsZones/privatelink.vaultcore.azure.net`,
} as const;

function world(environment: TestEnvironment = prod()) {
  const made = stacks(environment);
  new KeyVault(made.base, 'vault', { name: 'myapp-vault' });
  new ManagedIdentity(made.base, 'identity', { workload: WORKLOAD });
  new KeyVaultSecret(made.values, 'secret', { vault: KeyVault.ofApp(made.values, 'myapp-vault'), ...PASSWORD });
  const vault = KeyVault.ofApp(made.web, 'myapp-vault');
  const identity = ManagedIdentity.ofApp(made.web, WORKLOAD);
  const addApp = (props: Partial<LinuxWebAppProps> = {}) =>
    new LinuxWebApp(made.web, 'web', {
      name: 'myapp-web',
      identity,
      runtime: { kind: 'runtime', language: 'node', version: '22-lts' },
      healthCheckPath: '/healthz',
      ...props,
    });
  return { ...made, vault, identity, addApp };
}

function appWith(props: Partial<LinuxWebAppProps> = {}, environment: TestEnvironment = prod()) {
  const { web, addApp } = world(environment);
  addApp(props);
  return resource(web, 'azurerm_linux_web_app');
}

describe('a web app', () => {
  it('is the identity and nothing else, in the network, over HTTPS alone', () => {
    expect(appWith()).toEqual({
      name: 'prod-myapp-web-x7q2',
      resource_group_name: 'prod-myapp-rg',
      location: 'eastus',
      service_plan_id: expect.stringMatching(/^\$\{azurerm_service_plan\.[\w-]+\.id\}$/),
      identity: { type: 'UserAssigned', identity_ids: [IDENTITY_ID] },
      key_vault_reference_identity_id: IDENTITY_ID,
      virtual_network_subnet_id: `${GROUP}/Microsoft.Network/virtualNetworks/prod-myapp-network/subnets/apps`,
      https_only: true,
      public_network_access_enabled: true,
      ftp_publish_basic_authentication_enabled: false,
      webdeploy_publish_basic_authentication_enabled: false,
      client_affinity_enabled: false,
      app_settings: {},
      site_config: {
        always_on: true,
        application_stack: { node_version: '22-lts' },
        ftps_state: 'Disabled',
        health_check_path: '/healthz',
        health_check_eviction_time_in_min: 5,
        http2_enabled: true,
        local_mysql_enabled: false,
        minimum_tls_version: '1.2',
        remote_debugging_enabled: false,
        scm_minimum_tls_version: '1.2',
        use_32_bit_worker: false,
        vnet_route_all_enabled: true,
      },
      logs: {
        detailed_error_messages: true,
        failed_request_tracing: true,
        http_logs: { file_system: { retention_in_days: 7, retention_in_mb: 35 } },
      },
      tags: { Application: 'myapp', Environment: 'prod' },
    });
  });

  it('takes each option', () => {
    const app = appWith({ minimumTls: '1.3', publicAccess: false, evictionMinutes: 10, networkIntegration: false });
    expect(app).toMatchObject({
      public_network_access_enabled: false,
      site_config: {
        minimum_tls_version: '1.3',
        scm_minimum_tls_version: '1.3',
        health_check_eviction_time_in_min: 10,
        vnet_route_all_enabled: false,
      },
    });
    expect(app).not.toHaveProperty('virtual_network_subnet_id');
  });

  it.each([
    ['dotnet', '9.0', { dotnet_version: '9.0' }],
    ['go', '1.23', { go_version: '1.23' }],
    ['php', '8.3', { php_version: '8.3' }],
    ['python', '3.13', { python_version: '3.13' }],
  ] as const)('runs %s', (language, version, stack) => {
    const app = appWith({ runtime: { kind: 'runtime', language, version } });
    expect(app['site_config']).toMatchObject({ application_stack: stack });
  });

  it('runs a container image', () => {
    const runtime = {
      kind: 'container',
      image: 'myapp/web:1.4.2',
      registryUrl: 'https://registry.example.com',
    } as const;
    expect(appWith({ runtime })['site_config']).toMatchObject({
      application_stack: { docker_image_name: 'myapp/web:1.4.2', docker_registry_url: 'https://registry.example.com' },
    });
  });

  it('sends its logs to the workspace that the stack of the vault made', () => {
    const { web, addApp } = world();
    addApp();
    expect(resource(web, 'azurerm_monitor_diagnostic_setting')).toEqual({
      name: 'to-log-analytics',
      target_resource_id: expect.stringContaining('azurerm_linux_web_app.'),
      log_analytics_workspace_id: `${GROUP}/Microsoft.OperationalInsights/workspaces/prod-myapp-logs`,
      enabled_log: [
        { category: 'AppServiceHTTPLogs' },
        { category: 'AppServiceAuditLogs' },
        { category: 'AppServicePlatformLogs' },
      ],
      enabled_metric: [{ category: 'AllMetrics' }],
    });
  });

  it('is refused with a name that an app in another resource group has', () => {
    const { app, identity, addApp } = world();
    addApp();
    const other = new AzureStack(app, prod(), 'other', 'web');
    const runtime = { kind: 'runtime', language: 'node', version: '22-lts' } as const;
    const props = { name: 'myapp-web', identity, runtime, healthCheckPath: '/' };
    expect(refusedLines(() => new LinuxWebApp(other, 'twin', props))).toEqual([
      'prod-other-azure-web/twin: name gives the web app name "prod-myapp-web-x7q2", which prod-myapp-azure-web/web has already in the world; give one of the two another name [SR-NAME-TAKEN]',
    ]);
  });

  it('is refused with a name that another app of the world has, whatever its case', () => {
    const { web, identity, addApp } = world();
    addApp();
    const props = { name: 'MYAPP-web', identity, healthCheckPath: '/' } as const;
    const runtime = { kind: 'runtime', language: 'node', version: '22-lts' } as const;
    expect(refusedLines(() => new LinuxWebApp(web, 'twin', { ...props, runtime }))).toEqual([
      expect.stringMatching(/^prod-myapp-azure-web\/twin: name gives the web app name .* \[SR-NAME-TAKEN\]$/),
    ]);
  });
});

describe('the plan of a web app', () => {
  function planOf(props: Partial<LinuxWebAppProps> = {}, tier: Tier = 'production') {
    const { web, addApp } = world({ ...prod(), tier });
    addApp(props);
    return resource(web, 'azurerm_service_plan');
  }

  it.each<[Tier, string, number, boolean]>([
    ['sandbox', 'B1', 1, false],
    ['development', 'B1', 1, false],
    ['staging', 'P0v3', 2, false],
    ['production', 'P1v3', 3, true],
  ])('in %s is %s with %s instances, over zones: %s', (tier, sku, instances, zonal) => {
    expect(planOf({}, tier)).toMatchObject({
      name: 'prod-myapp-web-plan',
      os_type: 'Linux',
      sku_name: sku,
      worker_count: instances,
      zone_balancing_enabled: zonal,
    });
  });

  it('is what was asked for', () => {
    expect(planOf({ sku: 'P2v3', instances: 6 })).toMatchObject({ sku_name: 'P2v3', worker_count: 6 });
    expect(planOf({ sku: 'S1', instances: 2 })).toMatchObject({ sku_name: 'S1', zone_balancing_enabled: false });
  });

  it('is refused where it can not do what an app needs', () => {
    const { addApp } = world();
    expect(refusedLines(() => addApp({ sku: 'F1', instances: 0 }))).toEqual([
      `prod-myapp-azure-web/web: sku is "F1", allowed are plans with network integration and always on, from B1 up; leave it out for the tier's own [SR-AZURE-PLAN]`,
      `prod-myapp-azure-web/web: instances is 0, allowed are whole numbers from 1 to 30; leave it out for the tier's own [SR-AZURE-PLAN]`,
    ]);
  });

  it('is refused with instances that do not spread over zones', () => {
    expect(refusedLines(() => world().addApp({ instances: 4 }))).toEqual([
      `prod-myapp-azure-web/web: instances is 4, allowed are multiples of 3, one for each zone, from 1 to 30; leave it out for the tier's own [SR-AZURE-PLAN]`,
    ]);
  });
});

describe('the settings of a web app', () => {
  it('refer to the newest version of a secret, and give the access where the identity is made', () => {
    const { base, web, vault, addApp } = world();
    addApp({ settings: { LOG_LEVEL: 'info', DB_PASSWORD: vault.secret(PASSWORD).reference() } });
    expect(resource(web, 'azurerm_linux_web_app')['app_settings']).toEqual({
      LOG_LEVEL: 'info',
      DB_PASSWORD: `@Microsoft.KeyVault(SecretUri=${VAULT_URL}secrets/database-password/)`,
    });
    expect(resource(base, 'azurerm_role_assignment')['principal_id']).toContain('azurerm_user_assigned_identity.');
    expect(resources(web, 'azurerm_role_assignment')).toEqual([]);
  });

  it('hand over the URL of a vault, and which identity to ask it as', () => {
    const { base, web, vault, identity, addApp } = world();
    vault.secret(PASSWORD).grantRead(identity);
    addApp({ settings: { AZURE_KEY_VAULT_URL: vault.url(), TOKEN_HEADER: { plain: 'X-Token' } } });
    expect(resource(web, 'azurerm_linux_web_app')['app_settings']).toEqual({
      AZURE_KEY_VAULT_URL: VAULT_URL,
      MANAGED_IDENTITY_RESOURCE_ID: IDENTITY_ID,
      TOKEN_HEADER: 'X-Token',
    });
    expect(validationLines(web)).toEqual([]);
    expect(resources(base, 'azurerm_role_assignment')).toHaveLength(1);
  });

  it('name the identity by its client id where that is known', () => {
    const { web, vault, addApp } = world();
    const identity = ManagedIdentity.fromAttributes(web, {
      id: IDENTITY_ID,
      principalId: PRINCIPAL,
      clientId: PRINCIPAL,
    });
    addApp({ identity, settings: { AZURE_KEY_VAULT_URL: vault.url() } });
    expect(resource(web, 'azurerm_linux_web_app')['app_settings']).toEqual({
      AZURE_CLIENT_ID: PRINCIPAL,
      AZURE_KEY_VAULT_URL: VAULT_URL,
    });
  });

  it('are refused at synthesis with the URL of a vault that the app may read nothing of', () => {
    const { web, vault, addApp } = world();
    addApp({ settings: { AZURE_KEY_VAULT_URL: vault.url() } });
    expect(validationLines(web)).toEqual([
      'prod-myapp-azure-web/web: settings hand prod-myapp-vault-x7q2 to prod-myapp-id, which may read no secret of it; call grantRead on the secrets that the app asks for [SR-AZURE-NOT-GRANTED]',
    ]);
  });

  it('are refused at synthesis with a secret that nobody declares', () => {
    const { web, vault, addApp } = world();
    addApp({ settings: { DB_PASSWORD: vault.secret({ name: 'database-pasword' }).reference() } });
    expect(validationLines(web)).toEqual([
      expect.stringMatching(/^prod-myapp-azure-web: names secret database-pasword .* \[SR-AZURE-NOT-MADE\]$/),
    ]);
  });

  it('are refused with a literal secret', () => {
    expect(refusedLines(() => world().addApp({ settings: { DB_PASSWORD: 'hunter2' } }))).toEqual([
      'prod-myapp-azure-web/web: settings.DB_PASSWORD is a literal and looks like a secret by its name; hand in secret.reference(); or, if it is no secret, say so with { plain: … } [SR-AZURE-LITERAL-SECRET]',
    ]);
  });

  it.each([
    ['out of the network', prod(), { networkIntegration: false }],
    ['in a network without a subnet for apps', prod({ network: ENDPOINTS }), {}],
  ])('are refused with a secret of a closed vault %s', (_, environment, props) => {
    const { vault, addApp } = world(environment);
    const settings = { DB_PASSWORD: vault.secret(PASSWORD).reference(), AZURE_KEY_VAULT_URL: vault.url() };
    expect(refusedLines(() => addApp({ ...props, settings }))).toEqual(
      ['DB_PASSWORD', 'AZURE_KEY_VAULT_URL'].map(
        (name) =>
          `prod-myapp-azure-web/web: settings.${name} is in prod-myapp-vault-x7q2, which is closed, and the app is not in its network; leave networkIntegration on, and give appsSubnetId where the network is given [SR-AZURE-NO-WAY-IN]`,
      ),
    );
  });
});

describe('what a web app is told', () => {
  it.each(['healthz', '', '/healthz?deep=1'])('is refused with the health check %j', (healthCheckPath) => {
    expect(refusedLines(() => world().addApp({ healthCheckPath }))).toEqual([
      `prod-myapp-azure-web/web: healthCheckPath is ${JSON.stringify(healthCheckPath)}, allowed is a path from the root on, without a query; write one such as /healthz [SR-AZURE-HEALTH-CHECK]`,
    ]);
  });

  it.each([1, 11, 2.5])('is refused with eviction after %s minutes', (evictionMinutes) => {
    expect(refusedLines(() => world().addApp({ evictionMinutes }))).toEqual([
      `prod-myapp-azure-web/web: evictionMinutes is ${evictionMinutes}, allowed are whole minutes from 2 to 10; leave it out for 5 [SR-AZURE-HEALTH-CHECK]`,
    ]);
  });

  it.each([
    ['runtime.version', { kind: 'runtime', language: 'node', version: '' }],
    ['runtime.image', { kind: 'container', image: 'myapp/web:latest', registryUrl: 'https://registry.example.com' }],
    ['runtime.image', { kind: 'container', image: 'myapp/web', registryUrl: 'https://registry.example.com' }],
    ['runtime.registryUrl', { kind: 'container', image: 'web:1', registryUrl: 'https://registry.example.com/team' }],
  ] as const)('is refused with a bad %s', (property, runtime) => {
    expect(refusedLines(() => world().addApp({ runtime }))).toEqual([
      expect.stringMatching(new RegExp(`^prod-myapp-azure-web/web: ${property} is .* \\[SR-AZURE-RUNTIME\\]$`)),
    ]);
  });

  it('is refused with everything that is wrong with an image, and nothing of a password', () => {
    const registryUrl = 'https://somebody:hunter2@registry.example.com';
    expect(refusedLines(() => world().addApp({ runtime: { kind: 'container', image: 'web', registryUrl } }))).toEqual([
      'prod-myapp-azure-web/web: runtime.image is "web", allowed is an image with a tag other than latest, or a digest; name the one version that was tested [SR-AZURE-RUNTIME]',
      'prod-myapp-azure-web/web: runtime.registryUrl has more than a host, allowed is an https URL without user and path; write one such as https://registry.example.com [SR-AZURE-RUNTIME]',
    ]);
  });
});
