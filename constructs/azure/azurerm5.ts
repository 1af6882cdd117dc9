import type { TerraformResource } from 'cdktf';

/** What stands in the props that 5.x no longer has: the binding asks for them, and they are taken out again. */
export const NOT_IN_5 = 'not-in-azurerm-5';

/** Arguments that azurerm 5 dropped, and the one it asks for instead. */
interface Rename {
  readonly dropped: readonly string[];
  readonly asked: string;
}

/**
 * Resources whose arguments of azurerm 4.55, of which the binding was made, and of 5.x exclude each other.
 *
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/guides/5.0-upgrade-guide
 */
const RENAMED: Readonly<Record<string, Rename>> = {
  azurerm_federated_identity_credential: {
    dropped: ['parent_id', 'resource_group_name'],
    asked: 'user_assigned_identity_id',
  },
  azurerm_private_dns_zone_virtual_network_link: {
    dropped: ['private_dns_zone_name', 'resource_group_name'],
    asked: 'private_dns_zone_id',
  },
};

/** Writes a resource of the binding as azurerm 5 takes it, with the id that it asks for instead of the dropped names. */
export function forAzurerm5<R extends TerraformResource>(resource: R, id: string): R {
  const rename = RENAMED[resource.terraformResourceType];
  if (rename === undefined) throw new Error(`${resource.terraformResourceType} is the same in azurerm 4 and 5`);
  for (const argument of rename.dropped) resource.addOverride(argument, undefined);
  resource.addOverride(rename.asked, id);
  return resource;
}
