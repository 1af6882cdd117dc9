import { uuidOf } from './uuid';
import { type Members, textIn } from './value';

/** How the texts of one type are written that only the provider knows. */
interface Forms {
  readonly type: string;
  /**
   * Forms by attribute; the first counts whose parts are all known. `{name}` is an attribute of the resource, `{id/}`
   * the last part of one that is an id, and a word in capitals is made up.
   */
  readonly attributes: Readonly<Record<string, readonly string[]>>;
  readonly source: string;
}

/** What a form may be filled with. */
export interface Fillings {
  /** The resource, as far as it is known. */
  readonly planned: Members;
  /** Subscription of the provider block. */
  readonly subscription: string;
  /** Hexadecimal digits, the same for the same resource; at least 32. */
  readonly hash: string;
}

const GROUP = '/subscriptions/{SUBSCRIPTION}/resourceGroups/{resource_group_name}';
const VAULT_SECRET = 'https://{key_vault_id/}.vault.azure.net/secrets/{name}';

/** Reads rows of `type: form of its id`, or of several. */
function ids(source: string, types: Readonly<Record<string, string | readonly string[]>>): readonly Forms[] {
  return Object.entries(types).map(([type, id]) => ({ type, attributes: { id: [id].flat() }, source }));
}

/**
 * Every azurerm type of Strongroom's stacks: the plugin takes ids apart while it plans, so that they must be of its
 * form. The second form of a type is that of the 4.x line, whose arguments differ.
 *
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs
 */
export const AZURERM_FORMS: readonly Forms[] = [
  ...ids('section Import of its page, azurerm 5.2.0', {
    azurerm_federated_identity_credential: [
      '{user_assigned_identity_id}/federatedIdentityCredentials/{name}',
      '{parent_id}/federatedIdentityCredentials/{name}',
    ],
    azurerm_linux_web_app: `${GROUP}/providers/Microsoft.Web/sites/{name}`,
    azurerm_log_analytics_workspace: `${GROUP}/providers/Microsoft.OperationalInsights/workspaces/{name}`,
    azurerm_monitor_diagnostic_setting: '{target_resource_id}|{name}',
    azurerm_network_security_group: `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/{name}`,
    azurerm_network_security_rule: `${GROUP}/providers/Microsoft.Network/networkSecurityGroups/{network_security_group_name}/securityRules/{name}`,
    azurerm_private_dns_zone: `${GROUP}/providers/Microsoft.Network/privateDnsZones/{name}`,
    azurerm_private_dns_zone_virtual_network_link: [
      '{private_dns_zone_id}/virtualNetworkLinks/{name}',
      `${GROUP}/providers/Microsoft.Network/privateDnsZones/{private_dns_zone_name}/virtualNetworkLinks/{name}`,
    ],
    azurerm_private_endpoint: `${GROUP}/providers/Microsoft.Network/privateEndpoints/{name}`,
    azurerm_resource_group: '/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}',
    azurerm_service_plan: `${GROUP}/providers/Microsoft.Web/serverFarms/{name}`,
    azurerm_subnet: `${GROUP}/providers/Microsoft.Network/virtualNetworks/{virtual_network_name}/subnets/{name}`,
    azurerm_subnet_network_security_group_association: '{subnet_id}',
    azurerm_user_assigned_identity: `${GROUP}/providers/Microsoft.ManagedIdentity/userAssignedIdentities/{name}`,
    azurerm_virtual_network: `${GROUP}/providers/Microsoft.Network/virtualNetworks/{name}`,
  }),
  {
    type: 'azurerm_key_vault',
    attributes: {
      id: [`${GROUP}/providers/Microsoft.KeyVault/vaults/{name}`],
      vault_uri: ['https://{name}.vault.azure.net/'],
    },
    source: 'sections Import of its page and of key_vault_secret, azurerm 5.2.0',
  },
  {
    type: 'azurerm_key_vault_secret',
    attributes: {
      id: [`${VAULT_SECRET}/{version}`],
      resource_id: ['{key_vault_id}/secrets/{name}/versions/{version}'],
      resource_versionless_id: ['{key_vault_id}/secrets/{name}'],
      version: ['{HEX}'],
      versionless_id: [VAULT_SECRET],
    },
    source: 'section Import of its page and keyvault/parse/secret.go, azurerm 5.2.0',
  },
  {
    type: 'azurerm_role_assignment',
    attributes: { id: ['{scope}/providers/Microsoft.Authorization/roleAssignments/{name}'], name: ['{UUID}'] },
    source: 'section Import of its page, azurerm 5.2.0',
  },
];

const byType = new Map(AZURERM_FORMS.map(({ type, attributes }) => [type, attributes]));

/**
 * A text of azurerm that only the provider knows, composed of what is known of the resource; undefined for an attribute
 * that has no form of its own.
 *
 * The id of a type that has no row is of Azure's general form. Names in it are guessed, so that a plugin which takes
 * them apart may still refuse it.
 */
export function azurermText(type: string, path: string, fillings: Fillings): string | undefined {
  const own = byType.get(type)?.[path] ?? [];
  const filled = own.map((form) => fill(type, form, fillings)).find((text) => text !== undefined);
  return filled ?? (path === 'id' ? generalId(type, fillings) : undefined);
}

/** Fills a form; undefined where a part of it is not known. */
function fill(type: string, form: string, fillings: Fillings): string | undefined {
  const { planned, subscription, hash } = fillings;
  const made: Members = { SUBSCRIPTION: subscription, UUID: uuidOf(hash), HEX: hash.slice(0, 32) };
  let complete = true;
  const text = form.replace(/\{(\w+)(\/?)\}/g, (_part, name: string, last: string) => {
    const own = () => (name in (byType.get(type) ?? {}) ? azurermText(type, name, fillings) : undefined);
    const known = textIn({ ...planned, ...made }, name) ?? own();
    complete &&= known !== undefined;
    return last === '' ? (known ?? '') : (known?.split('/').at(-1) ?? '');
  });
  return complete ? text : undefined;
}

function generalId(type: string, { planned, subscription, hash }: Fillings): string {
  const [, service = '', ...words] = type.split('_');
  const kind = words.length === 0 ? service : [words[0], ...words.slice(1).map(capital)].join('');
  const group = `/subscriptions/${subscription}/resourceGroups/${textIn(planned, 'resource_group_name') ?? 'made-up'}`;
  return `${group}/providers/Microsoft.${capital(service)}/${kind}/${textIn(planned, 'name') ?? hash.slice(0, 17)}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
