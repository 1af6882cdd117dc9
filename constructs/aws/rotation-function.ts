import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import type { Grant } from '../core/grant';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import { openDatabasePath } from './database-path';
import { ServiceRole } from './identity';
import { Network } from './network';
import { NetworkClient } from './network-client';
import type { IPostgresDatabase } from './postgres-database';
import { RotationBundle } from './rotation-bundle';
import { grantRotation } from './rotation-permissions';
import type { ISecret } from './secret';

/** Node.js 20 can't be created any more. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIME = 'nodejs22.x';

/** Seconds for one step; the code gives up by itself before. */
const TIMEOUT_SECONDS = 60;

/** MiB; the processor's share grows with it, and so a cold start gets shorter. */
const MEMORY_MIB = 256;

/** Properties of {@link RotationFunction}. */
export interface RotationFunctionProps {
  /** The secret that the function rotates. */
  readonly secret: ISecret;
  /** The database that the secret's user logs in to. */
  readonly database: IPostgresDatabase;
  /**
   * The function's name, whole.
   *
   * @default - the secret's, with `-rotation` at its end
   */
  readonly functionName?: string;
  /**
   * The schema that a role made by the function owns.
   *
   * @default - the role's own name
   */
  readonly schema?: string;
}

/**
 * The Lambda that rotates the secret of one PostgreSQL user, with a role, a security group and a log group of its own.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
 */
export class RotationFunction extends Construct {
  readonly arn: string;
  /** What the function may do, and why. */
  readonly grant: Grant;
  /** What a rotation is ordered after: who may call the function, what it may do, and its way to the database. */
  readonly dependables: readonly ITerraformDependable[];

  /** @throws {InvalidProps} `SR-ROTATION-BUNDLE` when the code was not built; `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: RotationFunctionProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const { secret, database } = props;
    const name = stack.takeName(this, 'function', props.functionName ?? defaultName(secret.name), 'functionName');
    const description = `Rotates ${secret.name}`;
    const dataKey = DataKey.of(this);

    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: stack.takeName(this, 'logGroup', `/aws/lambda/${name}`, 'functionName'),
      kmsKeyId: dataKey.arn,
      retentionInDays: stack.defaults.logRetentionDays,
    });
    const role = new ServiceRole(this, 'role', { name, service: 'lambda.amazonaws.com', description });
    this.grant = grantRotation(role, {
      secret,
      superuser: database.superuser,
      functionArn: stack.arn('lambda', `function:${name}`),
      logGroupArn: logs.arn,
      secretsHost: stack.serviceHost('secretsmanager'),
    });
    const client = new NetworkClient(this, 'network', { name, description });
    const lambda = new LambdaFunction(this, 'function', {
      functionName: name,
      description,
      ...code(RotationBundle.of(this)),
      timeout: TIMEOUT_SECONDS,
      memorySize: MEMORY_MIB,
      role: role.arn,
      kmsKeyArn: dataKey.arn,
      environment: { variables: variables(props) },
      vpcConfig: { subnetIds: [...Network.of(this).subnetIds], securityGroupIds: [client.securityGroupId] },
      // Active tracing would need a right and an endpoint of its own, and say nothing that the log does not.
      tracingConfig: { mode: 'PassThrough' },
      // Lambda makes the network interfaces with this role while it makes the function.
      dependsOn: [...this.grant.dependables, logs],
    });
    this.arn = lambda.arn;
    const permission = new LambdaPermission(this, 'permission', {
      statementId: 'SecretsManagerRotates',
      action: 'lambda:InvokeFunction',
      functionName: lambda.functionName,
      principal: 'secretsmanager.amazonaws.com',
      sourceAccount: stack.accountId,
      sourceArn: secret.arn,
    });
    this.dependables = [
      permission,
      ...this.grant.dependables,
      ...client.ready,
      ...openDatabasePath(client, 'database', database),
      ...database.ready,
    ];
  }
}

/** A secret's name has characters that a function's has not. */
function defaultName(secretName: string): string {
  return `${secretName.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}-rotation`;
}

function code({ fileName, sourceCodeHash }: RotationBundle) {
  return { filename: fileName, sourceCodeHash, handler: 'index.handler', runtime: RUNTIME, architectures: ['arm64'] };
}

/** The settings that the function's code reads; none of them is a value. */
function variables({ secret, database, schema }: RotationFunctionProps): Record<string, string> {
  return {
    STRONGROOM_ROTATOR: 'postgres-single-user',
    STRONGROOM_SECRETS: JSON.stringify([secret.arn]),
    STRONGROOM_HOST: database.host,
    STRONGROOM_PORT: String(database.port),
    STRONGROOM_DATABASE: database.name,
    ...(database.superuser === undefined ? {} : { STRONGROOM_SUPERUSER_SECRET: database.superuser.arn }),
    ...(schema === undefined ? {} : { STRONGROOM_SCHEMA: schema }),
  };
}
