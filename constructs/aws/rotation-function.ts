import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { Grant } from '../core/grant';
import { AwsStack } from './aws-stack';
import { explained, policyDocument } from './policy-statement';
import { RotationBundle } from './rotation-bundle';
import { rotationPermissions } from './rotation-permissions';

/** Node.js 20 can't be created any more. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIME = 'nodejs22.x';

/** Seconds for one step; the code gives up by itself before. */
const TIMEOUT_SECONDS = 60;

/** MiB: with it goes the processor's share, and so the time of a cold start. */
const MEMORY = 256;

/** The database whose user is rotated, as the function reaches it. */
export interface RotatedDatabase {
  readonly host: string;
  readonly port: number;
  /** The database's name inside the server. */
  readonly databaseName: string;
  /**
   * The secret with a superuser's username and password: makes a role that does not exist yet, and gets a lost one back.
   *
   * @default - the function logs in as the user alone
   */
  readonly superuserSecret?: { readonly arn: string; readonly keyArn: string };
}

/** Properties of {@link RotationFunction}. */
export interface RotationFunctionProps {
  /** What the function is called, before the environment's name. */
  readonly name: string;
  /** The secret that it rotates, and the key that encrypts it. */
  readonly secret: { readonly arn: string; readonly name: string; readonly keyArn: string };
  readonly database: RotatedDatabase;
  /**
   * The schema that a role made by the function owns.
   *
   * @default - the role's own name
   */
  readonly schema?: string;
}

/**
 * The Lambda that rotates one secret of one PostgreSQL user, with a role, a security group and a log group of its own.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
 */
export class RotationFunction extends Construct {
  readonly arn: string;
  /** What the function may do, and why. */
  readonly grant: Grant;
  /** What a rotation is ordered after: the permission to call the function, its rights and its way to the database. */
  readonly dependables: readonly ITerraformDependable[];
  /** The security group that the function's network interfaces are in. */
  readonly securityGroupId: string;

  /** @throws {InvalidProps} `SR-ROTATION-BUNDLE` when the function's code was not built. */
  constructor(scope: Construct, id: string, props: RotationFunctionProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const { secret, database } = props;
    const name = stack.physicalName(props.name);
    const functionArn = stack.arn('lambda', `function:${name}`);

    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: `/aws/lambda/${name}`,
      kmsKeyId: stack.dataKey.arn,
      retentionInDays: stack.defaults.logRetentionDays,
    });
    const role = new IamRole(this, 'role', {
      name,
      description: `Rotates ${secret.name}`,
      assumeRolePolicy: trust('lambda.amazonaws.com', stack.accountId),
    });
    const permissions = rotationPermissions({
      region: stack.region,
      functionArn,
      logGroupArn: logs.arn,
      secret,
      ...(database.superuserSecret === undefined ? {} : { superuser: database.superuserSecret }),
    });
    const policy = new IamRolePolicy(this, 'policy', {
      name: 'rotate',
      role: role.name,
      policy: policyDocument(permissions),
    });
    const group = new SecurityGroup(this, 'security-group', {
      name,
      description: `The function that rotates ${secret.name}`,
      vpcId: stack.network.vpcId,
    });
    const bundle = RotationBundle.of(this);
    const lambda = new LambdaFunction(this, 'function', {
      functionName: name,
      description: `Rotates ${secret.name}`,
      filename: bundle.fileName,
      sourceCodeHash: bundle.sourceCodeHash,
      runtime: RUNTIME,
      architectures: ['arm64'],
      handler: 'index.handler',
      timeout: TIMEOUT_SECONDS,
      memorySize: MEMORY,
      role: role.arn,
      kmsKeyArn: stack.dataKey.arn,
      environment: { variables: variables(props) },
      vpcConfig: { subnetIds: [...stack.network.subnetIds], securityGroupIds: [group.id] },
      loggingConfig: { logFormat: 'JSON', logGroup: logs.name },
      // Traces would need a right and an endpoint of their own, and say nothing that the log doesn't.
      tracingConfig: { mode: 'PassThrough' },
      dependsOn: [policy],
    });
  }
}
