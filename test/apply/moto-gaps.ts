import type { Gap } from '../support/terraform/plan-changes';

/** What moto 5.2 does not store. Everything else in a second plan is a fault of the stack. */
export const MOTO_GAPS: readonly Gap[] = [
  {
    type: 'aws_kms_key',
    attribute: 'rotation_period_in_days',
    reason: 'GetKeyRotationStatus answers with the state of rotation alone, never its period',
  },
  {
    type: 'aws_lambda_function',
    attribute: 'logging_config',
    reason: 'CreateFunction drops LoggingConfig, and GetFunction answers with a default log group',
  },
  {
    type: 'aws_db_parameter_group',
    attribute: 'parameter',
    reason: 'DescribeDBParameters does not answer with the parameters that ModifyDBParameterGroup set',
  },
  {
    type: 'aws_ecs_service',
    attribute: 'availability_zone_rebalancing',
    reason: 'DescribeServices leaves the setting out',
  },
];
