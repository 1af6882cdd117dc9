import { CloudwatchLogGroup } from '@cdktf/provider-aws/lib/cloudwatch-log-group';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { IamRolePolicy } from '@cdktf/provider-aws/lib/iam-role-policy';
import { LambdaFunction } from '@cdktf/provider-aws/lib/lambda-function';
import { LambdaPermission } from '@cdktf/provider-aws/lib/lambda-permission';
import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { SecretsmanagerSecretPolicy } from '@cdktf/provider-aws/lib/secretsmanager-secret-policy';
import { SecretsmanagerSecretRotation } from '@cdktf/provider-aws/lib/secretsmanager-secret-rotation';
import { SecretsmanagerSecretVersion } from '@cdktf/provider-aws/lib/secretsmanager-secret-version';
import { SecurityGroup } from '@cdktf/provider-aws/lib/security-group';
import { VpcSecurityGroupEgressRule } from '@cdktf/provider-aws/lib/vpc-security-group-egress-rule';
import { VpcSecurityGroupIngressRule } from '@cdktf/provider-aws/lib/vpc-security-group-ingress-rule';
import { App, Fn, ref, Token } from 'cdktf';
import { AwsStack } from '../../constructs/aws/aws-stack';
import { DataKey } from '../../constructs/aws/data-key';
import { Network } from '../../constructs/aws/network';
import { RotationAlarms } from '../../constructs/aws/rotation-alarms';
import { RotationBundle } from '../../constructs/aws/rotation-bundle';
import { SecretsKey } from '../../constructs/aws/secrets-key';
import { prod } from '../../environments/prod';
import { SIZE } from './size';

const INTERFACE_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];
const SUBJECT = { account: '777788889999', region: 'eu-central-1' } as const;

const [, , outdir, stacks = SIZE.stacks] = process.argv;
if (outdir !== undefined) {
  const app = new App({ outdir, stackTraces: false });
  for (let n = 0; n < Number(stacks); n += 1) plainStack(app, n);
  app.synth();
  console.log(`peak-mib=${Math.round(process.resourceUsage().maxRSS / 1024)}`);
}

/** What a stack shares (one resource in twenty-five) is made by the same code as in the other half of the bench. */
function plainStack(app: App, n: number): void {
  const stack = new AwsStack(app, prod, `bench${n}`);
  const shared = {
    stack,
    n,
    superuser: `arn:aws:secretsmanager:${SUBJECT.region}:${SUBJECT.account}:secret:bench${n}/master-AbCdEf`,
    secretsKey: SecretsKey.of(stack).arn,
    dataKey: DataKey.of(stack).arn,
    network: Network.of(stack),
    bundle: RotationBundle.of(stack),
    alarms: RotationAlarms.of(stack),
  };
  stack.ensureRandomProvider();
  for (let m = 0; m < SIZE.secretsPerStack; m += 1) plainSecret(shared, m);
}

interface Shared {
  readonly stack: AwsStack;
  readonly n: number;
  readonly superuser: string;
  readonly secretsKey: string;
  readonly dataKey: string;
  readonly network: ReturnType<typeof Network.of>;
  readonly bundle: ReturnType<typeof RotationBundle.of>;
  readonly alarms: ReturnType<typeof RotationAlarms.of>;
}

/** One rotated secret as somebody would write it who knows all of this and has no constructs. */
function plainSecret({ stack, n, superuser, secretsKey, dataKey, network, bundle, alarms }: Shared, m: number): void {
  const id = (what: string) => `secret${m}-${what}`;
  const name = `prod/bench${n}/user${m}`;
  const functionName = `prod-bench${n}-user${m}-rotation`;
  const functionArn = `arn:aws:lambda:${SUBJECT.region}:${SUBJECT.account}:function:${functionName}`;

  const secret = new SecretsmanagerSecret(stack, id('secret'), {
    name,
    description: `Role user${m} of database bench`,
    kmsKeyId: secretsKey,
    recoveryWindowInDays: 30,
    tags: { Application: `bench${n}`, Environment: 'prod', Owner: 'platform', SecretType: 'database-credential' },
    lifecycle: { preventDestroy: true },
  });
  const secretArn = secret.arn;
  new SecretsmanagerSecretPolicy(stack, id('secret-policy'), {
    secretArn,
    blockPublicPolicy: true,
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'TlsOnly',
          Effect: 'Deny',
          Principal: '*',
          Action: 'secretsmanager:*',
          Resource: '*',
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
      ],
    }),
  });
  stack.addOverride(`ephemeral.random_password.secret${m}`, {
    length: 32,
    special: false,
    min_lower: 1,
    min_numeric: 1,
    min_upper: 1,
  });
  const version = new SecretsmanagerSecretVersion(stack, id('version'), {
    secretId: secretArn,
    secretStringWo: Fn.jsonencode({
      engine: 'postgres',
      host: `db${n}.example.com`,
      port: 5432,
      dbname: 'bench',
      username: `user${m}`,
      password: Token.asString(ref(`ephemeral.random_password.secret${m}.result`, stack)),
    }),
    secretStringWoVersion: 1,
    versionStages: ['AWSCURRENT', 'STRONGROOM_SEED'],
    lifecycle: { ignoreChanges: ['version_stages'] },
  });

  const logs = new CloudwatchLogGroup(stack, id('logs'), {
    name: `/aws/lambda/${functionName}`,
    kmsKeyId: dataKey,
    retentionInDays: 365,
  });
  const role = new IamRole(stack, id('role'), {
    name: functionName,
    description: `Rotates ${name}`,
    assumeRolePolicy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
    }),
  });
  const policy = new IamRolePolicy(stack, id('role-policy'), {
    name: 'granted',
    role: role.name,
    policy: JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            'secretsmanager:DescribeSecret',
            'secretsmanager:GetSecretValue',
            'secretsmanager:PutSecretValue',
            'secretsmanager:UpdateSecretVersionStage',
          ],
          Resource: secretArn,
          Condition: { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn } },
        },
        {
          Effect: 'Allow',
          Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
          Resource: secretsKey,
          Condition: {
            StringEquals: { 'kms:ViaService': `secretsmanager.${SUBJECT.region}.amazonaws.com` },
            StringLike: { 'kms:EncryptionContext:SecretARN': secretArn },
          },
        },
        { Sid: 'ReadSuperuser', Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: superuser },
        {
          Sid: 'WriteLogs',
          Effect: 'Allow',
          Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          Resource: `${logs.arn}:*`,
        },
        { Sid: 'InterfacesByLambda', Effect: 'Allow', Action: INTERFACE_ACTIONS, Resource: '*' },
        {
          Sid: 'NoInterfacesByCode',
          Effect: 'Deny',
          Action: INTERFACE_ACTIONS,
          Resource: '*',
          Condition: { ArnEquals: { 'lambda:SourceFunctionArn': functionArn } },
        },
      ],
    }),
  });
  const group = new SecurityGroup(stack, id('group'), {
    name: functionName,
    description: `Rotates ${name}`,
    vpcId: network.vpcId,
  });
  const https = {
    ipProtocol: 'tcp',
    fromPort: 443,
    toPort: 443,
    description: 'AWS services through the interface endpoints',
  };
  const out = new VpcSecurityGroupEgressRule(stack, id('endpoints-out'), {
    securityGroupId: group.id,
    referencedSecurityGroupId: network.endpointSecurityGroupId,
    ...https,
  });
  const into = new VpcSecurityGroupIngressRule(stack, id('endpoints-in'), {
    securityGroupId: network.endpointSecurityGroupId,
    referencedSecurityGroupId: group.id,
    ...https,
  });
  const database = new VpcSecurityGroupEgressRule(stack, id('database-out'), {
    securityGroupId: group.id,
    cidrIpv4: '0.0.0.0/0',
    ipProtocol: 'tcp',
    fromPort: 5432,
    toPort: 5432,
    description: 'Database bench',
  });
  const rotator = new LambdaFunction(stack, id('function'), {
    functionName,
    description: `Rotates ${name}`,
    architectures: ['arm64'],
    runtime: 'nodejs22.x',
    handler: 'index.handler',
    filename: bundle.fileName,
    sourceCodeHash: bundle.sourceCodeHash,
    kmsKeyArn: dataKey,
    memorySize: 256,
    timeout: 60,
    role: role.arn,
    tracingConfig: { mode: 'PassThrough' },
    vpcConfig: { securityGroupIds: [group.id], subnetIds: [...network.subnetIds] },
    environment: {
      variables: {
        STRONGROOM_DATABASE: 'bench',
        STRONGROOM_HOST: `db${n}.example.com`,
        STRONGROOM_PORT: '5432',
        STRONGROOM_ROTATOR: 'postgres-single-user',
        STRONGROOM_SECRETS: JSON.stringify([secretArn]),
        STRONGROOM_SUPERUSER_SECRET: superuser,
        STRONGROOM_USERNAME: `user${m}`,
      },
    },
    dependsOn: [policy, logs],
  });
  const permission = new LambdaPermission(stack, id('permission'), {
    statementId: 'SecretsManagerRotates',
    action: 'lambda:InvokeFunction',
    functionName: rotator.functionName,
    principal: 'secretsmanager.amazonaws.com',
    sourceAccount: SUBJECT.account,
    sourceArn: secretArn,
  });
  new SecretsmanagerSecretRotation(stack, id('rotation'), {
    secretId: secretArn,
    rotationLambdaArn: rotator.arn,
    rotateImmediately: true,
    rotationRules: { automaticallyAfterDays: 30 },
    dependsOn: [
      version,
      permission,
      policy,
      ...network.reachable,
      out,
      into,
      database,
      ...alarms.watch({ arn: secretArn, name }),
    ],
  });
}
