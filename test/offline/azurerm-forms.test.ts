import { expect, it } from 'vitest';
import { AZURERM_FORMS, azurermText, type Fillings } from '../../offline/stand-in/azurerm-forms';
import { madeUp } from '../../offline/stand-in/made-up';
import { UNKNOWN } from '../../offline/stand-in/value';
import { emittedTypes } from '../support/schemas/table-rows';

const SUBSCRIPTION = '11111111-1111-4111-8111-111111111111';
const GROUP = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg`;
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/kv`;
const HASH = 'abcdef0123456789'.repeat(4);

const text = (type: string, path: string, planned: Fillings['planned']) =>
  azurermText(type, path, { planned, subscription: SUBSCRIPTION, hash: HASH });

it('hold the id of each emitted type, and no other type', () => {
  const withId = AZURERM_FORMS.filter(({ attributes }) => 'id' in attributes).map(({ type }) => type);
  expect(withId.sort()).toEqual(emittedTypes().filter((type) => type.startsWith('azurerm_')));
});

it('have one row for each type, with its source', () => {
  expect(new Set(AZURERM_FORMS.map(({ type }) => type)).size).toBe(AZURERM_FORMS.length);
  expect(AZURERM_FORMS.filter(({ source }) => !/, azurerm \d/.test(source))).toEqual([]);
});

it('compose an id of the subscription and of what is configured', () => {
  expect(text('azurerm_resource_group', 'id', { name: 'rg' })).toBe(GROUP);
  expect(text('azurerm_key_vault', 'id', { resource_group_name: 'rg', name: 'kv' })).toBe(VAULT);
});

it('compose an id of that of its parent', () => {
  const planned = { target_resource_id: VAULT, name: 'logs' };
  expect(text('azurerm_monitor_diagnostic_setting', 'id', planned)).toBe(`${VAULT}|logs`);
});

it('take what is decided as it is made up elsewhere in the resource', () => {
  const planned = { key_vault_id: VAULT, name: 'key', version: UNKNOWN };
  const version = text('azurerm_key_vault_secret', 'version', planned);
  expect(version).toMatch(/^[0-9a-f]{32}$/);
  expect(text('azurerm_key_vault_secret', 'id', planned)).toBe(`https://kv.vault.azure.net/secrets/key/${version}`);
});

it('make up the name of a role assignment unless it is configured', () => {
  const made = text('azurerm_role_assignment', 'name', {});
  expect(made).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  const id = (name: unknown) => text('azurerm_role_assignment', 'id', { scope: VAULT, name });
  expect(id(UNKNOWN)).toBe(`${VAULT}/providers/Microsoft.Authorization/roleAssignments/${made}`);
  expect(id(SUBSCRIPTION)).toBe(`${VAULT}/providers/Microsoft.Authorization/roleAssignments/${SUBSCRIPTION}`);
});

it('take the arguments of the older line where those of the newer are missing', () => {
  const identity = `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id`;
  expect(text('azurerm_federated_identity_credential', 'id', { parent_id: identity, name: 'a' })).toBe(
    `${identity}/federatedIdentityCredentials/a`,
  );
});

it('give an id of the general form to a type that has none', () => {
  expect(text('azurerm_storage_account', 'id', { resource_group_name: 'rg', name: 'store' })).toBe(
    `${GROUP}/providers/Microsoft.Storage/account/store`,
  );
  expect(text('azurerm_storage_account', 'id', {})).toBe(
    `/subscriptions/${SUBSCRIPTION}/resourceGroups/made-up/providers/Microsoft.Storage/account/abcdef0123456789a`,
  );
});

it('have nothing to say of other attributes, nor of a part that is not known', () => {
  expect(text('azurerm_storage_account', 'primary_location', {})).toBeUndefined();
  expect(text('azurerm_key_vault', 'vault_uri', { name: UNKNOWN })).toBeUndefined();
});

it('are filled for azurerm alone', () => {
  const origin = { seed: 'a', planned: { name: 'rg' }, subscription: SUBSCRIPTION };
  expect(madeUp('azurerm_resource_group', 'id', { type: 'string' }, origin)).toBe(GROUP);
  expect(madeUp('aws_resource_group', 'id', { type: 'string' }, origin)).toMatch(/^aws-resource-group-/);
});
