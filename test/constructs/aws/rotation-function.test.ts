import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import type { RotationProps } from '../../../constructs/aws/secret-rotation';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { readConfiguration } from '../../../rotation/configuration';
import {
  awsProduction,
  awsRefusals,
  awsStackJson,
  databaseSecret,
  GIVEN_NETWORK,
  orderedAfter,
  resourceOf,
  resourcesOf,
  statementsIn,
} from '../../support/aws-stacks';

const FUNCTION_ARN = 'arn:aws:lambda:eu-central-1:111122223333:function:prod-myapp-database-rotation';

const rotated =
  (props: Partial<RotationProps> = {}) =>
  (stack: AwsStack) => {
    databaseSecret(stack).addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true, ...props });
  };

describe('a rotation function', () => {
  it('runs the shipped code on a current runtime, in the network', async () => {
    const lambda = resourceOf(await awsStackJson(rotated()), 'aws_lambda_function');
    expect(lambda).toMatchObject({
      function_name: 'prod-myapp-database-rotation',
      runtime: 'nodejs22.x',
      architectures: ['arm64'],
      handler: 'index.handler',
      timeout: 60,
      memory_size: 256,
      tracing_config: { mode: 'PassThrough' },
      kms_key_arn: expect.stringMatching(/^\$\{aws_kms_key\.data-key_/),
    });
    expect(lambda['vpc_config']).toMatchObject({ subnet_ids: { length: 2 }, security_group_ids: { length: 1 } });
  });

  it('names its code by the hash of the bytes, so that the same code plans empty', async () => {
    const zip = readFileSync(createRequire(__filename).resolve('strongroom/rotation-bundle'));
    const hash = createHash('sha256').update(zip);
    const copy = hash.copy().digest('hex');
    expect(resourceOf(await awsStackJson(rotated()), 'aws_lambda_function')).toMatchObject({
      source_code_hash: hash.digest('base64'),
      filename: expect.stringContaining(copy),
    });
  });

  it('ships its code once for all secrets of a stack', async () => {
    const json = await awsStackJson((stack) => {
      rotated()(stack);
      databaseSecret(stack, 'myapp/reports').addRotation({
        schedule: RotationSchedule.everyDays(7),
        rotateImmediately: true,
      });
    });
    const files = Object.values(resourcesOf(json, 'aws_lambda_function')).map((lambda) => lambda['filename']);
    expect(files).toHaveLength(2);
    expect(new Set(files).size).toBe(1);
  });

  it('gets settings that its code accepts, and no value', async () => {
    const lambda = resourceOf(await awsStackJson(rotated({ schema: 'payments' })), 'aws_lambda_function');
    const { variables } = lambda['environment'] as { variables: Record<string, string> };
    const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:x-AbCdEf';
    const known = Object.fromEntries(
      Object.entries(variables).map(([name, value]) => [
        name,
        value
          .replace(/\$\{aws_secretsmanager_secret[^}]*\}/, arn)
          .replace(/\$\{aws_db_instance[^}]*secret_arn\}/, `${arn.slice(0, -6)}GhIjKl`)
          .replace(/\$\{aws_db_instance[^}]*address\}/, 'db.example.com'),
      ]),
    );
    const configuration = readConfiguration({ ...known, STRONGROOM_TLS: 'disabled' });
    expect(configuration).toMatchObject({
      rotator: 'postgres-single-user',
      secrets: [arn],
      superuserSecret: `${arn.slice(0, -6)}GhIjKl`,
      schema: 'payments',
      target: { host: 'db.example.com', port: 5432, database: 'myapp_database' },
    });
  });

  it('may rotate this one secret, while the secret names this function', async () => {
    const [rotate, key] = statementsIn(
      resourceOf(await awsStackJson(rotated()), 'aws_iam_role_policy', 'rotation_function_role_policy'),
    );
    expect(rotate).toMatchObject({
      Action: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      Resource: expect.stringMatching(/^\$\{aws_secretsmanager_secret\.[^}]+\.arn\}$/),
      Condition: { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': FUNCTION_ARN } },
    });
    expect(key).toMatchObject({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] });
  });

  it('reads the superuser’s secret, and decrypts nothing else with that key', async () => {
    const statements = statementsIn(
      resourceOf(await awsStackJson(rotated()), 'aws_iam_role_policy', 'rotation_function_role_policy'),
    );
    const master = expect.stringMatching(/^\$\{aws_db_instance\.[^}]+\.master_user_secret\[0\]\.secret_arn\}$/);
    expect(statements).toContainEqual({
      Sid: 'ReadSuperuser',
      Effect: 'Allow',
      Action: ['secretsmanager:GetSecretValue'],
      Resource: master,
    });
    expect(statements.find(({ Sid }) => Sid === 'DecryptSuperuser')).toMatchObject({
      Action: ['kms:Decrypt'],
      Resource: expect.stringMatching(/^\$\{aws_kms_key\.data-key_/),
      Condition: {
        StringEquals: {
          'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com',
          'kms:EncryptionContext:SecretARN': master,
        },
      },
    });
  });

  it('lets Lambda make network interfaces, and denies them to its own code', async () => {
    const statements = statementsIn(
      resourceOf(await awsStackJson(rotated()), 'aws_iam_role_policy', 'rotation_function_role_policy'),
    );
    const everywhere = statements.filter(({ Resource }) => Resource === '*');
    expect(everywhere.map(({ Sid, Effect }) => [Sid, Effect])).toEqual([
      ['InterfacesByLambda', 'Allow'],
      ['NoInterfacesByCode', 'Deny'],
    ]);
    expect(everywhere[1]?.Condition).toEqual({ ArnEquals: { 'lambda:SourceFunctionArn': FUNCTION_ARN } });
    expect(everywhere[1]?.Action).toEqual(everywhere[0]?.Action);
  });

  it('is made after its rights and its log group', async () => {
    expect(orderedAfter(resourceOf(await awsStackJson(rotated()), 'aws_lambda_function'))).toEqual([
      'aws_iam_role_policy.myapp-database_rotation_function_role_policy',
      'aws_cloudwatch_log_group.myapp-database_rotation_function_logs',
    ]);
  });

  it('is called by Secrets Manager of this account, for this secret', async () => {
    expect(resourceOf(await awsStackJson(rotated()), 'aws_lambda_permission')).toMatchObject({
      action: 'lambda:InvokeFunction',
      principal: 'secretsmanager.amazonaws.com',
      source_account: '111122223333',
      source_arn: expect.stringMatching(/^\$\{aws_secretsmanager_secret\.[^}]+\.arn\}$/),
    });
  });

  it('writes to an encrypted log group that is kept by tier', async () => {
    expect(resourceOf(await awsStackJson(rotated()), 'aws_cloudwatch_log_group', 'function_logs')).toMatchObject({
      name: '/aws/lambda/prod-myapp-database-rotation',
      retention_in_days: 365,
      kms_key_id: expect.stringMatching(/^\$\{aws_kms_key\.data-key_/),
    });
  });

  it('reaches Secrets Manager and the database, and nothing else', async () => {
    const json = await awsStackJson(rotated());
    const out = resourcesOf(json, 'aws_vpc_security_group_egress_rule');
    const ports = Object.values(out).map(({ from_port, to_port }) => [from_port, to_port]);
    expect(ports.sort()).toEqual([
      [443, 443],
      [5432, 5432],
    ]);
    expect(Object.values(out).every((rule) => 'referenced_security_group_id' in rule)).toBe(true);
    const into = resourceOf(json, 'aws_vpc_security_group_ingress_rule', 'database-in');
    expect(into).toMatchObject({
      from_port: 5432,
      security_group_id: expect.stringContaining('myapp-database-db_access'),
      referenced_security_group_id: expect.stringContaining('myapp-database_rotation_function'),
    });
  });

  it('leaves the security group of given endpoints as it is', async () => {
    const json = await awsStackJson(rotated(), awsProduction({ network: GIVEN_NETWORK }));
    const groups = Object.values(resourcesOf(json, 'aws_vpc_security_group_ingress_rule')).map(
      (rule) => rule['security_group_id'],
    );
    expect(groups).not.toContain(GIVEN_NETWORK.endpointSecurityGroupId);
    expect(resourceOf(json, 'aws_vpc_security_group_egress_rule', 'endpoints-out')).toMatchObject({
      referenced_security_group_id: GIVEN_NETWORK.endpointSecurityGroupId,
    });
  });

  it('can be called otherwise', async () => {
    const json = await awsStackJson(rotated({ functionName: 'rotator' }));
    expect(resourceOf(json, 'aws_lambda_function')).toMatchObject({ function_name: 'rotator' });
    expect(resourceOf(json, 'aws_cloudwatch_log_group', 'function_logs')).toMatchObject({
      name: '/aws/lambda/rotator',
    });
  });

  it('needs a name that Lambda accepts', async () => {
    expect(await awsRefusals(rotated({ functionName: 'not a name' }))).toEqual([
      expect.stringMatching(
        /^prod-myapp-aws\/myapp-database\/rotation\/function: functionName gives a Lambda function the name "not a name", .* \[SR-NAME-ILLEGAL\]$/,
      ),
    ]);
  });
});
