import type { ITerraformDependable } from 'cdktf';
import { Fn } from 'cdktf';
import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { ServiceRole } from '../../../constructs/aws/identity';
import { Secret, type SecretProps } from '../../../constructs/aws/secret';
import { SecretType } from '../../../constructs/core/secret-type';
import { Value } from '../../../constructs/core/value';
import {
  type AwsTestEnvironment,
  awsStack,
  PROD,
  policyOf,
  prodWith,
  refusedAtSynthesis,
  refusedLines,
  SANDBOX,
  synthesized,
} from '../../support/aws-environment';

const EXTERNAL: SecretProps = {
  name: 'myapp/payment-provider',
  type: SecretType.API_KEY,
  owner: 'payments',
  value: Value.external({ since: '2026-11-01' }),
};
const GENERATED: SecretProps = { ...EXTERNAL, value: Value.generated({ since: '2026-11-01' }) };
const ROTATION = { fqn: 'aws_secretsmanager_secret_rotation.x' } as ITerraformDependable;

const secretIn = (props: Partial<SecretProps> = {}, environment: AwsTestEnvironment = PROD) =>
  synthesized((stack) => void new Secret(stack, 'secret', { ...EXTERNAL, ...props }), environment);

/** A generated secret stays only where something rotates it. */
const rotated = (props: Partial<SecretProps> = {}) =>
  synthesized((stack) => new Secret(stack, 'secret', { ...GENERATED, ...props }).rotatedBy(aKeyOf(stack)));

/** Something that exists in the stack, in place of a rotation. */
function aKeyOf(stack: AwsStack): ITerraformDependable {
  return new ServiceRole(stack, 'rotator', {
    name: 'rotator',
    service: 'lambda.amazonaws.com',
    description: 'Rotates',
  }).allow({ Effect: 'Allow', Action: 'logs:PutLogEvents', Resource: 'arn:aws:logs:eu-central-1:111122223333:*' });
}

const refusal = (props: Partial<SecretProps>, environment = PROD) =>
  refusedLines(() => new Secret(awsStack(environment), 'secret', { ...EXTERNAL, ...props }));

describe('Secret', () => {
  it('has the environment in its name, unless the account is its own', async () => {
    expect((await secretIn()).one('aws_secretsmanager_secret')['name']).toBe('prod/myapp/payment-provider');
    const alone = await secretIn({}, prodWith({ accountAlone: true }));
    expect(alone.one('aws_secretsmanager_secret')['name']).toBe('myapp/payment-provider');
  });

  it('is encrypted with the key of secrets', async () => {
    const { one } = await secretIn();
    expect(one('aws_secretsmanager_secret')['kms_key_id']).toMatch(/^\$\{aws_kms_key\.secrets-key_[^.]+\.arn\}$/);
  });

  it('says whose it is, what it is, and by when an external value must be another', async () => {
    const { one } = await secretIn();
    expect(one('aws_secretsmanager_secret')['tags']).toEqual({
      Environment: 'prod',
      Application: 'myapp',
      Owner: 'payments',
      SecretType: 'api-key',
      RotateBy: '2027-01-30',
    });
  });

  it('has no date to be replaced by once a rotation does that', async () => {
    const { one } = await rotated({ value: EXTERNAL.value });
    expect(one('aws_secretsmanager_secret')['tags']).not.toHaveProperty('RotateBy');
    expect(one('aws_secretsmanager_secret')['tags']).toHaveProperty('SecretType', 'api-key');
  });

  it('can be restored for 30 days in production, is gone at once in a sandbox', async () => {
    expect((await secretIn()).one('aws_secretsmanager_secret')['recovery_window_in_days']).toBe(30);
    expect((await secretIn({}, SANDBOX)).one('aws_secretsmanager_secret')['recovery_window_in_days']).toBe(0);
    const chosen = await secretIn({ recoveryDays: 7 });
    expect(chosen.one('aws_secretsmanager_secret')['recovery_window_in_days']).toBe(7);
  });

  it.each([0, 6, 31, 7.5])('refuses %d days to restore it in production', (recoveryDays) => {
    expect(refusal({ recoveryDays })).toEqual([
      `prod-myapp-aws/secret: recoveryDays is ${recoveryDays}, allowed are 7 to 30; leave it out for the default of the tier [SR-SECRET-RECOVERY]`,
    ]);
  });

  it('is not destroyed in production, and can be in a sandbox', async () => {
    expect((await secretIn()).one('aws_secretsmanager_secret')['lifecycle']).toEqual({ prevent_destroy: true });
    const sandbox = await secretIn({}, SANDBOX);
    expect(sandbox.one('aws_secretsmanager_secret')['lifecycle']).toEqual({ prevent_destroy: false });
  });

  it('is closed to the public and to connections without TLS', async () => {
    const { one } = await secretIn();
    const policy = one('aws_secretsmanager_secret_policy');
    expect(policy['block_public_policy']).toBe(true);
    expect(policyOf(policy).Statement).toEqual([
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 'secretsmanager:*',
        Resource: '*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ]);
  });

  it('reports all problems together', () => {
    const codes = refusal({ owner: '', recoveryDays: 3, value: Value.external({ since: 'today' }) }).map((line) =>
      line.slice(line.lastIndexOf('[')),
    );
    expect(codes).toEqual(['[SR-SECRET-OWNER]', '[SR-SECRET-RECOVERY]', '[SR-DATE]']);
  });

  it.each(['', ' payments', 'a & b', 'x'.repeat(257)])('refuses the owner %j, which no tag could hold', (owner) => {
    expect(refusal({ owner })).toEqual([
      `prod-myapp-aws/secret: owner is ${JSON.stringify(owner)}, allowed is the name of a team: up to 256 letters, digits, spaces and _.:/=+-@; name who answers for this secret [SR-SECRET-OWNER]`,
    ]);
  });

  it('takes an owner in any language', async () => {
    const { one } = await secretIn({ owner: 'Zahlungsverkehr Österreich' });
    expect(one('aws_secretsmanager_secret')['tags']).toMatchObject({ Owner: 'Zahlungsverkehr Österreich' });
  });

  it('refuses what Secrets Manager must not hold', () => {
    expect(refusal({ type: SecretType.OAUTH_TOKEN })[0]).toContain(
      'secret: type is oauth-token, which Secrets Manager must not hold; its stores are none: it is never stored as a value',
    );
    expect(refusal({ type: SecretType.SSH_KEY })[0]).toContain(
      'its stores are vault; declare it in one of these stores',
    );
    expect(refusal({ type: SecretType.ENCRYPTION_KEY })[0]).toContain('[SR-SECRET-STORE]');
  });

  it('refuses a name that looks like the end of an ARN', () => {
    expect(refusal({ name: 'myapp/key-abc123' })[0]).toMatch(
      /^prod-myapp-aws\/secret: name gives a secret of Secrets Manager the name "prod\/myapp\/key-abc123", .*\[SR-NAME-ILLEGAL\]$/,
    );
  });

  it('refuses a name that another secret has', () => {
    const stack = awsStack();
    new Secret(stack, 'first', EXTERNAL);
    expect(refusedLines(() => new Secret(stack, 'second', EXTERNAL))[0]).toMatch(
      /^prod-myapp-aws\/second: .*SR-NAME-TAKEN/,
    );
  });
});

describe('a generated value', () => {
  it('ends in a write-only argument, with a label that keeps the version alive', async () => {
    const { one, json } = await rotated();
    expect(one('aws_secretsmanager_secret_version')).toMatchObject({
      secret_string_wo: expect.stringMatching(/^\$\{ephemeral\.random_password\.[^.]+\.result\}$/),
      secret_string_wo_version: 1,
      version_stages: ['AWSCURRENT', 'STRONGROOM_SEED'],
      lifecycle: { ignore_changes: ['version_stages'] },
    });
    expect(one('aws_secretsmanager_secret_version')).not.toHaveProperty('secret_string');
    expect(Object.keys(json['ephemeral'] ?? {})).toEqual(['random_password']);
  });

  it('becomes JSON by a function of Terraform, as a reference and not as its text', async () => {
    const { one } = await rotated({ fields: ['key'], seedText: (key) => Fn.jsonencode({ key }) });
    expect(one('aws_secretsmanager_secret_version')['secret_string_wo']).toMatch(
      /^\$\{jsonencode\(\{"key" = ephemeral\.random_password\.[^.]+\.result\}\)\}$/,
    );
  });

  it('is refused where nothing ever replaces it', async () => {
    expect(await refusedAtSynthesis((stack) => void new Secret(stack, 'secret', GENERATED))).toEqual([
      'prod-myapp-aws/secret: value is generated and never replaced, allowed are 90 days for api-key; add a rotation, or make the value external with the day since when it counts [SR-SECRET-PERIOD]',
    ]);
  });

  it('is written once where a rotation owns it: a raised version is refused', () => {
    const value = Value.generated({ since: '2026-11-01', version: 2 });
    const secret = new Secret(awsStack(), 'secret', { ...GENERATED, value });
    expect(refusedLines(() => secret.rotatedBy(ROTATION))).toEqual([
      'prod-myapp-aws/secret: value.version is 2, allowed is 1 where a rotation owns the value: a new seed would overwrite the live one; leave the version out, and repair a broken value by a rotation [SR-ROTATION-RESEED]',
    ]);
  });

  it('has no fields, unless it is said how it becomes JSON', () => {
    expect(refusal({ value: GENERATED.value, fields: ['key'] })).toEqual([
      'prod-myapp-aws/secret: fields are named for a generated value, which is one text and has none; leave them out, or say by seedText how the value becomes JSON [SR-SECRET-SHAPE]',
    ]);
  });
});

describe('an external value', () => {
  it('has no version at all, since Terraform never sees it', async () => {
    const { all, json } = await secretIn();
    expect(all('aws_secretsmanager_secret_version')).toEqual({});
    expect(json['ephemeral']).toBeUndefined();
  });

  it('comes with the command that puts it in from standard input', async () => {
    const { json } = await secretIn({ fields: ['id', 'key'] });
    expect(json['output']?.['next_steps_1']).toMatchObject({
      description: 'Put the value of prod/myapp/payment-provider in, a JSON object with id, key',
      value: expect.stringContaining('--secret-id prod/myapp/payment-provider --secret-string file:///dev/stdin'),
    });
  });
});

describe('a value born in the store', () => {
  it('has no version, and needs a rotation', async () => {
    const { all } = await rotated({ value: Value.bornInStore() });
    expect(all('aws_secretsmanager_secret_version')).toEqual({});
    const lines = await refusedAtSynthesis(
      (stack) => void new Secret(stack, 'secret', { ...EXTERNAL, value: Value.bornInStore() }),
    );
    expect(lines[0]).toContain('[SR-SECRET-PERIOD]');
  });
});

describe('rotatedBy', () => {
  it('makes readers wait for the rotation too', () => {
    const secret = new Secret(awsStack(), 'secret', GENERATED);
    const seeded = secret.seeded;
    expect(seeded).toHaveLength(1);
    secret.rotatedBy(ROTATION);
    expect(secret.rotates).toBe(true);
    expect(secret.ready).toEqual([...seeded, ROTATION]);
  });

  it('is refused a second time', () => {
    const secret = new Secret(awsStack(), 'secret', GENERATED);
    secret.rotatedBy(ROTATION);
    expect(refusedLines(() => secret.rotatedBy(ROTATION))[0]).toContain('[SR-ROTATION-TWICE]');
  });

  it('is refused after a consumer was ordered, which would not wait for it', () => {
    const secret = new Secret(awsStack(), 'secret', GENERATED);
    expect(secret.ready).toHaveLength(1);
    expect(refusedLines(() => secret.rotatedBy(ROTATION))[0]).toContain('[SR-ROTATION-LATE]');
  });
});

describe('fields', () => {
  const json = () => new Secret(awsStack(), 'secret', { ...EXTERNAL, fields: ['id', 'key'] });

  it('are handed to ECS with all three colons, the whole value as the ARN', () => {
    const secret = json();
    expect(secret.field('key').valueFrom).toBe(`${secret.arn}:key::`);
    expect(secret.whole().valueFrom).toBe(secret.arn);
  });

  it('are checked against the shape', () => {
    expect(refusedLines(() => json().field('token'))).toEqual([
      'prod-myapp-aws/secret: field is "token", allowed are id, key; name a field of the secret, or add it to its fields [SR-SECRET-FIELD]',
    ]);
  });

  it.each([[[]], [['a', 'a']], [['a:b']], [['a b']]])('are refused as %j', (fields) => {
    expect(refusal({ fields })[0]).toContain('[SR-SECRET-SHAPE]');
  });
});

describe('grants', () => {
  const grantOf = async (grant: (secret: Secret, role: ServiceRole) => void) => {
    const { one } = await synthesized((stack) => {
      const name = 'reader';
      const role = new ServiceRole(stack, 'role', { name, service: 'ecs-tasks.amazonaws.com', description: 'Reads' });
      grant(new Secret(stack, 'secret', EXTERNAL), role);
    });
    return policyOf(one('aws_iam_role_policy')).Statement;
  };
  const ARN = expect.stringMatching(/^\$\{aws_secretsmanager_secret\.secret_[^.]+\.arn\}$/);
  const THROUGH_SECRETS_MANAGER = {
    StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' },
    StringLike: { 'kms:EncryptionContext:SecretARN': ARN },
  };
  const KEY = expect.stringMatching(/^\$\{aws_kms_key\.secrets-key_[^.]+\.arn\}$/);

  it('read: the value, what is known of it, and the key through Secrets Manager for this secret alone', async () => {
    expect(await grantOf((secret, role) => void secret.grantRead(role))).toEqual([
      { Effect: 'Allow', Action: ['secretsmanager:GetSecretValue'], Resource: ARN },
      { Effect: 'Allow', Action: ['secretsmanager:DescribeSecret'], Resource: ARN },
      { Effect: 'Allow', Action: ['kms:Decrypt'], Resource: KEY, Condition: THROUGH_SECRETS_MANAGER },
    ]);
  });

  it('read of one label only, where that is said', async () => {
    const [read] = await grantOf((secret, role) => void secret.grantRead(role, { stage: 'AWSCURRENT' }));
    expect(read?.['Condition']).toEqual({
      'ForAnyValue:StringEquals': { 'secretsmanager:VersionStage': 'AWSCURRENT' },
    });
  });

  it('write: puts a value in and reads none', async () => {
    const statements = await grantOf((secret, role) => void secret.grantWrite(role));
    expect(statements.flatMap(({ Action }) => Action)).toEqual([
      'secretsmanager:PutSecretValue',
      'secretsmanager:DescribeSecret',
      'kms:Decrypt',
      'kms:GenerateDataKey',
    ]);
  });

  it('rotate: only while the secret names that function as its rotator', async () => {
    const functionArn = 'arn:aws:lambda:eu-central-1:111122223333:function:rotation';
    const [rotate] = await grantOf((secret, role) => void secret.grantRotate(role, functionArn));
    expect(rotate).toMatchObject({
      Action: [
        'secretsmanager:DescribeSecret',
        'secretsmanager:GetSecretValue',
        'secretsmanager:PutSecretValue',
        'secretsmanager:UpdateSecretVersionStage',
      ],
      Condition: { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn } },
    });
  });

  it('asked for twice are emitted once', async () => {
    expect(
      await grantOf((secret, role) => {
        secret.grantRead(role);
        secret.grantRead(role);
      }),
    ).toHaveLength(3);
  });

  it('explain themselves, and say what a consumer waits for', () => {
    const stack = awsStack();
    const role = new ServiceRole(stack, 'role', {
      name: 'reader',
      service: 'ecs-tasks.amazonaws.com',
      description: 'Reads',
    });
    const grant = new Secret(stack, 'secret', EXTERNAL).grantRead(role, { stage: 'AWSCURRENT' });
    expect(grant.explain().split('\n')[0]).toMatch(
      /^reader may secretsmanager:GetSecretValue on .* when secretsmanager:VersionStage is AWSCURRENT: reads the value$/,
    );
    expect(grant.secret).toBe('prod/myapp/payment-provider');
    expect(grant.dependables).toHaveLength(1);
  });
});
