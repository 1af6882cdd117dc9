import { describe, expect, it } from 'vitest';
import { identityId, keyVaultId, NAMES, parseKeyVaultId, vaultUri } from '../../../constructs/azure/names';
import { type NameRule, nameProblem } from '../../../constructs/core/naming';
import { SUBSCRIPTION } from '../../support/azure-environment';

const PLACE = { subscriptionId: SUBSCRIPTION, resourceGroup: 'prod-myapp-rg' };

function legal(rule: NameRule, name: string): boolean {
  return nameProblem(rule, 'name', name) === undefined;
}

describe('names in Azure', () => {
  it.each<[keyof typeof NAMES, readonly string[], readonly string[]]>([
    ['keyVault', ['abc', 'prod-myapp-vault-x7q2', 'A1-b'], ['ab', '1abc', 'a--b', 'abc-', 'a_b', 'a'.repeat(25)]],
    ['secret', ['a', 'database-password', '1', '-'], ['', 'a_b', 'a.b', 'a/b', 'a'.repeat(128)]],
    ['webApp', ['ab', 'prod-myapp-web-x7q2'], ['a', '-ab', 'ab-', 'a.b', 'a'.repeat(61)]],
    ['servicePlan', ['a', 'prod-plan'], ['', '-a', 'a-', 'a_b', 'a'.repeat(61)]],
    ['resourceGroup', ['a', 'prod.myapp_(1)-rg'], ['', 'a.', 'a b', 'a'.repeat(91)]],
    ['identity', ['abc', 'prod-myapp_id'], ['ab', '-abc', '_abc', 'a.b', 'a'.repeat(129)]],
    ['federatedCredential', ['myapp-myapp-sa'], ['ab', '-abc', 'a.b.c', 'a'.repeat(121)]],
    ['logs', ['prod-logs'], ['abc', '-logs', 'logs-', 'lo_gs', 'a'.repeat(64)]],
    ['virtualNetwork', ['ab', 'a.b_'], ['a', '-ab', 'ab-', '_ab', 'a'.repeat(65)]],
    ['privateEndpoint', ['ab', 'prod-vault-endpoint'], ['a', 'ab.', 'a'.repeat(65)]],
    ['subnet', ['a', 'apps'], ['', 'a-', 'a'.repeat(81)]],
    ['securityGroup', ['a', 'apps-nsg'], ['', 'a-', 'a'.repeat(81)]],
    ['dnsZoneLink', ['a'], ['', '-', 'a'.repeat(81)]],
  ])('%s takes %j and refuses %j', (kind, good, bad) => {
    for (const name of good) expect([name, legal(NAMES[kind], name)]).toEqual([name, true]);
    for (const name of bad) expect([name, legal(NAMES[kind], name)]).toEqual([name, false]);
  });

  it('names a page of the vendor for every rule', () => {
    for (const rule of Object.values(NAMES)) expect(rule.see).toMatch(/^https:\/\/learn\.microsoft\.com\//);
  });

  it('composes ids as Azure writes them', () => {
    const group = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg`;
    expect(keyVaultId(PLACE, 'v')).toBe(`${group}/providers/Microsoft.KeyVault/vaults/v`);
    expect(identityId(PLACE, 'i')).toBe(`${group}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i`);
  });

  it('writes the URL of a vault in lower case', () => {
    expect(vaultUri('My-Vault')).toBe('https://my-vault.vault.azure.net/');
  });

  it('reads back the id of a vault, and of nothing else', () => {
    expect(parseKeyVaultId(keyVaultId(PLACE, 'v'))).toEqual({ ...PLACE, name: 'v' });
    expect(parseKeyVaultId(`/subscriptions/${SUBSCRIPTION}`)).toBeUndefined();
    expect(parseKeyVaultId(`${keyVaultId(PLACE, 'v')}/secrets/s`)).toBeUndefined();
  });
});
