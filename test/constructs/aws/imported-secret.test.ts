import { describe, expect, it } from 'vitest';
import { ServiceRole } from '../../../constructs/aws/identity';
import { type ISecret, Secret } from '../../../constructs/aws/secret';
import { awsStack, policyOf, refusedLines, synthesized } from '../../support/aws-environment';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/mail-AbCdEf';
const FOREIGN = 'arn:aws:secretsmanager:eu-central-1:444455556666:secret:shared/mail-AbCdEf';
const KEY = 'arn:aws:kms:eu-central-1:444455556666:key/11111111-2222-3333-4444-555555555555';
const BY_NAME = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared/mail-??????';

const byArn = (arn = ARN, props = {}) => Secret.fromArn(awsStack(), 'mail', arn, props);
const byName = (name = 'shared/mail') => Secret.fromName(awsStack(), 'mail', name);

const readOf = async (secret: (stack: ReturnType<typeof awsStack>) => ISecret) => {
  const { one } = await synthesized((stack) => {
    const role = new ServiceRole(stack, 'role', {
      name: 'reader',
      service: 'lambda.amazonaws.com',
      description: 'Reads',
    });
    secret(stack).grantRead(role);
  });
  return policyOf(one('aws_iam_role_policy')).Statement;
};

describe('Secret.fromArn', () => {
  it('knows name and ARN, and makes nothing', async () => {
    expect(byArn()).toMatchObject({ name: 'shared/mail', arn: ARN, keyArn: undefined, rotates: false, ready: [] });
    const { resource } = await synthesized((stack) => void Secret.fromArn(stack, 'mail', ARN));
    expect(resource).toEqual({});
  });

  it('grants without a key where the account’s own key encrypts, whose policy needs no help', async () => {
    const statements = await readOf((stack) => Secret.fromArn(stack, 'mail', ARN));
    expect(statements.map(({ Resource }) => Resource)).toEqual([ARN, ARN]);
  });

  it('grants the key that is named, through Secrets Manager for this secret alone', async () => {
    const statements = await readOf((stack) => Secret.fromArn(stack, 'mail', FOREIGN, { keyArn: KEY }));
    expect(statements.at(-1)).toEqual({
      Effect: 'Allow',
      Action: ['kms:Decrypt'],
      Resource: KEY,
      Condition: {
        StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' },
        StringLike: { 'kms:EncryptionContext:SecretARN': FOREIGN },
      },
    });
  });

  it('refuses a secret of another account without the key that both may use', () => {
    expect(refusedLines(() => byArn(FOREIGN))).toEqual([
      "prod-myapp-aws/mail: keyArn is left out for a secret of account 444455556666, whose own key can't be used from 111122223333; name the customer managed key that the other account shares [SR-SECRET-FOREIGN-KEY]",
    ]);
  });

  it('refuses a secret of another region', () => {
    expect(refusedLines(() => byArn(ARN.replace('eu-central-1', 'us-east-1')))).toEqual([
      "prod-myapp-aws/mail: arn is in us-east-1, allowed is the stack's region eu-central-1; import the replica of the secret in that region, or replicate it there [SR-SECRET-REGION]",
    ]);
  });

  it.each(['shared/mail', ARN.slice(0, -7), ARN.replace('111122223333', '123456789')])(
    'refuses %s as an ARN',
    (arn) => {
      expect(refusedLines(() => byArn(arn))[0]).toMatch(
        /^prod-myapp-aws\/mail: arn is ".*", allowed is a secret's whole ARN .*\[SR-SECRET-ARN\]$/,
      );
    },
  );

  it('refuses an alias as the key, which no policy knows', () => {
    expect(refusedLines(() => byArn(ARN, { keyArn: 'alias/shared' }))).toEqual([
      'prod-myapp-aws/mail: keyArn is "alias/shared", allowed is the ARN of a key; write arn:aws:kms:<region>:<account>:key/<id>: policies know no aliases [SR-KEY-ARN]',
    ]);
  });

  it('hands out any field, or checks them where they are named', () => {
    expect(byArn().field('token').valueFrom).toBe(`${ARN}:token::`);
    expect(byArn().whole().valueFrom).toBe(ARN);
    expect(refusedLines(() => byArn(ARN, { fields: ['user'] }).field('token'))[0]).toContain('[SR-SECRET-FIELD]');
  });
});

describe('Secret.fromName', () => {
  it('names exactly six open characters in policies', async () => {
    expect(byName().arn).toBe(BY_NAME);
    const statements = await readOf((stack) => Secret.fromName(stack, 'mail', 'shared/mail'));
    expect(statements.map(({ Resource }) => Resource)).toEqual([BY_NAME, BY_NAME]);
  });

  it.each(['field', 'whole', 'grantRotate'] as const)('refuses %s, which needs the whole ARN', (method) => {
    const role = new ServiceRole(awsStack(), 'role', {
      name: 'r',
      service: 'lambda.amazonaws.com',
      description: 'Rotates',
    });
    const secret = byName();
    const use = {
      field: () => secret.field('user'),
      whole: () => secret.whole(),
      grantRotate: () => secret.grantRotate(role, 'arn:aws:lambda:eu-central-1:111122223333:function:x'),
    };
    expect(refusedLines(use[method])).toEqual([
      `prod-myapp-aws/mail: ${method} needs the whole ARN, and shared/mail is known by its name only; import it with Secret.fromArn [SR-SECRET-BY-NAME]`,
    ]);
  });

  it('refuses a name that AWS would not give', () => {
    expect(refusedLines(() => byName('shared mail'))[0]).toContain('[SR-NAME-ILLEGAL]');
  });
});
