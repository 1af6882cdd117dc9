import type { ITerraformDependable } from 'cdktf';
import { Grant, type GrantStatement } from '../core/grant';
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

/** What a rotation function works on. */
export interface RotationWork {
  readonly secret: ISecret;
  readonly superuserSecret: ISecret | undefined;
  /** ARN of the function, composed from its name: Lambda wants the role's rights before it makes the function. */
  readonly functionArn: string;
  readonly logGroupArn: string;
}

/** Gives a function's role the least that a rotation works with. */
export function grantRotation(role: IIdentity, work: RotationWork): Grant {
  const { secret, superuserSecret, functionArn, logGroupArn } = work;
  const grants = [secret.grantRotate(role, functionArn), ...(superuserSecret ? [superuserSecret.grantRead(role)] : [])];
  const own = ownStatements(functionArn, logGroupArn);
  const dependables: readonly ITerraformDependable[] = own.map(({ statement }) => role.allow(statement));
  return new Grant(
    role.name,
    secret.name,
    [...grants.flatMap((grant) => grant.statements), ...own.map(({ explained }) => explained)],
    [...new Set([...grants.flatMap((grant) => grant.dependables), ...dependables])],
  );
}

interface Own {
  readonly statement: PolicyStatement;
  readonly explained: GrantStatement;
}

function ownStatements(functionArn: string, logGroupArn: string): readonly Own[] {
  const fromCode = { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } };
  const writes = ['logs:CreateLogStream', 'logs:PutLogEvents'] as const;
  return [
    {
      statement: { Sid: 'WriteLogs', Effect: 'Allow', Action: writes, Resource: `${logGroupArn}:*` },
      explained: { allows: writes, on: `${logGroupArn}:*`, reason: 'writes to its own log group' },
    },
    {
      statement: { Sid: 'InterfacesByLambda', Effect: 'Allow', Action: INTERFACE_ACTIONS, Resource: '*' },
      explained: {
        allows: INTERFACE_ACTIONS,
        on: '*',
        when: 'Lambda itself asks, not the code in the function',
        reason: 'puts the function into the VPC; what an interface will be called is not known before it is made',
      },
    },
    {
      // The right above is for Lambda: the role's credentials inside the function must not have it.
      statement: { Sid: 'NoInterfacesByCode', Effect: 'Deny', Action: INTERFACE_ACTIONS, Resource: '*', Condition: fromCode },
      explained: {
        allows: [],
        on: '*',
        when: `lambda:SourceFunctionArn is ${functionArn}`,
        reason: 'the code in the function makes no interfaces',
      },
    },
  ];
}
