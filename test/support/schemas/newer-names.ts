/** An argument that hashicorp/aws got after 5.100, the version whose schema is at hand. */
export interface NewerName {
  /** A type, or `*` for every resource and data source but those of services that know no region. */
  readonly type: string;
  /** Names from the block down to the argument, without indices. */
  readonly path: string;
}

/** Services that are the same in every region. */
const GLOBAL = /^aws_(iam|organizations|rolesanywhere)_/;

const newer = (type: string, ...paths: readonly string[]): readonly NewerName[] =>
  paths.map((path) => ({ type, path }));

/**
 * Names of hashicorp/aws 6.25 that 5.100 does not have, for the types that a secrets stack needs. A name in this table
 * is not checked.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/version-6-upgrade
 */
export const NEWER_NAMES: readonly NewerName[] = [
  ...newer('*', 'region'),
  ...newer(
    'aws_lambda_function',
    'publish_to',
    'source_kms_key_arn',
    'durable_config',
    'tenancy_config',
    'capacity_provider_config',
  ),
  ...newer('aws_cloudwatch_log_group', 'deletion_protection_enabled'),
  ...newer('aws_s3_bucket_public_access_block', 'skip_destroy'),
  ...newer('aws_s3_bucket_server_side_encryption_configuration', 'rule.blocked_encryption_types'),
  ...newer(
    'aws_ecs_service',
    'deployment_configuration',
    'sigint_rollback',
    'load_balancer.advanced_configuration',
    'service_connect_configuration.service.client_alias.test_traffic_rules',
  ),
  ...newer('aws_cloudwatch_event_archive', 'kms_key_identifier'),
  ...newer('aws_cloudwatch_event_bus', 'log_config'),
  ...newer('aws_db_proxy', 'default_auth_scheme'),
  ...newer('aws_eks_pod_identity_association', 'disable_session_tags', 'target_role_arn'),
  ...newer('aws_scheduler_schedule', 'action_after_completion'),
];

/** Whether an argument is in the table. */
export function isNewer(type: string, path: string): boolean {
  const plain = path.replace(/\[[^\]]*\]/g, '');
  return NEWER_NAMES.some(
    (name) => name.path === plain && (name.type === type || (name.type === '*' && hasRegion(type))),
  );
}

function hasRegion(type: string): boolean {
  return type.startsWith('aws_') && !GLOBAL.test(type);
}
