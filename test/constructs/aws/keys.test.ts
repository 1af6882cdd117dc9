import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Testing } from 'cdktf';
import { afterAll, describe, expect, it } from 'vitest';
import { DataKey } from '../../../constructs/aws/data-key';
import { SecretsKey } from '../../../constructs/aws/secrets-key';
import {
  awsStack,
  PROD,
  policyOf,
  prodWith,
  refusedLines,
  SANDBOX,
  statement,
  synthesized,
} from '../../support/aws-environment';

const ROOT_ARN = 'arn:aws:iam::111122223333:root';
const KEYS = [
  ['SecretsKey', SecretsKey, 'secrets'],
  ['DataKey', DataKey, 'data'],
] as const;

describe.each(KEYS)('%s', (_, Key, purpose) => {
  it('is one for a stack, made at first use', () => {
    const stack = awsStack();
    expect(Key.of(stack)).toBe(Key.of(stack));
  });

  it('rotates once a year, or as often as is said', async () => {
    const byDefault = await synthesized((stack) => void Key.of(stack));
    expect(byDefault.one('aws_kms_key')).toMatchObject({ enable_key_rotation: true, rotation_period_in_days: 365 });
    const quarterly = await synthesized((stack) => void new Key(stack, 'key', { rotationDays: 90 }));
    expect(quarterly.one('aws_kms_key')).toMatchObject({ rotation_period_in_days: 90 });
  });

  it.each([89, 2561, 100.5])('refuses a rotation every %d days', (rotationDays) => {
    expect(refusedLines(() => new Key(awsStack(), 'key', { rotationDays }))).toEqual([
      `prod-myapp-aws/key: rotationDays is ${rotationDays}, KMS accepts whole days from 90 to 2560; leave it out for 365 [SR-KEY-ROTATION]`,
    ]);
  });

  it('has an alias after environment, app, part and purpose', async () => {
    const { one } = await synthesized((stack) => void Key.of(stack));
    expect(one('aws_kms_alias')).toMatchObject({ name: `alias/prod/myapp/${purpose}` });
    const alone = await synthesized((stack) => void Key.of(stack), prodWith({ accountAlone: true }));
    expect(alone.one('aws_kms_alias')).toMatchObject({ name: `alias/myapp/${purpose}` });
    const app = Testing.app();
    Key.of(awsStack(PROD, app));
    expect(() => Key.of(awsStack(PROD, app, 'jobs'))).not.toThrow();
  });

  it('is not destroyed in production, and can be in a sandbox', async () => {
    const production = await synthesized((stack) => void Key.of(stack));
    expect(production.one('aws_kms_key')['lifecycle']).toEqual({ prevent_destroy: true });
    const sandbox = await synthesized((stack) => void Key.of(stack), SANDBOX);
    expect(sandbox.one('aws_kms_key')['lifecycle']).toEqual({ prevent_destroy: false });
  });

  it('leaves its policy in the hands of the account, so that nobody is locked out, without use', async () => {
    const { one } = await synthesized((stack) => void Key.of(stack));
    const administers = statement(one('aws_kms_key'), 'AccountAdministersThroughIam');
    expect(administers).toMatchObject({ Effect: 'Allow', Principal: { AWS: ROOT_ARN }, Resource: '*' });
    expect(administers['Condition']).toBeUndefined();
    const actions = administers['Action'] as readonly string[];
    expect(actions).toContain('kms:PutKeyPolicy');
    expect(actions.filter((action) => /crypt|DataKey|CreateGrant|\*/.test(action))).toEqual([]);
  });

  it('is used by nobody without a service between', async () => {
    const { one } = await synthesized((stack) => void Key.of(stack));
    const byAccount = policyOf(one('aws_kms_key')).Statement.filter(
      ({ Sid, Principal }) => Sid !== 'AccountAdministersThroughIam' && JSON.stringify(Principal).includes(ROOT_ARN),
    );
    expect(byAccount.length).toBeGreaterThan(0);
    for (const { Condition } of byAccount) {
      expect(Condition).toMatchObject({
        StringEquals: { 'kms:CallerAccount': '111122223333', 'kms:ViaService': expect.any(Array) },
      });
    }
  });
});

describe('SecretsKey', () => {
  it('is used through Secrets Manager alone', async () => {
    const { one } = await synthesized((stack) => void SecretsKey.of(stack));
    expect(policyOf(one('aws_kms_key')).Statement.map(({ Sid }) => Sid)).toEqual([
      'AccountAdministersThroughIam',
      'AccountUsesThroughServices',
    ]);
    expect(statement(one('aws_kms_key'), 'AccountUsesThroughServices')['Condition']).toEqual({
      StringEquals: {
        'kms:CallerAccount': '111122223333',
        'kms:ViaService': ['secretsmanager.eu-central-1.amazonaws.com'],
      },
    });
  });
});

describe('DataKey', () => {
  it('is used by CloudWatch Logs for log groups of the account alone', async () => {
    const { one } = await synthesized((stack) => void DataKey.of(stack));
    expect(statement(one('aws_kms_key'), 'LogsOfThisAccount')).toMatchObject({
      Principal: { Service: 'logs.eu-central-1.amazonaws.com' },
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': 'arn:aws:logs:eu-central-1:111122223333:log-group:*' },
      },
    });
  });

  it('lets EventBridge publish to topics, under no condition that EventBridge would never meet', async () => {
    const { one } = await synthesized((stack) => void DataKey.of(stack));
    const events = statement(one('aws_kms_key'), 'EventsToTopics');
    expect(events).toMatchObject({
      Principal: { Service: 'events.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
    });
    expect(events['Condition']).toBeUndefined();
  });

  it('lets services of AWS alone keep grants', async () => {
    const { one } = await synthesized((stack) => void DataKey.of(stack));
    expect(statement(one('aws_kms_key'), 'ServicesKeepGrants')).toMatchObject({
      Action: 'kms:CreateGrant',
      Condition: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    });
  });
});

describe('the two keys', () => {
  const root = join(__dirname, '..', '..', '..');
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-keys-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function compile(key: string): string {
    const aws = join(root, 'constructs', 'aws');
    writeFileSync(
      join(folder, `${key}.ts`),
      `import { AwsStack } from '${aws}/aws-stack';
import { DataKey } from '${aws}/data-key';
import { PostgresDatabase } from '${aws}/postgres-database';
import { SecretsKey } from '${aws}/secrets-key';
export const make = (stack: AwsStack) => new PostgresDatabase(stack, 'database', { name: 'x', key: ${key}.of(stack) });
export const keys = [DataKey, SecretsKey];
`,
    );
    const options = {
      extends: join(root, 'tsconfig.json'),
      compilerOptions: {
        noEmit: true,
        rootDir: '/',
        typeRoots: [join(root, 'node_modules', '@types')],
        types: ['node'],
      },
    };
    writeFileSync(join(folder, `${key}.json`), JSON.stringify({ ...options, include: [], files: [`${key}.ts`] }));
    const { stdout } = spawnSync(join(root, 'node_modules', '.bin', 'tsc'), ['-p', join(folder, `${key}.json`)], {
      encoding: 'utf8',
    });
    return stdout;
  }

  it('are different types: a database takes the one for data and not the one for secrets', () => {
    expect(compile('DataKey')).toBe('');
    expect(compile('SecretsKey')).toMatch(/error TS2322: .*'SecretsKey' is not assignable to type 'DataKey'/);
  });
});
