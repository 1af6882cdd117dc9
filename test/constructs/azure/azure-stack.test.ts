import { TerraformStack, Testing } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { AzureStack } from '../../../constructs/azure/azure-stack';
import {
  prod,
  resource,
  resources,
  SUBSCRIPTION,
  sandbox,
  stackJson,
  stacks,
  TENANT,
} from '../../support/azure-environment';
import { refusedLines } from '../../support/core-environment';

describe('a stack in Azure', () => {
  it('accepts azurerm 5 alone', () => {
    expect(stackJson(stacks().base).terraform['required_providers']).toEqual({
      azurerm: { source: 'azurerm', version: '>= 5.0, < 6' },
    });
  });

  it('accepts the versions that the environment asks for', () => {
    const { base } = stacks({ ...prod(), providerVersions: { azurerm: '= 5.2.0' } });
    expect(stackJson(base).terraform['required_providers']).toMatchObject({ azurerm: { version: '= 5.2.0' } });
  });

  it('names its subscription and tenant, registers nothing, and says nothing of how to log in', () => {
    const { features, ...provider } = stackJson(stacks().base).provider['azurerm']?.[0] ?? {};
    expect(provider).toEqual({
      subscription_id: SUBSCRIPTION,
      tenant_id: TENANT,
      resource_provider_registrations: 'none',
      storage_use_azuread: true,
    });
    expect(features).toBeDefined();
  });

  it.each([
    ['production', prod(), false],
    ['the sandbox', sandbox(), true],
  ])('in %s purges what it destroys: %3$s', (_, environment, purges) => {
    const features = featuresOf(stacks(environment).base);
    const switches = Object.entries(features.key_vault[0]);
    expect(switches).toHaveLength(11);
    for (const [name, on] of switches) expect(on).toBe(name.startsWith('purge') ? purges : true);
    expect(features.log_analytics_workspace).toEqual([{ permanently_delete_on_destroy: purges }]);
  });

  it('makes the resource group where it has no part, protected by tier', () => {
    const { base, values, web } = stacks();
    expect(resource(base, 'azurerm_resource_group')).toEqual({
      name: 'prod-myapp-rg',
      location: 'eastus',
      tags: { Application: 'myapp', Environment: 'prod' },
      lifecycle: { prevent_destroy: true },
    });
    for (const part of [values, web]) expect(resources(part, 'azurerm_resource_group')).toEqual([]);
  });

  it('does not protect the sandbox', () => {
    const group = resource(stacks(sandbox()).base, 'azurerm_resource_group');
    expect(group['lifecycle']).toEqual({ prevent_destroy: false });
  });

  it('applies its parts after the one without', () => {
    const { base, values } = stacks();
    values.prepareStack();
    expect(values.dependencies).toEqual([base]);
  });

  it('leaves the environment out of names where it has the subscription alone', () => {
    const { base } = stacks(prod({ subscriptionAlone: true }));
    expect(base.named('myapp-id')).toBe('myapp-id');
    expect(base.worldwide('myapp-vault')).toBe('myapp-vault-x7q2');
    expect(resource(base, 'azurerm_resource_group')['name']).toBe('myapp-rg');
  });

  it('puts environment and suffix around names of the whole world', () => {
    expect(stacks().base.worldwide('myapp-vault')).toBe('prod-myapp-vault-x7q2');
  });

  it('refuses a construct in a stack of another kind', () => {
    const foreign = new TerraformStack(Testing.app(), 'plain');
    expect(() => AzureStack.of(foreign)).toThrow('plain: scope is in plain, which is no stack of Strongroom');
  });

  it('refuses two stacks that make one resource group', () => {
    const { app } = stacks();
    const twin = { ...prod({ subscriptionAlone: true }), name: 'twin' };
    expect(refusedLines(() => new AzureStack(app, twin, 'prod-myapp'))).toEqual([
      expect.stringMatching(
        /^twin-prod-myapp-azure: app gives the resource group name "prod-myapp-rg", which prod-myapp-azure has already .* \[SR-NAME-TAKEN\]$/,
      ),
    ]);
  });
});

interface Features {
  readonly key_vault: readonly [Readonly<Record<string, boolean>>];
  readonly log_analytics_workspace: readonly object[];
}

function featuresOf(stack: AzureStack): Features {
  const [features] = (stackJson(stack).provider['azurerm']?.[0]?.['features'] ?? []) as readonly Features[];
  if (features === undefined) throw new Error('the provider has no features');
  return features;
}
