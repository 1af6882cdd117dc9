import type { BlockSchema } from '../schema';

/** Arguments that a later line of a provider has in place of those that the bindings know. */
interface Newer {
  readonly added: string;
  readonly instead: readonly string[];
}

/**
 * Types of azurerm 5.x whose required arguments the bindings, which are of 4.55, do not know. Both forms are accepted.
 *
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/5.0-upgrade-guide
 */
const NEWER: Readonly<Record<string, Newer>> = {
  azurerm_federated_identity_credential: {
    added: 'user_assigned_identity_id',
    instead: ['parent_id', 'resource_group_name'],
  },
  azurerm_private_dns_zone_virtual_network_link: {
    added: 'private_dns_zone_id',
    instead: ['private_dns_zone_name', 'resource_group_name'],
  },
};

/** A type's schema with the arguments that later lines of its provider know. */
export function withNewer(type: string, schema: BlockSchema): BlockSchema {
  const newer = NEWER[type];
  if (newer === undefined) return schema;
  const relaxed = newer.instead.map((name) => [name, { type: 'string', optional: true }] as const);
  return {
    ...schema,
    attributes: {
      ...schema.attributes,
      ...Object.fromEntries(relaxed),
      [newer.added]: { type: 'string', optional: true },
    },
  };
}
