import { describe, expect, it } from 'vitest';
import { KeyVault } from '../../../constructs/azure/key-vault';
import { KeyVaultSecret, type SecretDeclaration } from '../../../constructs/azure/key-vault-secret';
import { ManagedIdentity } from '../../../constructs/azure/managed-identity';
import { assignRole, ROLES } from '../../../constructs/azure/role-assignment';
import { SecretType } from '../../../constructs/core/secret-type';
import { Value } from '../../../constructs/core/value';
import type { Workload } from '../../../constructs/core/workload';
import { PRINCIPAL, prod, resource, resources, SUBSCRIPTION, stacks } from '../../support/azure-environment';
import { refusedLines } from '../../support/core-environment';

const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg/providers`;
const VAULT_ID = `${GROUP}/Microsoft.KeyVault/vaults/prod-myapp-vault-x7q2`;
const OTHER = '44444444-4444-4444-4444-444444444444';
const SHARED_ID = `/subscriptions/${OTHER}/resourceGroups/shared-rg/providers/Microsoft.KeyVault/vaults/shared`;
const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
const WORKLOAD: Workload = { name: 'myapp', runsOn: { appService: true } };
const PASSWORD: SecretDeclaration = {
  name: 'database-password',
  type: SecretType.DATABASE_CREDENTIAL,
  owner: 'payments',
  value: Value.generated({ since: '2026-11-01' }),
};
const IMPORTED = {
  id: `${GROUP}/Microsoft.ManagedIdentity/userAssignedIdentities/other-id`,
  principalId: PRINCIPAL,
  clientId: PRINCIPAL,
};

function world() {
  const made = stacks(prod());
  const vault = new KeyVault(made.base, 'vault', { name: 'myapp-vault' });
  const identity = new ManagedIdentity(made.base, 'identity', { workload: WORKLOAD });
  return { ...made, vault, identity };
}

describe("a grant to read a secret of the app's own vault", () => {
  it('is one role in the vault, by its id, for the identity alone', () => {
    const { base, vault, identity } = world();
    vault.secret(PASSWORD).grantRead(identity);
    expect(resource(base, 'azurerm_role_assignment')).toEqual({
      scope: expect.stringMatching(/^\$\{azurerm_key_vault\.[\w-]+\.id\}$/),
      role_definition_id: `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
      principal_id: expect.stringMatching(/^\$\{azurerm_user_assigned_identity\.[\w-]+\.principal_id\}$/),
      principal_type: 'ServicePrincipal',
      description: 'prod-myapp-id reads secrets of prod-myapp-vault-x7q2',
    });
  });

  it('is one role however many secrets it is for', () => {
    const { base, vault, identity } = world();
    for (const name of ['a', 'b', 'c']) vault.secret({ name }).grantRead(identity);
    expect(resources(base, 'azurerm_role_assignment')).toHaveLength(1);
  });

  it('explains itself', () => {
    const { vault, identity } = world();
    expect(vault.secret(PASSWORD).grantRead(identity).explain()).toBe(
      `prod-myapp-id may Key Vault Secrets User on ${VAULT_ID}: reads the app's own vault, of which database-password is one secret`,
    );
  });

  it('says what to wait for in the stack where it is made, and nothing in another', () => {
    const { values, vault, identity } = world();
    expect(vault.secret(PASSWORD).grantRead(identity).dependables).toHaveLength(1);
    const secret = new KeyVaultSecret(values, 'secret', { vault: KeyVault.ofApp(values, 'myapp-vault'), ...PASSWORD });
    expect(secret.grantRead(ManagedIdentity.ofApp(values, WORKLOAD)).dependables).toEqual([]);
  });

  it('asked for in another stack is given where the identity is made', () => {
    const { base, web } = world();
    const vault = KeyVault.ofApp(web, 'myapp-vault');
    vault.secret(PASSWORD).grantRead(ManagedIdentity.ofApp(web, WORKLOAD));
    expect(resources(web, 'azurerm_role_assignment')).toEqual([]);
    expect(resource(base, 'azurerm_role_assignment')['scope']).toMatch(/^\$\{azurerm_key_vault\./);
  });

  it('asked for before the identity is made is given all the same', () => {
    const { base, web } = stacks();
    KeyVault.ofApp(web, 'myapp-vault').secret(PASSWORD).grantRead(ManagedIdentity.ofApp(web, WORKLOAD));
    new ManagedIdentity(base, 'identity', { workload: WORKLOAD });
    expect(resource(base, 'azurerm_role_assignment')['scope']).toBe(VAULT_ID);
  });

  it('waits for the vault even where the identity is made first', () => {
    const { base, web } = stacks();
    KeyVault.ofApp(web, 'myapp-vault').secret(PASSWORD).grantRead(ManagedIdentity.ofApp(web, WORKLOAD));
    new ManagedIdentity(base, 'identity', { workload: WORKLOAD });
    new KeyVault(base, 'vault', { name: 'myapp-vault' });
    expect(resource(base, 'azurerm_role_assignment')['scope']).toMatch(/^\$\{azurerm_key_vault\.[\w-]+\.id\}$/);
  });

  it('to an identity that exists is given once, beside the vault, whoever asks', () => {
    const { base, web, vault } = world();
    KeyVault.ofApp(web, 'myapp-vault').secret(PASSWORD).grantRead(ManagedIdentity.fromAttributes(web, IMPORTED));
    vault.secret(PASSWORD).grantRead(ManagedIdentity.fromAttributes(base, IMPORTED));
    expect(resource(base, 'azurerm_role_assignment')['principal_id']).toBe(PRINCIPAL);
    expect(resources(web, 'azurerm_role_assignment')).toEqual([]);
  });
});

describe('a grant to read a secret of a shared vault', () => {
  it('is one role in that secret, in the subscription of the vault', () => {
    const { base, identity } = world();
    KeyVault.fromId(base, SHARED_ID).secret({ name: 'certificate-password' }).grantRead(identity);
    expect(resource(base, 'azurerm_role_assignment')).toMatchObject({
      scope: `${SHARED_ID}/secrets/certificate-password`,
      role_definition_id: `/subscriptions/${OTHER}/providers/Microsoft.Authorization/roleDefinitions/${SECRETS_USER}`,
      description: 'prod-myapp-id reads secret certificate-password of shared',
    });
  });

  it('is one role for each secret', () => {
    const { base, identity } = world();
    const vault = KeyVault.fromId(base, SHARED_ID);
    for (const name of ['a', 'b', 'a']) vault.secret({ name }).grantRead(identity);
    expect(resources(base, 'azurerm_role_assignment')).toHaveLength(2);
  });

  it('is given after the value is written, where this app writes it', () => {
    const { values } = world();
    const secret = new KeyVaultSecret(values, 'secret', { vault: KeyVault.fromId(values, SHARED_ID), ...PASSWORD });
    const grant = secret.grantRead(ManagedIdentity.fromAttributes(values, IMPORTED));
    expect(resource(values, 'azurerm_role_assignment')).toMatchObject({
      scope: `${SHARED_ID}/secrets/database-password`,
      depends_on: [expect.stringMatching(/^azurerm_key_vault_secret\./)],
    });
    expect(grant.explain()).toContain('reads this one secret, since others use the vault too');
  });

  it('is refused when the identity is made in a stack that comes before the value', () => {
    const { values, identity } = world();
    const secret = new KeyVaultSecret(values, 'secret', { vault: KeyVault.fromId(values, SHARED_ID), ...PASSWORD });
    for (const other of [identity, ManagedIdentity.ofApp(values, WORKLOAD)]) {
      expect(refusedLines(() => secret.grantRead(other))).toEqual([
        "prod-myapp-azure-values/secret: identity is prod-myapp-id, whose role in database-password of a shared vault would come before the secret; allowed is an identity of the stack that declares the secret, or one with a known object id, granted there; call grantRead on the KeyVaultSecret itself, with ManagedIdentity.fromAttributes; or use a vault of the app's own [SR-AZURE-GRANT-ORDER]",
      ]);
    }
  });

  it('is refused on the mere name of a secret that this app declares later', () => {
    const { base } = stacks();
    const vault = new KeyVault(base, 'vault', { name: 'common-vault', shared: true });
    const made = new ManagedIdentity(base, 'id', { workload: WORKLOAD });
    for (const identity of [made, ManagedIdentity.fromAttributes(base, IMPORTED)]) {
      expect(refusedLines(() => vault.secret(PASSWORD).grantRead(identity))).toEqual([
        expect.stringMatching(/^prod-myapp-azure\/vault: identity is .* \[SR-AZURE-GRANT-ORDER\]$/),
      ]);
    }
  });

  it('to an identity of the same stack is given after the value', () => {
    const { values } = world();
    const secret = new KeyVaultSecret(values, 'secret', { vault: KeyVault.fromId(values, SHARED_ID), ...PASSWORD });
    secret.grantRead(new ManagedIdentity(values, 'job', { workload: { ...WORKLOAD, name: 'job' } }));
    expect(resource(values, 'azurerm_role_assignment')).toMatchObject({
      depends_on: [expect.stringMatching(/^azurerm_key_vault_secret\./)],
    });
  });

  it('to an identity that exists is given once, by the stack that asks first', () => {
    const { base, web } = world();
    for (const stack of [base, web, base]) {
      KeyVault.fromId(stack, SHARED_ID)
        .secret({ name: 'a' })
        .grantRead(ManagedIdentity.fromAttributes(stack, IMPORTED));
    }
    expect(resources(base, 'azurerm_role_assignment')).toHaveLength(1);
    expect(resources(web, 'azurerm_role_assignment')).toEqual([]);
  });
});

describe('a role', () => {
  it.each([
    `/subscriptions/${SUBSCRIPTION}`,
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/prod-myapp-rg`,
    '/',
    '/providers/Microsoft.Management/managementGroups/root',
    `${SHARED_ID}/keys/signing`,
    `${SHARED_ID}/secrets/one/0123456789abcdef`,
    `${SHARED_ID}/`,
  ])('is never given on %s', (scopeId) => {
    const { base } = stacks();
    const props = { role: ROLES.secretsUser, scopeId, principalId: PRINCIPAL, description: 'reads' };
    expect(refusedLines(() => assignRole(base, 'role', props))).toEqual([
      `prod-myapp-azure: scope is ${JSON.stringify(scopeId)}, allowed is the resource id of a vault; a role on a resource group or subscription reads every vault in it; name the vault, /subscriptions/…/providers/Microsoft.KeyVault/vaults/… [SR-AZURE-SCOPE]`,
    ]);
  });
});
