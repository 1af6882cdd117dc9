/** Why a detached plugin plans another value than the stand-in. */
const SET_UNKNOWN = 'the plugin makes a whole list, set or map unknown as soon as one member is';
const BLOCK_COMPUTED = 'the plugin may fill a block that is not configured; no schema says so';
const JSON_FORM = 'the plugin writes JSON its own way: the same document with its keys in another order';
const EMPTY_SET = 'the plugin plans nothing where an empty set is configured';
const NEWER = 'known to the bindings and not to the plugin, which is of an older line';

/**
 * Attributes that a detached plugin and the stand-in with its schema plan differently where nothing is deployed, by
 * provider, with the reason. Places in lists are left out.
 */
export const DIFFERENCES = {
  aws: {
    'aws_db_instance.vpc_security_group_ids': SET_UNKNOWN,
    'aws_db_subnet_group.subnet_ids': SET_UNKNOWN,
    'aws_ecs_service.arn': NEWER,
    'aws_ecs_service.deployment_configuration': NEWER,
    'aws_ecs_service.network_configuration.security_groups': SET_UNKNOWN,
    'aws_ecs_service.network_configuration.subnets': SET_UNKNOWN,
    'aws_iam_role.assume_role_policy': JSON_FORM,
    'aws_iam_role.inline_policy': BLOCK_COMPUTED,
    'aws_iam_role_policy.policy': JSON_FORM,
    'aws_kms_key.policy': JSON_FORM,
    'aws_lambda_function.capacity_provider_config': NEWER,
    'aws_lambda_function.durable_config': NEWER,
    'aws_lambda_function.environment.variables': SET_UNKNOWN,
    'aws_lambda_function.ephemeral_storage': BLOCK_COMPUTED,
    'aws_lambda_function.logging_config': BLOCK_COMPUTED,
    'aws_lambda_function.tenancy_config': NEWER,
    'aws_lambda_function.vpc_config.security_group_ids': SET_UNKNOWN,
    'aws_lambda_function.vpc_config.subnet_ids': SET_UNKNOWN,
    'aws_secretsmanager_secret.replica': BLOCK_COMPUTED,
    'aws_secretsmanager_secret_policy.policy': JSON_FORM,
    'aws_vpc_endpoint.dns_options': BLOCK_COMPUTED,
    'aws_vpc_endpoint.policy': JSON_FORM,
    'aws_vpc_endpoint.route_table_ids': SET_UNKNOWN,
    'aws_vpc_endpoint.security_group_ids': SET_UNKNOWN,
    'aws_vpc_endpoint.subnet_configuration': BLOCK_COMPUTED,
    'aws_vpc_endpoint.subnet_ids': SET_UNKNOWN,
  },
  azurerm: {
    'azurerm_key_vault.network_acls.virtual_network_subnet_ids': EMPTY_SET,
    'azurerm_private_dns_zone.soa_record': BLOCK_COMPUTED,
    'azurerm_private_endpoint.private_dns_zone_group.private_dns_zone_ids': SET_UNKNOWN,
  },
  random: {},
  vault: { 'vault_kv_secret_v2.custom_metadata': BLOCK_COMPUTED },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>;

/** The versions that the table is of. */
export const DIFFERENCES_OF = { aws: '5.100.0', azurerm: '5.2.0', random: '3.7.2', vault: '5.6.0' } as const;

/** Those of AWS whose documents must be equal all the same. */
export const SAME_DOCUMENT = Object.entries<string>(DIFFERENCES.aws)
  .filter(([, reason]) => reason === JSON_FORM)
  .map(([path]) => path);
