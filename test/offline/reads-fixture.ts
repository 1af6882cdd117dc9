import type { Section } from './fixture';

const block = (mode: string, type: string, body: Section = {}): Section => ({ [mode]: { [type]: { x: body } } });
const data = (type: string, body?: Section): Section => block('data', type, body);

/** A whole data source or ephemeral resource of every type that a plugin is said to answer alone. */
export const ALONE: Readonly<Record<string, readonly Section[]>> = {
  aws: [
    data('aws_arn', { arn: 'arn:aws:s3:::bucket' }),
    data('aws_billing_service_account'),
    data('aws_cloudfront_log_delivery_canonical_user_id'),
    data('aws_cloudtrail_service_account'),
    data('aws_cloudwatch_log_data_protection_policy_document', {
      name: 'addresses',
      statement: [
        { data_identifiers: ['EmailAddress'], operation: [{ audit: [{ findings_destination: [{}] }] }] },
        { data_identifiers: ['EmailAddress'], operation: [{ deidentify: [{ mask_config: [{}] }] }] },
      ],
    }),
    data('aws_default_tags'),
    data('aws_ecr_lifecycle_policy_document', {
      rule: [{ priority: 1, selection: [{ tag_status: 'any', count_type: 'imageCountMoreThan', count_number: 1 }] }],
    }),
    data('aws_elastic_beanstalk_hosted_zone'),
    data('aws_elb_hosted_zone_id'),
    data('aws_elb_service_account'),
    data('aws_iam_policy_document', { statement: [{ actions: ['s3:GetObject'], resources: ['*'] }] }),
    data('aws_lb_hosted_zone_id'),
    data('aws_partition'),
    data('aws_redshift_service_account'),
    data('aws_region'),
    data('aws_sagemaker_prebuilt_ecr_image', { repository_name: 'kmeans' }),
    data('aws_service', { service_id: 's3' }),
    data('aws_service_principal', { service_name: 's3' }),
  ],
  azurerm: [data('azurerm_client_config')],
  vault: [data('vault_policy_document', { rule: [{ path: 'a', capabilities: ['read'] }] })],
  random: [block('ephemeral', 'random_password', { length: 20 })],
};

/** What has to be read from a service, and a resource that takes something of it. */
export const READ: Readonly<Record<string, readonly Section[]>> = {
  aws: [
    data('aws_caller_identity'),
    data('aws_ssm_parameter', { name: 'owner' }),
    block('resource', 'aws_kms_key', { description: '${data.aws_ssm_parameter.x.insecure_value}' }),
  ],
  azurerm: [
    data('azurerm_key_vault', { name: 'shared', resource_group_name: 'shared' }),
    block('resource', 'azurerm_resource_group', { name: 'own', location: '${data.azurerm_key_vault.x.location}' }),
  ],
  vault: [
    data('vault_kv_secret_v2', { mount: 'secrets', name: 'a' }),
    block('resource', 'vault_mount', { path: '${data.vault_kv_secret_v2.x.path}', type: 'kv' }),
  ],
  random: [],
};

const CONFIGURED: Readonly<Record<string, Section>> = {
  aws: { region: 'eu-central-1' },
  azurerm: { features: [{}] },
  vault: { address: 'https://vault.example.com' },
  random: {},
};

/** A stack of one provider with such blocks. */
export function stackOf(provider: string, ...blocks: readonly Section[]): Section {
  const stack: Record<string, Record<string, Section>> = {};
  for (const one of blocks) {
    for (const [mode, types] of Object.entries(one as Record<string, Section>)) {
      stack[mode] = { ...stack[mode], ...(types as Record<string, Section>) };
    }
  }
  return {
    terraform: { required_providers: { [provider]: { source: `hashicorp/${provider}` } } },
    provider: { [provider]: [CONFIGURED[provider]] },
    ...stack,
  };
}

/** `data.<type>` or `ephemeral.<type>` of blocks. */
export function typesOf(blocks: readonly Section[]): readonly string[] {
  return blocks.flatMap((one) =>
    Object.entries(one as Record<string, Section>).flatMap(([mode, types]) =>
      Object.keys(types).map((type) => `${mode}.${type}`),
    ),
  );
}
