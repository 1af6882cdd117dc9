import { asObjects, asTexts, type Json, literal, referredBlock, resourcesOf, type StackModel } from './model';
import type { Reader } from './readers';
import { type DeclaredSecret, vaultName } from './secrets';

/**
 * Built-in roles that may read a secret's value, by id.
 *
 * @see https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security
 */
const READING_ROLES: Readonly<Record<string, string>> = {
  '00482a5a-887f-4fb3-b363-3b7fe8e74483': 'Key Vault Administrator',
  'b86a8fe4-44ce-4948-aee5-eccb2c155cd7': 'Key Vault Secrets Officer',
  '4633458b-17de-408a-b874-0445c86b69e6': 'Key Vault Secrets User',
};

/** Who Azure lets read which secret of which Key Vault. */
export function azureReaders(stacks: readonly StackModel[], secrets: readonly DeclaredSecret[]): readonly Reader[] {
  const own = secrets.filter(({ store }) => store === 'azure');
  return stacks.flatMap((stack) => [...byRole(stack, stacks, own), ...byAccessPolicy(stack, own)]);
}

function byRole(
  stack: StackModel,
  stacks: readonly StackModel[],
  secrets: readonly DeclaredSecret[],
): readonly Reader[] {
  return resourcesOf(stack, 'azurerm_role_assignment').flatMap(({ address, body }) => {
    const role = readingRole(body['role_definition_id'], body['role_definition_name']);
    if (role === undefined) return [];
    const identity = identityName(stack, body['principal_id']);
    return coveredBy(stack, body['scope'], stacks, secrets).map((secret) => ({
      store: 'azure' as const,
      identity,
      ...secret,
      via: [address, role],
      stack: stack.id,
    }));
  });
}

function byAccessPolicy(stack: StackModel, secrets: readonly DeclaredSecret[]): readonly Reader[] {
  const apart = resourcesOf(stack, 'azurerm_key_vault_access_policy').map(({ address, body }) => ({
    address,
    body,
    vault: vaultName(stack, body['key_vault_id']),
  }));
  const inside = resourcesOf(stack, 'azurerm_key_vault').flatMap(({ address, body: vault }) =>
    asObjects(vault['access_policy']).map((body) => ({
      address,
      body,
      vault: literal(stack, vault['name']) ?? address,
    })),
  );
  return [...apart, ...inside]
    .filter(({ body }) => asTexts(body['secret_permissions']).some((one) => /^(?:get|all)$/i.test(one)))
    .flatMap(({ address, body, vault }) =>
      inVault(vault, secrets).map((secret) => ({
        store: 'azure' as const,
        identity: identityName(stack, body['object_id']),
        ...secret,
        via: [address],
        stack: stack.id,
      })),
    );
}

function readingRole(id: Json | undefined, name: Json | undefined): string | undefined {
  const last = typeof id === 'string' ? (id.split('/').at(-1) ?? '').toLowerCase() : '';
  if (READING_ROLES[last] !== undefined) return READING_ROLES[last];
  return Object.values(READING_ROLES).find((role) => role === name);
}

function identityName(stack: StackModel, principal: Json | undefined): string {
  const identity = referredBlock(stack, principal);
  return literal(stack, identity === undefined ? principal : identity.body['name']) ?? identity?.address ?? 'unknown';
}

type Covered = Pick<Reader, 'secret'> | Pick<Reader, 'allOf'>;

/** What a scope covers: one secret, a vault, or every vault of a resource group or subscription. */
function coveredBy(
  stack: StackModel,
  scope: Json | undefined,
  stacks: readonly StackModel[],
  secrets: readonly DeclaredSecret[],
): readonly Covered[] {
  const text = typeof scope === 'string' ? scope : '';
  const referred = /^\$\{(azurerm_key_vault_secret\.[\w-]+)\./.exec(text)?.[1];
  if (referred !== undefined) {
    return secrets.filter((secret) => secret.stack === stack && secret.block.address === referred).map(one);
  }
  const id = literal(stack, scope) ?? '';
  const single = /\/vaults\/([^/]+)\/secrets\/([^/]+)/i.exec(id);
  if (single !== null) return secrets.filter((secret) => secret.name === `${single[1]}/${single[2]}`).map(one);
  const inOne = /^\$\{azurerm_key_vault\.[\w-]+\.id\}(?:\/secrets\/([^/]+))?$/.exec(text);
  if (inOne?.[1] !== undefined) {
    return secrets.filter((secret) => secret.name === `${vaultName(stack, scope)}/${inOne[1]}`).map(one);
  }
  if (inOne !== null || /\/vaults\//i.test(id)) return inVault(vaultName(stack, scope), secrets);
  return vaultsAbove(stack, text, id, stacks).flatMap((vault) => inVault(vault, secrets));
}

function vaultsAbove(stack: StackModel, scope: string, id: string, stacks: readonly StackModel[]): readonly string[] {
  const group = referredBlock(stack, scope);
  const groupName =
    group === undefined ? /\/resourceGroups\/([^/]+)$/i.exec(id)?.[1] : literal(stack, group.body['name']);
  return stacks.flatMap((one) =>
    resourcesOf(one, 'azurerm_key_vault')
      .filter(({ body }) => groupName === undefined || groupOf(one, body['resource_group_name']) === groupName)
      .map(({ address, body }) => literal(one, body['name']) ?? address),
  );
}

function groupOf(stack: StackModel, value: Json | undefined): string | undefined {
  return literal(stack, value);
}

/** Every declared secret of a vault, and the vault itself: values may be put in that no stack declares. */
function inVault(vault: string, secrets: readonly DeclaredSecret[]): readonly Covered[] {
  return [{ allOf: vault }, ...secrets.filter(({ name }) => name.startsWith(`${vault}/`)).map(one)];
}

function one(secret: DeclaredSecret): Covered {
  return { secret };
}
