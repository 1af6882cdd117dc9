import type { PolicyStatement } from './policy-statement';

/** What a rotation function works on. */
export interface RotationTarget {
  readonly region: string;
  /** ARN of the function itself, composed from its name: the role must have its rights before the function is made. */
  readonly functionArn: string;
  readonly logGroupArn: string;
  /** The secret that is rotated, and the KMS key that encrypts it. */
  readonly secret: { readonly arn: string; readonly keyArn: string };
  /** The secret with the superuser's password, and its key. */
  readonly superuser?: { readonly arn: string; readonly keyArn: string };
}

/** The network interfaces that Lambda itself makes and removes for a function in a VPC. @see https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html */
const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
] as const;

/** Everything that a rotation function may do, each with its reason. */
export function rotationPermissions(target: RotationTarget): readonly PolicyStatement[] {
  const { secret, superuser, functionArn, logGroupArn, region } = target;
  return [
    {
      sid: 'RotateSecret',
      actions: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      resources: [secret.arn],
      condition: { ArnEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn } },
      reason: 'the four steps of a rotation, while the secret names this function as its rotator',
    },
    useKey(secret, region, ['kms:Decrypt', 'kms:GenerateDataKey'], 'UseSecretKey', 'decrypts the present value and encrypts the next'),
    ...(superuser === undefined
      ? []
      : [
          {
            sid: 'ReadSuperuser',
            actions: ['secretsmanager:GetSecretValue'],
            resources: [superuser.arn],
            reason: 'logs in as superuser where the user does not exist yet or its password is lost',
          },
          useKey(superuser, region, ['kms:Decrypt'], 'UseSuperuserKey', 'decrypts the superuser secret'),
        ]),
    {
      sid: 'WriteLogs',
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [`${logGroupArn}:*`],
      reason: 'writes to its own log group',
    },
    {
      sid: 'NetworkInterfaces',
      actions: INTERFACE_ACTIONS,
      resources: ['*'],
      reason: 'Lambda makes and removes the interfaces of a function in a VPC, and EC2 knows them by no name beforehand',
    },
    {
      sid: 'NoInterfacesFromCode',
      effect: 'Deny',
      actions: INTERFACE_ACTIONS,
      resources: ['*'],
      condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
      reason: 'the right above is for Lambda itself: the code that runs in the function does not have it',
    },
  ];
}

/** Use of a key through Secrets Manager only, for one secret only. */
function useKey(
  secret: { readonly arn: string; readonly keyArn: string },
  region: string,
  actions: readonly string[],
  sid: string,
  reason: string,
): PolicyStatement {
  return {
    sid,
    actions,
    resources: [secret.keyArn],
    condition: {
      StringEquals: {
        'kms:ViaService': `secretsmanager.${region}.amazonaws.com`,
        'kms:EncryptionContext:SecretARN': secret.arn,
      },
    },
    reason,
  };
}
