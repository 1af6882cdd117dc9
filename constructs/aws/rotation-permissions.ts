import { Grant, type GrantStatement } from '../core/grant';
import type { SuperuserSecret } from './database';
import type { IIdentity } from './identity';
import type { PolicyStatement } from './policy-document';
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

type OwnOperation =
  | 'DescribeSecret'
  | 'GetSecretValue'
  | 'ListSecretVersionIds'
  | 'PutSecretValue'
  | 'UpdateSecretVersionStage';

/** What every rotator asks of Secrets Manager, for the secret that it rotates. */
const STEPS = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'] as const;

/** What a rotator asks of Secrets Manager. A test runs each of them and compares. */
export interface RotatorCalls {
  /** For the secret that is rotated. */
  readonly own: readonly OwnOperation[];
  /** For the superuser's secret, where there is one. */
  readonly superuser: readonly 'GetSecretValue'[];
  /** What the superuser's secret is read for. */
  readonly why: string;
  /** For the secret that is rotated, where unlabelled versions are searched. */
  readonly search: readonly OwnOperation[];
}

const REPAIRS = 'logs in as superuser where the role is missing or its password is lost';
const CHANGES = 'logs in as superuser, who makes every change of the user';
const MANAGES = 'manages keys at the provider with that credential';

/** What each rotator asks of Secrets Manager, by its name. */
export const ROTATOR_CALLS = {
  'postgres-single-user': { own: STEPS, superuser: ['GetSecretValue'], why: REPAIRS, search: ['ListSecretVersionIds'] },
  'postgres-alternating-users': { own: STEPS, superuser: ['GetSecretValue'], why: CHANGES, search: [] },
  'mysql-dual-password': { own: STEPS, superuser: ['GetSecretValue'], why: CHANGES, search: [] },
  'mysql-alternating-users': { own: STEPS, superuser: ['GetSecretValue'], why: CHANGES, search: [] },
  'mariadb-two-passwords': { own: STEPS, superuser: ['GetSecretValue'], why: CHANGES, search: [] },
  'mariadb-alternating-users': { own: STEPS, superuser: ['GetSecretValue'], why: CHANGES, search: [] },
  'http-api-key': { own: STEPS, superuser: ['GetSecretValue'], why: MANAGES, search: [] },
} as const satisfies Readonly<Record<string, RotatorCalls>>;

/** The function's name of a rotator. */
export type RotatorName = keyof typeof ROTATOR_CALLS;

/** What a rotation function works on. */
export interface RotationWork {
  readonly rotator: RotatorName;
  readonly secrets: readonly ISecret[];
  /** Whether versions without a label are searched. */
  readonly searches: boolean;
  /** Whether Lambda puts the function into the app's network. */
  readonly inNetwork: boolean;
  readonly superuser: SuperuserSecret | undefined;
  /** ARN of the function, composed from its name: Lambda wants the role's rights before it makes the function. */
  readonly functionArn: string;
  readonly logGroupArn: string;
  /** The host name of Secrets Manager, through which alone keys are used. */
  readonly secretsHost: string;
}

/** Gives a function's role the least that a rotation works with. */
export function grantRotation(role: IIdentity, work: RotationWork): Grant {
  const { rotator, secrets, superuser, functionArn, secretsHost } = work;
  const calls: RotatorCalls = ROTATOR_CALLS[rotator];
  const operations = [...calls.own, ...(work.searches ? calls.search : [])].sort();
  const rotates = secrets.map((secret) => secret.grantRotate(role, functionArn, operations));
  const more = [
    ...(superuser === undefined ? [] : readSuperuser(superuser, calls, secretsHost)),
    writeLogs(work.logGroupArn),
    ...(work.inNetwork ? networkInterfaces(functionArn) : []),
  ];
  const dependables = more.map(({ statement }) => role.allow(statement));
  return new Grant(
    role.name,
    secrets.map((secret) => secret.name).join(', '),
    [...rotates.flatMap(({ statements }) => statements), ...more.map(({ explained }) => explained)],
    [...new Set([...rotates.flatMap((rotate) => rotate.dependables), ...dependables])],
  );
}

interface Explained {
  readonly statement: PolicyStatement;
  readonly explained: GrantStatement;
}

function readSuperuser(
  { arn, keyArn }: SuperuserSecret,
  calls: RotatorCalls,
  secretsHost: string,
): readonly Explained[] {
  const actions = calls.superuser.map((operation) => `secretsmanager:${operation}`);
  const read = allowed('ReadSuperuser', actions, arn, {
    reason: calls.why,
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
