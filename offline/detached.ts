import type { JsonObject } from '../review/model';
import { NOBODY } from './identity-endpoint';
import { compareVersions } from './version';

/** What a plugin is detached with. */
export interface Surroundings {
  /** The plugin's version. */
  readonly version: string;
  /** Where tokens of a tenant that open nothing are handed out; only for providers that ask for it. */
  identityUrl(tenant: string): string;
}

/** How one provider plans new resources without a login. */
export interface Detachment {
  /** Makes the override of one provider block. */
  readonly block: (block: JsonObject, surroundings: Surroundings) => JsonObject;
  /** Whether the provider wants a token to read before it plans. @default false */
  readonly wantsIdentity?: boolean;
  /** Environment that the plugin needs. @default none */
  readonly environment?: (version: string) => Readonly<Record<string, string>>;
}

/** Blocks of aws that assume a role. */
const AWS_ROLES = ['assume_role', 'assume_role_with_web_identity'];
/** Arguments of aws that need a login or guard an account. */
const AWS_CLEARED = [
  'allowed_account_ids',
  'custom_ca_bundle',
  'forbidden_account_ids',
  'profile',
  'shared_config_files',
  'shared_credentials_files',
  'token',
];

/** Blocks of vault that log in, or read certificates of a login. */
const VAULT_LOGIN = /^(auth_login|client_auth$)/;
/** Arguments of vault that read files of the machine that deploys. */
const VAULT_CLEARED = ['ca_cert_dir', 'ca_cert_file'];

/** Arguments of azurerm that are another way to log in, or ask a server which cloud this is. */
const AZURERM_CLEARED = [
  'ado_pipeline_service_connection_id',
  'auxiliary_tenant_ids',
  'client_certificate',
  'client_certificate_password',
  'client_certificate_path',
  'client_id_file_path',
  'client_secret',
  'client_secret_file_path',
  'metadata_host',
  'msi_api_version',
  'oidc_request_token',
  'oidc_request_url',
  'oidc_token',
  'oidc_token_file_path',
];

/** From this line on azurerm refuses to start when the older switch of its validation is set. */
const AZURERM_NEW_SWITCHES = '5.0.0';

/**
 * Providers that plan new resources without any login, once these settings are in place.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs#argument-reference
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs#argument-reference
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs#provider-arguments
 */
export const DETACH: Readonly<Record<string, Detachment>> = {
  aws: {
    block: (block) => ({
      access_key: 'offline',
      secret_key: 'offline',
      skip_credentials_validation: true,
      skip_metadata_api_check: 'true',
      skip_region_validation: true,
      skip_requesting_account_id: true,
      ...cleared(AWS_CLEARED, block),
      ...emptied(AWS_ROLES, block),
    }),
  },
  azurerm: {
    block: (block, { identityUrl }) => {
      const tenant = literal(block['tenant_id']) ?? NOBODY.tenant;
      return {
        tenant_id: tenant,
        subscription_id: literal(block['subscription_id']) ?? NOBODY.subscription,
        client_id: NOBODY.client,
        use_msi: true,
        msi_endpoint: identityUrl(tenant),
        use_cli: false,
        use_oidc: false,
        use_aks_workload_identity: false,
        // The provider's own default on the 4.x line asks the subscription.
        resource_provider_registrations: 'none',
        ...cleared(AZURERM_CLEARED, block),
      };
    },
    wantsIdentity: true,
    // The older line asks a host on the internet about the cloud unless this is off, and the newer refuses the name.
    environment: (version) =>
      compareVersions(version, AZURERM_NEW_SWITCHES) < 0 ? { ARM_PROVIDER_ENHANCED_VALIDATION: 'false' } : {},
  },
  vault: {
    block: (block) => ({
      // Nothing listens there: a plan of new resources asks no server.
      address: 'http://127.0.0.1:1',
      token: 'offline',
      skip_child_token: true,
      ...cleared(VAULT_CLEARED, block),
      ...emptied(
        Object.keys(block).filter((name) => VAULT_LOGIN.test(name)),
        block,
      ),
    }),
  },
  random: { block: () => ({}) },
};

/**
 * Blocks of these types, none of them: leaving blocks out of an override keeps the stack's own, and an empty one lacks what
 * is required. A dynamic block takes the place of every block of its type.
 *
 * @see https://developer.hashicorp.com/terraform/language/files/override#merging-behavior
 */
function emptied(names: readonly string[], block: JsonObject): JsonObject {
  const there = names.filter((name) => name in block);
  if (there.length === 0) return {};
  return { dynamic: Object.fromEntries(there.map((name) => [name, { for_each: [], content: {} }])) };
}

function cleared(names: readonly string[], block: JsonObject): JsonObject {
  return Object.fromEntries(names.filter((name) => name in block).map((name) => [name, null]));
}

/** A text that needs nothing of the stack to be known. */
function literal(value: JsonObject[string] | undefined): string | undefined {
  return typeof value === 'string' && !value.includes('${') ? value : undefined;
}
