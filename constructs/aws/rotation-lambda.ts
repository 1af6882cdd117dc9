import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import type { Grant } from '../core/grant';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import type { SuperuserSecret } from './database';
import { ServiceRole } from './identity';
import { Network } from './network';
import { NetworkClient } from './network-client';
import { RotationBundle } from './rotation-bundle';
import { FUNCTION_SIZE, type FunctionSize } from './rotation-function-size';
import { grantRotation, type RotatorName } from './rotation-permissions';
import type { ISecret } from './secret';

/** Node.js 20 can't be created any more. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIME = 'nodejs22.x';

/** What every rotation function is made of. */
export interface RotationLambdaProps {
  readonly rotator: RotatorName;
  readonly secrets: readonly [ISecret, ...ISecret[]];
  /** The function's name, whole; left out, the first secret's with `-rotation` at its end. */
  readonly functionName: string | undefined;
  readonly description: string;
  readonly superuser: SuperuserSecret | undefined;
  readonly searches: boolean;
  readonly size: FunctionSize;
  readonly variables: Readonly<Record<string, string>>;
  /** Whether it is in the app's network; outside of it, Lambda's own network reaches the internet. */
  readonly inNetwork: boolean;
}

/** A rotation function and what goes with it. */
export interface RotationLambda {
  readonly arn: string;
  readonly grant: Grant;
  /** Its place in the network, if it has one. */
  readonly client: NetworkClient | undefined;
  /** Who may call it, what it may do, and its way to AWS. */
  readonly dependables: readonly ITerraformDependable[];
}

/** Makes a function that rotates, with a role, a log group and, in the network, a security group of its own. */
export function rotationLambda(scope: Construct, props: RotationLambdaProps): RotationLambda {
  const stack = AwsStack.of(scope);
  const { secrets, description } = props;
  const name = stack.takeName(scope, 'function', props.functionName ?? defaultName(secrets[0].name), 'functionName');
  const dataKey = DataKey.of(scope);
  const logs = new CloudwatchLogGroup(scope, 'logs', {
    name: stack.takeName(scope, 'logGroup', `/aws/lambda/${name}`, 'functionName'),
    kmsKeyId: dataKey.arn,
    retentionInDays: stack.defaults.logRetentionDays,
  });
  const role = new ServiceRole(scope, 'role', { name, service: 'lambda.amazonaws.com', description });
  const grant = grantRotation(role, {
    rotator: props.rotator,
    secrets,
    searches: props.searches,
    inNetwork: props.inNetwork,
    superuser: props.superuser,
    functionArn: stack.arn('lambda', `function:${name}`),
    logGroupArn: logs.arn,
    secretsHost: stack.serviceHost('secretsmanager'),
  });
  const client = props.inNetwork ? new NetworkClient(scope, 'network', { name, description }) : undefined;
  const lambda = new LambdaFunction(scope, 'function', {
    functionName: name,
    description,
    ...code(RotationBundle.of(scope)),
    timeout: props.size.timeoutSeconds ?? FUNCTION_SIZE.timeoutSeconds.default,
    memorySize: props.size.memoryMib ?? FUNCTION_SIZE.memoryMib.default,
    role: role.arn,
    kmsKeyArn: dataKey.arn,
    environment: { variables: { ...props.variables } },
    ...(client === undefined
      ? {}
      : { vpcConfig: { subnetIds: [...Network.of(scope).subnetIds], securityGroupIds: [client.securityGroupId] } }),
    // Active tracing would need a right and an endpoint of its own, and say nothing that the log does not.
    tracingConfig: { mode: 'PassThrough' },
    // Lambda makes the network interfaces with this role while it makes the function.
    dependsOn: [...grant.dependables, logs],
  });
  const permissions = secrets.map((secret, n) => mayCall(scope, lambda, secret, n));
  return {
    arn: lambda.arn,
    grant,
    client,
    dependables: [...permissions, ...grant.dependables, ...(client?.ready ?? [])],
  };
}

function mayCall(scope: Construct, { functionName }: LambdaFunction, { arn }: ISecret, n: number): LambdaPermission {
  return new LambdaPermission(scope, n === 0 ? 'permission' : `permission-${n}`, {
    statementId: `SecretsManagerRotates${n === 0 ? '' : n}`,
    action: 'lambda:InvokeFunction',
    functionName,
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: AwsStack.of(scope).accountId,
    sourceArn: arn,
  });
}

/** A secret's name has characters that a function's has not. */
function defaultName(secretName: string): string {
  return `${secretName.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}-rotation`;
}

function code({ fileName, sourceCodeHash }: RotationBundle) {
  return { filename: fileName, sourceCodeHash, handler: 'index.handler', runtime: RUNTIME, architectures: ['arm64'] };
}
