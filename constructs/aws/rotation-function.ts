import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import type { IDatabase } from './database';
import { openDatabasePath } from './database-path';
import type { DatabaseSecret } from './database-secret';
import { ServiceRole } from './identity';
import { secondUser } from './missing-user';
import { Network } from './network';
import { NetworkClient } from './network-client';
import { RotationBundle } from './rotation-bundle';
import { FUNCTION_SIZE, type FunctionSize, sizeProblems } from './rotation-function-size';
import { grantRotation } from './rotation-permissions';
import { type RotationSettings, settingsProblems, settingsVariables } from './rotation-settings';
import { type RotatorFacts, rotatorOf, strategyProblems } from './rotation-strategy';
import { declaredUsers, shareable } from './shared-function';

/** Node.js 20 can't be created any more. @see https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const RUNTIME = 'nodejs22.x';

/** Properties of {@link RotationFunction}. */
export interface RotationFunctionProps extends RotationSettings, FunctionSize {
  /** The secrets that the function rotates, and no other: the list that its code checks. All are of one database. */
  readonly secrets: readonly [DatabaseSecret, ...DatabaseSecret[]];
  /**
   * The function's name, whole.
   *
   * @default - the first secret's, with `-rotation` at its end
   */
  readonly functionName?: string;
}

/**
 * The Lambda that rotates the passwords of one database's users, with a role, a security group and a log group of its own.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
 */
export class RotationFunction extends Construct {
  readonly arn: string;
  /** The secrets that it may rotate. */
  readonly secrets: readonly DatabaseSecret[];
  /** How it rotates them. */
  readonly facts: RotatorFacts;
  /** What the function may do, and why. */
  readonly grant: Grant;
  /** What a rotation is ordered after: who may call the function, what it may do, and its way to the database. */
  readonly dependables: readonly ITerraformDependable[];

  /**
   * @throws {InvalidProps} `SR-ROTATION-STRATEGY`, `SR-ROTATION-SUPERUSER`, `SR-ROTATION-SHARED`, `SR-ROTATION-SIZE`,
   * `SR-ROTATION-PROBES`, `SR-ROTATION-GRACE`, `SR-ROTATION-PASSWORD`, `SR-ROTATION-CUTOVER`, `SR-ROTATION-LEDGER`,
   * `SR-ROTATION-SEARCH`, `SR-ROTATION-CLONE`, `SR-ROTATION-ROLES`; `SR-ROTATION-BUNDLE` when the code was not built;
   * `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(scope: Construct, id: string, props: RotationFunctionProps) {
    super(scope, id);
    const { secrets } = props;
    const [{ database }] = secrets;
    const facts = rotatorOf(database, props.strategy);
    refuse(this, [...functionProblems(props, secrets), shareable(secrets)]);
    // Refused above; the compiler does not know.
    if (facts === undefined) throw new Error('no rotator');
    const stack = AwsStack.of(this);
    this.secrets = secrets;
    this.facts = facts;
    const name = stack.takeName(this, 'function', props.functionName ?? defaultName(secrets[0].name), 'functionName');
    const description = `Rotates ${secrets.length === 1 ? secrets[0].name : `${secrets.length} secrets of ${database.name}`}`;
    const dataKey = DataKey.of(this);

    const logs = new CloudwatchLogGroup(this, 'logs', {
      name: stack.takeName(this, 'logGroup', `/aws/lambda/${name}`, 'functionName'),
      kmsKeyId: dataKey.arn,
      retentionInDays: stack.defaults.logRetentionDays,
    });
    const role = new ServiceRole(this, 'role', { name, service: 'lambda.amazonaws.com', description });
    this.grant = grantRotation(role, {
      rotator: facts.rotator,
      secrets,
      searches: (props.searchVersions ?? 0) > 0,
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
      timeout: props.timeoutSeconds ?? FUNCTION_SIZE.timeoutSeconds.default,
      memorySize: props.memoryMib ?? FUNCTION_SIZE.memoryMib.default,
      role: role.arn,
      kmsKeyArn: dataKey.arn,
      environment: { variables: variables(props, database, facts) },
      vpcConfig: { subnetIds: [...Network.of(this).subnetIds], securityGroupIds: [client.securityGroupId] },
      // Active tracing would need a right and an endpoint of its own, and say nothing that the log does not.
      tracingConfig: { mode: 'PassThrough' },
      // Lambda makes the network interfaces with this role while it makes the function.
      dependsOn: [...this.grant.dependables, logs],
    });
    this.arn = lambda.arn;
    const permissions = secrets.map(
      (secret, n) =>
        new LambdaPermission(this, n === 0 ? 'permission' : `permission-${n}`, {
          statementId: `SecretsManagerRotates${n === 0 ? '' : n}`,
          action: 'lambda:InvokeFunction',
          functionName: lambda.functionName,
          principal: 'secretsmanager.amazonaws.com',
          sourceAccount: stack.accountId,
          sourceArn: secret.arn,
        }),
    );
    this.dependables = [
      ...permissions,
      ...this.grant.dependables,
      ...client.ready,
      ...openDatabasePath(client, 'database', database),
      ...database.ready,
    ];
  }
}

/** Everything that is wrong with what a function is told, whoever asks first. */
export function functionProblems(
  props: RotationSettings & FunctionSize,
  secrets: readonly [DatabaseSecret, ...DatabaseSecret[]],
): readonly (Problem | undefined)[] {
  const [{ database }] = secrets;
  return [
    ...strategyProblems(database, props.strategy),
    ...settingsProblems(props, database),
    ...(rotatorOf(database, props.strategy)?.alternates === true ? secrets.map((one) => secondUser(one, props)) : []),
    ...sizeProblems(props),
  ];
}

/** A secret's name has characters that a function's has not. */
function defaultName(secretName: string): string {
  return `${secretName.replaceAll(/[^A-Za-z0-9_-]+/g, '-')}-rotation`;
}

function code({ fileName, sourceCodeHash }: RotationBundle) {
  return { filename: fileName, sourceCodeHash, handler: 'index.handler', runtime: RUNTIME, architectures: ['arm64'] };
}

/** The settings that the function's code reads; none of them is a value. */
function variables(props: RotationFunctionProps, database: IDatabase, facts: RotatorFacts): Record<string, string> {
  const { secrets } = props;
  return {
    STRONGROOM_ROTATOR: facts.rotator,
    STRONGROOM_SECRETS: JSON.stringify(secrets.map((secret) => secret.arn)),
    STRONGROOM_HOST: database.host,
    STRONGROOM_PORT: String(database.port),
    STRONGROOM_DATABASE: database.name,
    STRONGROOM_USERNAME: declaredUsers(secrets),
    ...(database.superuser === undefined ? {} : { STRONGROOM_SUPERUSER_SECRET: database.superuser.arn }),
    ...settingsVariables(props),
  };
}
