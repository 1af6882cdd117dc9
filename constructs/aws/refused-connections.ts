import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { FlowLog } from '@cdktf/provider-aws/lib/flow-log';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import { ServiceRole } from './identity';

/** Properties of {@link RefusedConnections}. */
export interface RefusedConnectionsProps {
  readonly vpcId: string;
}

/**
 * The log of the connections that a network's security groups refused.
 *
 * Only those: in a network without a way out they are what an investigation reads, and they cost next to nothing.
 *
 * @see https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-cwl.html
 */
export class RefusedConnections extends Construct {
  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, { vpcId }: RefusedConnectionsProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const name = stack.resourceName('refused-connections');
    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: stack.takeName(this, 'logGroup', `/aws/vpc/${name}`, 'network'),
      kmsKeyId: DataKey.of(this).arn,
      retentionInDays: stack.defaults.logRetentionDays,
    });
    const role = new ServiceRole(this, 'role', {
      name,
      service: 'vpc-flow-logs.amazonaws.com',
      description: 'Writes the refused connections of a network to its log group',
      sourceArns: [stack.arn('ec2', 'vpc-flow-log/*')],
    });
    const mayWrite = role.allow({
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      Resource: [logs.arn, `${logs.arn}:*`],
    });
    // The listing of groups knows no single group.
    role.allow({ Effect: 'Allow', Action: 'logs:DescribeLogGroups', Resource: '*' });
    new FlowLog(this, 'flow-log', {
      vpcId,
      trafficType: 'REJECT',
      logDestinationType: 'cloud-watch-logs',
      logDestination: logs.arn,
      iamRoleArn: role.arn,
      dependsOn: [mayWrite],
    });
  }
}
