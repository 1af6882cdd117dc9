import type { Gap } from '../support/terraform/plan-changes';

/** What moto 5.2 does not store; of Secrets Manager it stands for nothing. Everything else in a second plan is a fault of the stack. */
export const MOTO_GAPS: readonly Gap[] = [
  gap('aws_db_instance', 'monitoring_interval', 'CreateDBInstance drops MonitoringInterval'),
  gap('aws_db_instance', 'monitoring_role_arn', 'CreateDBInstance drops MonitoringRoleArn'),
  gap('aws_db_instance', 'performance_insights_enabled', 'CreateDBInstance drops EnablePerformanceInsights'),
  gap('aws_db_instance', 'performance_insights_kms_key_id', 'CreateDBInstance drops PerformanceInsightsKMSKeyId'),
  gap('aws_db_parameter_group', 'parameter', 'DescribeDBParameters does not say which parameters a user set'),
  gap('aws_ecs_service', 'availability_zone_rebalancing', 'DescribeServices leaves the setting out'),
  gap('aws_ecs_service', 'enable_ecs_managed_tags', 'CreateService drops enableECSManagedTags'),
  gap('aws_kms_key', 'rotation_period_in_days', 'GetKeyRotationStatus answers without the period'),
  gap('aws_lambda_function', 'kms_key_arn', 'GetFunction answers without KMSKeyArn'),
  gap('aws_lambda_function', 'logging_config', 'CreateFunction drops LoggingConfig'),
  gap('aws_vpc_security_group_egress_rule', 'description', 'DescribeSecurityGroupRules leaves it out'),
  gap(
    'aws_vpc_security_group_ingress_rule',
    'description',
    'DescribeSecurityGroupRules leaves it out where the source is a group',
  ),
];

function gap(type: string, attribute: string, reason: string): Gap {
  return { type, attribute, reason };
}
