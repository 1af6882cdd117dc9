import { Grant, type GrantStatement } from '../core/grant';
import type { IIdentity } from './identity';
import type { PolicyStatement } from './policy-document';
import type { SuperuserSecret } from './postgres-database';
import type { ISecret } from './secret';

/** The network interfaces that Lambda makes and removes for a function in a VPC. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
] as const;

/** What a rotation function works on. */
export interface RotationWork {
  readonly secret: ISecret;
  readonly superuser: SuperuserSecret | undefined;
  /** ARN of the function, composed from its name: Lambda wants the role's rights before it makes the function. */
  readonly functionArn: string;
  readonly logGroupArn: string;
  /** The host name of Secrets Manager, through which alone keys are used. */
  readonly secretsHost: string;
}

/** Gives a function's role the least that a rotation works with. */
export function grantRotation(role: IIdentity, work: RotationWork): Grant {
  const { secret, superuser, functionArn, secretsHost } = work;
  const rotate = secret.grantRotate(role, functionArn);
  const more = [
    ...(superuser === undefined ? [] : readSuperuser(superuser, secretsHost)),
    writeLogs(work.logGroupArn),
    ...networkInterfaces(functionArn),
  ];
  const dependables = more.map(({ statement }) => role.allow(statement));
  return new Grant(
    role.name,
    secret.name,
    [...rotate.statements, ...more.map(({ explained }) => explained)],
    [...new Set([...rotate.dependables, ...dependables])],
  );
}

interface Explained {
  readonly statement: PolicyStatement;
  readonly explained: GrantStatement;
}

function readSuperuser({ arn, keyArn }: SuperuserSecret, secretsHost: string): readonly Explained[] {
  const read = allowed('ReadSuperuser', ['secretsmanager:GetSecretValue'], arn, {
    reason: 'logs in as superuser where the role is missing or its password is lost',
  });
  if (keyArn === undefined) return [read];
  const decrypt = allowed('DecryptSuperuser', ['kms:Decrypt'], keyArn, {
    reason: 'decrypts the superuser secret, through Secrets Manager alone',
    condition: { StringEquals: { 'kms:ViaService': secretsHost, 'kms:EncryptionContext:SecretARN': arn } },
    when: `kms:ViaService is ${secretsHost} and kms:EncryptionContext:SecretARN is ${arn}`,
  });
  return [read, decrypt];
}

function writeLogs(logGroupArn: string): Explained {
  return allowed('WriteLogs', ['logs:CreateLogStream', 'logs:PutLogEvents'], `${logGroupArn}:*`, {
    reason: 'writes to its own log group',
  });
}

/**
 * What Lambda does with the role's rights, and the code in the function must not.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
 */
function networkInterfaces(functionArn: string): readonly Explained[] {
  const forLambda = allowed('InterfacesByLambda', INTERFACE_ACTIONS, '*', {
    reason: 'puts the function into the VPC; what an interface will be called is not known before it is made',
    when: 'Lambda itself asks',
  });
  const byCode = { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } };
  const actions = INTERFACE_ACTIONS;
  return [
    forLambda,
    {
      statement: { Sid: 'NoInterfacesByCode', Effect: 'Deny', Action: actions, Resource: '*', Condition: byCode },
      explained: {
        allows: [],
        on: '*',
        when: `lambda:SourceFunctionArn is ${functionArn}`,
        reason: `the code in the function is denied ${actions.join(', ')}`,
      },
    },
  ];
}

function allowed(
  Sid: string,
  actions: readonly string[],
  on: string,
  why: {
    readonly reason: string;
    readonly condition?: NonNullable<PolicyStatement['Condition']>;
    readonly when?: string;
  },
): Explained {
  const { reason, condition, when } = why;
  return {
    statement: {
      Sid,
      Effect: 'Allow',
      Action: actions,
      Resource: on,
      ...(condition === undefined ? {} : { Condition: condition }),
    },
    explained: { allows: actions, on, reason, ...(when === undefined ? {} : { when }) },
  };
}
