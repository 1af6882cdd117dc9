import type { JsonObject } from '../review/model';
import type { DetachedBlock } from './serving';

/** Makes the override of one provider block. */
export type Detach = (block: JsonObject) => DetachedBlock;

/** Blocks of aws that assume a role; an empty one assumes none. */
const AWS_ROLES = ['assume_role', 'assume_role_with_web_identity'];
/** Arguments of aws that need a login or guard an account. */
const AWS_CLEARED = [
  'allowed_account_ids',
  'forbidden_account_ids',
  'profile',
  'shared_config_files',
  'shared_credentials_files',
  'token',
];

/** Ways to log in to Vault that need a server; their required arguments keep an override from emptying them. */
const VAULT_LOGIN = /^auth_login/;

/**
 * Providers that plan new resources without any login, once these settings are in place.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#provider-arguments
 */
export const DETACH: Readonly<Record<string, Detach>> = {
  aws: (block) => ({
    override: {
      access_key: 'offline',
      secret_key: 'offline',
      skip_credentials_validation: true,
      skip_metadata_api_check: 'true',
      skip_region_validation: true,
      skip_requesting_account_id: true,
      ...Object.fromEntries(AWS_CLEARED.filter((name) => name in block).map((name) => [name, null])),
      // Leaving a block out of an override keeps the original one.
      ...Object.fromEntries(AWS_ROLES.filter((name) => name in block).map((name) => [name, [{}]])),
    },
    uncleared: [],
  }),
  vault: (block) => ({
    // Nothing listens there: a plan of new resources asks no server.
    override: { address: 'http://127.0.0.1:1', token: 'offline', skip_child_token: true },
    uncleared: Object.keys(block).filter((name) => VAULT_LOGIN.test(name)),
  }),
  random: () => ({ override: {}, uncleared: [] }),
};
