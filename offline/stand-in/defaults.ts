import { sortedKeys } from '../sorted-keys';
import type { Value } from './value';

/** What a provider's own code, and no schema, says of an argument that nothing is configured for. */
interface Row {
  readonly type: string;
  /** Names on the way to the argument, without places in lists. */
  readonly path: string;
  /**
   * `planned`: already the plan says it. `kept`: only the state holds it, the plan says that it is known after apply.
   * `follows`: already the plan says what another argument beside it has. `sorted-json`: what is configured is JSON,
   * and is written again with its keys sorted.
   */
  readonly kind: 'planned' | 'kept' | 'follows' | 'sorted-json';
  /** Of `follows`, a `Follows`. */
  readonly value: Value;
  readonly source: string;
}

/** The argument that another one follows, and what both have when neither is configured. */
export interface Follows {
  readonly argument: string;
  readonly otherwise: Value;
}

/** The rows of one type, by path. */
export type TypeDefaults = ReadonlyMap<string, Pick<Row, 'kind' | 'value'>>;

/** Reads rows of `type: { path: value }`. */
function rows(
  source: string,
  kind: Row['kind'],
  types: Readonly<Record<string, Readonly<Record<string, Value>>>>,
): readonly Row[] {
  return Object.entries(types).flatMap(([type, paths]) =>
    Object.entries(paths).map(([path, value]): Row => ({ type, path, kind, value, source })),
  );
}

/** Members of what random makes a text of. */
const CHARACTERS = {
  lower: true,
  min_lower: 0,
  min_numeric: 0,
  min_special: 0,
  min_upper: 0,
  special: true,
  upper: true,
};
const NUMERIC = {
  number: { argument: 'numeric', otherwise: true },
  numeric: { argument: 'number', otherwise: true },
} satisfies Readonly<Record<string, Follows>>;

/** Every row, for the types that Strongroom's stacks are made of, and for those of random. */
export const DEFAULTS: readonly Row[] = [
  ...rows("provider's plan, aws 5.100.0", 'planned', {
    aws_cloudwatch_event_rule: { event_bus_name: 'default', force_destroy: false },
    aws_cloudwatch_event_target: { event_bus_name: 'default', force_destroy: false },
    aws_cloudwatch_log_group: { retention_in_days: 0, skip_destroy: false },
    aws_db_instance: {
      apply_immediately: false,
      auto_minor_version_upgrade: true,
      copy_tags_to_snapshot: false,
      dedicated_log_volume: false,
      delete_automated_backups: true,
      monitoring_interval: 0,
      performance_insights_enabled: false,
      publicly_accessible: false,
      skip_final_snapshot: false,
    },
    aws_db_parameter_group: {
      description: 'Managed by Terraform',
      'parameter.apply_method': 'immediate',
      skip_destroy: false,
    },
    aws_db_subnet_group: { description: 'Managed by Terraform' },
    aws_default_security_group: { revoke_rules_on_delete: false },
    aws_ecs_service: {
      availability_zone_rebalancing: 'DISABLED',
      deployment_maximum_percent: 200,
      deployment_minimum_healthy_percent: 100,
      enable_ecs_managed_tags: false,
      enable_execute_command: false,
      scheduling_strategy: 'REPLICA',
      wait_for_steady_state: false,
    },
    aws_ecs_task_definition: { skip_destroy: false, track_latest: false },
    aws_flow_log: { log_destination_type: 'cloud-watch-logs', max_aggregation_interval: 600 },
    aws_iam_role: { force_detach_policies: false, max_session_duration: 3600, path: '/' },
    aws_kms_key: {
      bypass_policy_lockout_safety_check: false,
      customer_master_key_spec: 'SYMMETRIC_DEFAULT',
      is_enabled: true,
      key_usage: 'ENCRYPT_DECRYPT',
    },
    aws_lambda_function: {
      memory_size: 128,
      package_type: 'Zip',
      publish: false,
      reserved_concurrent_executions: -1,
      skip_destroy: false,
      timeout: 3,
      'vpc_config.ipv6_allowed_for_dual_stack': false,
    },
    aws_secretsmanager_secret: { force_overwrite_replica_secret: false, recovery_window_in_days: 30 },
    aws_secretsmanager_secret_rotation: { rotate_immediately: true },
    aws_security_group: { description: 'Managed by Terraform', revoke_rules_on_delete: false },
    aws_sns_topic: { content_based_deduplication: false, fifo_topic: false },
    aws_ssm_document: { document_format: 'JSON' },
    aws_subnet: {
      assign_ipv6_address_on_creation: false,
      enable_dns64: false,
      enable_resource_name_dns_a_record_on_launch: false,
      enable_resource_name_dns_aaaa_record_on_launch: false,
      ipv6_native: false,
      map_public_ip_on_launch: false,
    },
    aws_vpc: { enable_dns_support: true, instance_tenancy: 'default' },
    aws_vpc_endpoint: { vpc_endpoint_type: 'Gateway' },
  }),
  // Every default of these types, as the schema holds it that is compiled into the plugin.
  ...rows('compiled schema, azurerm 5.2.0', 'planned', {
    azurerm_key_vault: { public_network_access_enabled: true, soft_delete_retention_days: 90 },
    azurerm_linux_web_app: {
      'auth_settings.token_refresh_extension_hours': 72,
      'auth_settings.token_store_enabled': false,
      'auth_settings_v2.forward_proxy_convention': 'NoProxy',
      'auth_settings_v2.http_route_api_prefix': '/.auth',
      'auth_settings_v2.login.cookie_expiration_convention': 'FixedTime',
      'auth_settings_v2.login.cookie_expiration_time': '08:00:00',
      'auth_settings_v2.login.nonce_expiration_time': '00:05:00',
      'auth_settings_v2.login.preserve_url_fragments_for_logins': false,
      'auth_settings_v2.login.token_refresh_extension_time': 72,
      'auth_settings_v2.login.token_store_enabled': false,
      'auth_settings_v2.login.validate_nonce': true,
      'auth_settings_v2.require_https': true,
      'auth_settings_v2.runtime_version': '~1',
      'auth_settings_v2.unauthenticated_action': 'RedirectToLoginPage',
      'backup.enabled': true,
      'backup.schedule.keep_at_least_one_backup': false,
      'backup.schedule.retention_period_days': 30,
      client_affinity_enabled: false,
      client_certificate_enabled: false,
      client_certificate_mode: 'Required',
      enabled: true,
      ftp_publish_basic_authentication_enabled: true,
      https_only: false,
      'logs.detailed_error_messages': false,
      'logs.failed_request_tracing': false,
      'logs.http_logs.azure_blob_storage.retention_in_days': 0,
      public_network_access_enabled: true,
      'site_config.always_on': true,
      'site_config.container_registry_use_managed_identity': false,
      'site_config.cors.support_credentials': false,
      'site_config.ftps_state': 'Disabled',
      'site_config.http2_enabled': false,
      'site_config.ip_restriction.action': 'Allow',
      'site_config.ip_restriction.priority': 65000,
      'site_config.ip_restriction_default_action': 'Allow',
      'site_config.load_balancing_mode': 'LeastRequests',
      'site_config.local_mysql_enabled': false,
      'site_config.managed_pipeline_mode': 'Integrated',
      'site_config.minimum_tls_version': '1.2',
      'site_config.remote_debugging_enabled': false,
      'site_config.scm_ip_restriction.action': 'Allow',
      'site_config.scm_ip_restriction.priority': 65000,
      'site_config.scm_ip_restriction_default_action': 'Allow',
      'site_config.scm_minimum_tls_version': '1.2',
      'site_config.scm_use_main_ip_restriction': false,
      'site_config.use_32_bit_worker': true,
      'site_config.vnet_route_all_enabled': false,
      'site_config.websockets_enabled': false,
      virtual_network_backup_restore_enabled: false,
      vnet_image_pull_enabled: false,
      webdeploy_publish_basic_authentication_enabled: true,
    },
    azurerm_log_analytics_workspace: {
      allow_resource_only_permissions: true,
      daily_quota_gb: -1,
      internet_ingestion_access_type: 'Enabled',
      internet_query_access_type: 'Enabled',
      local_authentication_enabled: true,
    },
    azurerm_private_dns_zone: {
      'soa_record.expire_time': 2419200,
      'soa_record.minimum_ttl': 10,
      'soa_record.refresh_time': 3600,
      'soa_record.retry_time': 300,
      'soa_record.ttl': 3600,
    },
    azurerm_private_dns_zone_virtual_network_link: { registration_enabled: false },
    azurerm_service_plan: { per_site_scaling_enabled: false, premium_plan_auto_scale_enabled: false },
    azurerm_subnet: {
      default_outbound_access_enabled: true,
      private_endpoint_network_policies: 'Disabled',
      private_link_service_network_policies_enabled: true,
    },
    azurerm_virtual_network: { private_endpoint_vnet_policies: 'Disabled' },
  }),
  ...rows("provider's plan, azurerm 5.2.0", 'planned', {
    // A text that is left out in a member of a set is an empty one.
    azurerm_linux_web_app: {
      'site_config.auto_heal_setting.trigger.status_code.path': '',
      'storage_account.mount_path': '',
    },
    azurerm_monitor_diagnostic_setting: { 'enabled_log.category': '', 'enabled_log.category_group': '' },
  }),
  ...rows('source, random 3.7.2', 'planned', {
    random_password: CHARACTERS,
    random_pet: { length: 2, separator: '-' },
    random_string: CHARACTERS,
  }),
  ...rows('source, random 3.7.2', 'follows', { random_password: NUMERIC, random_string: NUMERIC }),
  ...rows("provider's plan, vault 5.6.0", 'planned', {
    vault_auth_backend: { disable_remount: false },
    vault_database_secret_backend_connection: { verify_connection: true },
    vault_generic_endpoint: { disable_delete: false, disable_read: false, ignore_absent_fields: false },
    vault_kubernetes_auth_backend_config: { backend: 'kubernetes' },
    vault_kubernetes_auth_backend_role: { backend: 'kubernetes', token_type: 'default' },
    vault_kv_secret_v2: { delete_all_versions: false, disable_read: false },
    vault_mount: { external_entropy_access: false },
  }),
  ...rows("provider's plan, vault 5.6.0", 'sorted-json', { vault_generic_endpoint: { data_json: undefined } }),
  ...rows("provider's plan, aws 5.100.0", 'sorted-json', { aws_cloudwatch_event_rule: { event_pattern: undefined } }),
  ...rows("provider's plan, aws 5.100.0", 'kept', {
    aws_sns_topic: { fifo_throughput_scope: '' },
  }),
];

const byType = new Map<string, Map<string, Pick<Row, 'kind' | 'value'>>>();
for (const { type, path, kind, value } of DEFAULTS) {
  byType.set(type, (byType.get(type) ?? new Map()).set(path, { kind, value }));
}

/** What one type's provider decides where nothing is configured. */
export function defaultsOf(type: string): TypeDefaults {
  return byType.get(type) ?? new Map();
}

/** JSON as Go writes it: sorted keys, and `<`, `>`, `&` escaped. What is no JSON stays. */
export function sortedJson(text: string): string {
  try {
    const escaped: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026' };
    return JSON.stringify(JSON.parse(text), sortedKeys).replace(/[<>&]/g, (one) => escaped[one] ?? one);
  } catch {
    return text;
  }
}
