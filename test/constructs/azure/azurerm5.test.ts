import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { ResourceGroup } from '@cdktf/provider-azurerm/lib/resource-group';
import { describe, expect, it } from 'vitest';
import { forAzurerm5, NOT_IN_5 } from '../../../constructs/azure/azurerm5';
import { resource, stackJson, stacks } from '../../support/azure-environment';

describe('a resource whose arguments differ in azurerm 5', () => {
  it('loses what 5 dropped and gets what it asks for', () => {
    const { base } = stacks();
    const old = new FederatedIdentityCredential(base, 'credential', {
      name: 'n',
      parentId: NOT_IN_5,
      resourceGroupName: NOT_IN_5,
      issuer: 'https://issuer.example.com/',
      subject: 's',
      audience: ['a'],
    });
    expect(forAzurerm5(old, 'the-id')).toBe(old);
    expect(resource(base, 'azurerm_federated_identity_credential')).toEqual({
      name: 'n',
      user_assigned_identity_id: 'the-id',
      issuer: 'https://issuer.example.com/',
      subject: 's',
      audience: ['a'],
    });
    expect(JSON.stringify(stackJson(base))).not.toContain(NOT_IN_5);
  });

  it('is one of the table', () => {
    const group = new ResourceGroup(stacks().base, 'group', { name: 'g', location: 'eastus' });
    expect(() => forAzurerm5(group, 'the-id')).toThrow('azurerm_resource_group is the same in azurerm 4 and 5');
  });
});
