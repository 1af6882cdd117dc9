import type { Table } from './row';

/** Types of aws that Strongroom emits. */
export const AWS: Table = {
  aws_cloudwatch_event_rule: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'name name_prefix tags_all',
    deprecated: 'is_enabled',
    replaced: 'event_bus_name name name_prefix',
    foreign: 'region',
  },
  aws_cloudwatch_event_target: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'target_id',
    blocks:
      'appsync_target:0..1 batch_target:0..1 dead_letter_config:0..1 ecs_target.network_configuration:0..1 ecs_target.ordered_placement_strategy:0..5 ecs_target.placement_constraint:0..10 ecs_target:0..1 http_target:0..1 input_transformer:0..1 kinesis_target:0..1 redshift_target:0..1 retry_policy:0..1 run_command_targets:0..5 sagemaker_pipeline_target.pipeline_parameter_list:0..200 sagemaker_pipeline_target:0..1 sqs_target:0..1',
    replaced: 'event_bus_name rule target_id',
    foreign: 'region',
  },
  aws_cloudwatch_log_group: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'log_group_class name name_prefix tags_all',
    replaced: 'log_group_class name name_prefix',
    foreign: 'deletion_protection_enabled region',
  },
  aws_db_instance: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided:
      'allocated_storage availability_zone backup_retention_period backup_target backup_window ca_cert_identifier character_set_name database_insights_mode db_name db_subnet_group_name domain_fqdn engine engine_lifecycle_support engine_version identifier identifier_prefix iops kms_key_id license_model maintenance_window master_user_secret_kms_key_id monitoring_role_arn multi_az nchar_character_set_name network_type option_group_name parameter_group_name performance_insights_kms_key_id performance_insights_retention_period port replica_mode snapshot_identifier storage_throughput storage_type tags_all timezone username vpc_security_group_ids',
    sensitive: 'password password_wo',
    blocks: 'blue_green_update:0..1 restore_to_point_in_time:0..1 s3_import:0..1',
    replaced:
      'availability_zone backup_target character_set_name custom_iam_instance_profile db_name engine kms_key_id nchar_character_set_name restore_to_point_in_time s3_import s3_import.bucket_name s3_import.bucket_prefix s3_import.ingestion_role s3_import.source_engine s3_import.source_engine_version snapshot_identifier storage_encrypted timezone username',
    foreign: 'region',
  },
  aws_db_parameter_group: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'name name_prefix tags_all',
    replaced: 'description family name name_prefix',
    foreign: 'region',
  },
  aws_db_subnet_group: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'name name_prefix tags_all',
    replaced: 'name name_prefix',
    foreign: 'region',
  },
  aws_default_security_group: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'egress ingress tags_all vpc_id',
    objects: 'egress ingress',
    replaced: 'vpc_id',
    foreign: 'region',
  },
  aws_ecs_cluster: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'tags_all',
    blocks:
      'configuration.execute_command_configuration.log_configuration:0..1 configuration.execute_command_configuration:0..1 configuration.managed_storage_configuration:0..1 configuration:0..1 service_connect_defaults:0..1',
    replaced: 'name',
    foreign: 'region',
  },
  aws_ecs_service: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided:
      'cluster iam_role launch_type platform_version service_connect_configuration.log_configuration.options service_connect_configuration.namespace service_connect_configuration.service.client_alias.dns_name service_connect_configuration.service.discovery_name tags_all triggers',
    blocks:
      'alarms:0..1 deployment_circuit_breaker:0..1 deployment_controller:0..1 network_configuration:0..1 ordered_placement_strategy:0..5 placement_constraints:0..10 service_connect_configuration.log_configuration:0..1 service_connect_configuration.service.client_alias:0..1 service_connect_configuration.service.timeout:0..1 service_connect_configuration.service.tls.issuer_cert_authority:1..1 service_connect_configuration.service.tls:0..1 service_connect_configuration:0..1 service_registries:0..1 volume_configuration.managed_ebs_volume:1..1 volume_configuration:0..1',
    replaced:
      'capacity_provider_strategy capacity_provider_strategy.base capacity_provider_strategy.capacity_provider capacity_provider_strategy.weight cluster deployment_controller deployment_controller.type iam_role launch_type name scheduling_strategy',
    foreign:
      'arn deployment_configuration load_balancer.advanced_configuration region service_connect_configuration.service.client_alias.test_traffic_rules sigint_rollback',
  },
  aws_ecs_task_definition: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided:
      'enable_fault_injection network_mode tags_all volume.configure_at_launch volume.docker_volume_configuration.driver volume.docker_volume_configuration.scope',
    blocks:
      'ephemeral_storage:0..1 placement_constraints:0..10 proxy_configuration:0..1 runtime_platform:0..1 volume.docker_volume_configuration:0..1 volume.efs_volume_configuration.authorization_config:0..1 volume.efs_volume_configuration:0..1 volume.fsx_windows_file_server_volume_configuration.authorization_config:1..1 volume.fsx_windows_file_server_volume_configuration:0..1',
    replaced:
      'container_definitions cpu enable_fault_injection ephemeral_storage ephemeral_storage.size_in_gib execution_role_arn family inference_accelerator inference_accelerator.device_name inference_accelerator.device_type ipc_mode memory network_mode pid_mode placement_constraints placement_constraints.expression placement_constraints.type proxy_configuration proxy_configuration.container_name proxy_configuration.properties proxy_configuration.type requires_compatibilities runtime_platform runtime_platform.cpu_architecture runtime_platform.operating_system_family task_role_arn volume volume.configure_at_launch volume.docker_volume_configuration volume.docker_volume_configuration.autoprovision volume.docker_volume_configuration.driver volume.docker_volume_configuration.driver_opts volume.docker_volume_configuration.labels volume.docker_volume_configuration.scope volume.efs_volume_configuration volume.efs_volume_configuration.authorization_config.access_point_id volume.efs_volume_configuration.authorization_config.iam volume.efs_volume_configuration.file_system_id volume.efs_volume_configuration.root_directory volume.efs_volume_configuration.transit_encryption volume.efs_volume_configuration.transit_encryption_port volume.fsx_windows_file_server_volume_configuration volume.fsx_windows_file_server_volume_configuration.authorization_config.credentials_parameter volume.fsx_windows_file_server_volume_configuration.authorization_config.domain volume.fsx_windows_file_server_volume_configuration.file_system_id volume.fsx_windows_file_server_volume_configuration.root_directory volume.host_path volume.name',
    foreign: 'region',
  },
  aws_flow_log: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'log_destination log_format log_group_name tags_all',
    deprecated: 'log_group_name',
    blocks: 'destination_options:0..1',
    replaced:
      'deliver_cross_account_role destination_options destination_options.file_format destination_options.hive_compatible_partitions destination_options.per_hour_partition eni_id iam_role_arn log_destination log_destination_type log_format log_group_name max_aggregation_interval subnet_id traffic_type transit_gateway_attachment_id transit_gateway_id vpc_id',
    foreign: 'region regional_nat_gateway_id',
  },
  aws_iam_role: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'managed_policy_arns name name_prefix tags_all',
    deprecated: 'inline_policy managed_policy_arns',
    replaced: 'name name_prefix path',
  },
  aws_iam_role_policy: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'name name_prefix',
    replaced: 'name name_prefix role',
  },
  aws_kms_alias: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'name name_prefix',
    replaced: 'name name_prefix',
    foreign: 'region',
  },
  aws_kms_key: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'description multi_region policy rotation_period_in_days tags_all',
    replaced: 'custom_key_store_id customer_master_key_spec key_usage multi_region xks_key_id',
    foreign: 'region',
  },
  aws_lambda_function: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'architectures ephemeral_storage.size logging_config.log_group source_code_hash tags_all',
    blocks:
      'dead_letter_config:0..1 environment:0..1 ephemeral_storage:0..1 file_system_config:0..1 image_config:0..1 logging_config:0..1 snap_start:0..1 tracing_config:0..1 vpc_config:0..1',
    replaced: 'function_name package_type',
    foreign: 'capacity_provider_config durable_config publish_to region source_kms_key_arn tenancy_config',
  },
  aws_lambda_permission: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'statement_id statement_id_prefix',
    replaced:
      'action event_source_token function_name function_url_auth_type principal principal_org_id qualifier source_account source_arn statement_id statement_id_prefix',
    foreign: 'region',
  },
  aws_route_table: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'propagating_vgws route tags_all',
    objects: 'route',
    replaced: 'vpc_id',
    foreign: 'region',
  },
  aws_route_table_association: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    replaced: 'gateway_id subnet_id',
    foreign: 'region',
  },
  aws_secretsmanager_secret: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'name name_prefix policy replica.kms_key_id tags_all',
    replaced: 'name name_prefix',
    foreign: 'region',
  },
  aws_secretsmanager_secret_policy: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    replaced: 'secret_arn',
    foreign: 'region',
  },
  aws_secretsmanager_secret_rotation: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    blocks: 'rotation_rules:1..1',
    replaced: 'secret_id',
    foreign: 'region',
  },
  aws_secretsmanager_secret_version: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'version_stages',
    sensitive: 'secret_binary secret_string secret_string_wo',
    replaced: 'secret_binary secret_id secret_string secret_string_wo_version',
    foreign: 'region',
  },
  aws_security_group: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'egress ingress name name_prefix tags_all vpc_id',
    objects: 'egress ingress',
    replaced: 'description name name_prefix vpc_id',
    foreign: 'region',
  },
  aws_sns_topic: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'fifo_throughput_scope name name_prefix policy signature_version tags_all tracing_config',
    replaced: 'fifo_topic name name_prefix',
    foreign: 'region',
  },
  aws_sns_topic_policy: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    replaced: 'arn',
    foreign: 'region',
  },
  aws_sns_topic_subscription: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'filter_policy_scope',
    replaced: 'endpoint protocol topic_arn',
    foreign: 'region',
  },
  aws_ssm_document: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'tags_all',
    blocks: 'attachments_source:0..20',
    replaced: 'name',
    foreign: 'region',
  },
  aws_subnet: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided: 'availability_zone availability_zone_id private_dns_hostname_type_on_launch tags_all',
    replaced: 'availability_zone availability_zone_id cidr_block ipv6_native outpost_arn vpc_id',
    foreign: 'region',
  },
  aws_vpc: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided:
      'cidr_block enable_dns_hostnames enable_network_address_usage_metrics ipv6_cidr_block ipv6_cidr_block_network_border_group tags_all',
    replaced: 'cidr_block instance_tenancy ipv4_ipam_pool_id ipv4_netmask_length',
    foreign: 'region',
  },
  aws_vpc_endpoint: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    decided:
      'dns_options.dns_record_ip_type ip_address_type policy private_dns_enabled route_table_ids security_group_ids service_region subnet_ids tags_all',
    blocks: 'dns_options:0..1',
    replaced: 'resource_configuration_arn service_name service_network_arn service_region vpc_endpoint_type vpc_id',
    foreign: 'region',
  },
  aws_vpc_security_group_egress_rule: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    replaced: 'security_group_id',
    foreign: 'region',
  },
  aws_vpc_security_group_ingress_rule: {
    from: 'aws 5.100.0',
    replaceFrom: 'experiment',
    replaced: 'security_group_id',
    foreign: 'region',
  },
};
