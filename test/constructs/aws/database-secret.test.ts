import { Testing } from 'cdktf';
import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { DatabaseSecret, type DatabaseSecretProps } from '../../../constructs/aws/database-secret';
import { type IPostgresDatabase, PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { Secret } from '../../../constructs/aws/secret';
import { Value } from '../../../constructs/core/value';
import { awsStack, PROD, refusedLines, synthesized } from '../../support/aws-environment';

const EXISTING = PostgresDatabase.existing({ host: 'db.example.com', name: 'orders' });
const SUPERUSER_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:superuser-AbCdEf';

const props = (database: IPostgresDatabase): DatabaseSecretProps => ({
  name: 'myapp/database',
  owner: 'payments',
  database,
  username: 'myapp',
  value: Value.generated({ since: '2026-11-01' }),
});
const own = (stack: AwsStack) => new PostgresDatabase(stack, 'database', { name: 'myapp' });
const external = { value: Value.external({ since: '2026-11-01' }) };

describe('DatabaseSecret', () => {
  it('is seeded with all that a client of an own database needs, the password as a reference', async () => {
    const { one } = await synthesized((stack) => {
      const database = own(stack);
      new DatabaseSecret(stack, 'credentials', props(database)).rotatedBy(database.ready[0] as never);
    });
    expect(one('aws_secretsmanager_secret_version')['secret_string_wo']).toMatch(
      /^\$\{jsonencode\(\{"engine" = "postgres", "host" = aws_db_instance\.[^.]+\.address, "port" = 5432, "dbname" = "myapp", "username" = "myapp", "password" = ephemeral\.random_password\.[^.]+\.result\}\)\}$/,
    );
  });

  it('is a database credential, for 30 days at most', async () => {
    const { one } = await synthesized(
      (stack) => void new DatabaseSecret(stack, 'credentials', { ...props(EXISTING), ...external }),
    );
    expect(one('aws_secretsmanager_secret')['tags']).toMatchObject({
      SecretType: 'database-credential',
      RotateBy: '2026-12-01',
    });
  });

  it('hands out the fields of its JSON and no other', () => {
    const secret = new DatabaseSecret(awsStack(), 'credentials', { ...props(EXISTING), ...external });
    expect(secret.field('host').valueFrom).toBe(`${secret.arn}:host::`);
    expect(refusedLines(() => secret.field('user'))[0]).toContain(
      'field is "user", allowed are engine, host, port, dbname, username, password',
    );
  });

  it('is not generated for an existing database whose superuser nobody knows', () => {
    expect(refusedLines(() => new DatabaseSecret(awsStack(), 'credentials', props(EXISTING)))).toEqual([
      'prod-myapp-aws/credentials: value is generated for an existing database without a superuser, which would never learn that password; name the superuser secret, or make the value external and declare the rotation in a later deploy, after it was put in [SR-DATABASE-SEED]',
    ]);
  });

  it('is generated for an existing database whose superuser can make the role', () => {
    const stack = awsStack();
    const superuser = Secret.fromArn(stack, 'superuser', SUPERUSER_ARN);
    const database = PostgresDatabase.existing({ host: 'db.example.com', name: 'orders', superuser });
    expect(new DatabaseSecret(stack, 'credentials', props(database)).seeded).toHaveLength(1);
  });

  it('has no value of Terraform where the present password is put in by hand', async () => {
    const { all, json } = await synthesized(
      (stack) => void new DatabaseSecret(stack, 'credentials', { ...props(EXISTING), ...external }),
    );
    expect(all('aws_secretsmanager_secret_version')).toEqual({});
    expect(json['output']?.['next_steps_1']).toMatchObject({
      description: expect.stringContaining('a JSON object with engine, host, port, dbname, username, password'),
    });
  });

  it.each([
    'postgres',
    'rds_superuser',
    'rdsadmin',
    'pg_monitor',
    'strongroom_master',
    'My-App',
    '1st',
    'a'.repeat(64),
  ])('refuses the role %s', (username) => {
    const make = () => new DatabaseSecret(awsStack(), 'credentials', { ...props(EXISTING), ...external, username });
    expect(refusedLines(make)[0]).toMatch(
      new RegExp(
        `^prod-myapp-aws/credentials: username is "${username}", allowed are up to 63 .*\\[SR-DATABASE-USER\\]$`,
      ),
    );
  });

  it('reports its own problems together with those of every secret', () => {
    const make = () =>
      new DatabaseSecret(awsStack(), 'credentials', { ...props(EXISTING), owner: '', username: 'postgres' });
    expect(refusedLines(make).map((line) => line.slice(line.lastIndexOf('[')))).toEqual([
      '[SR-SECRET-OWNER]',
      '[SR-DATABASE-USER]',
      '[SR-DATABASE-SEED]',
    ]);
  });

  it('refuses two secrets of one role, which would rotate each other away, even across environments', () => {
    const app = Testing.app();
    const there = { ...props(EXISTING), ...external };
    new DatabaseSecret(awsStack({ ...PROD, name: 'dev' }, app), 'credentials', there);
    expect(refusedLines(() => new DatabaseSecret(awsStack(PROD, app), 'credentials', there))).toEqual([
      'prod-myapp-aws/credentials: username gives the role of PostgreSQL name "myapp", which dev-myapp-aws/credentials has already in server db.example.com; give one of the two another name [SR-NAME-TAKEN]',
    ]);
  });

  it('takes the same role on another server', () => {
    const stack = awsStack();
    const other = PostgresDatabase.existing({ host: 'db2.example.com', name: 'orders' });
    new DatabaseSecret(stack, 'first', { ...props(EXISTING), ...external });
    const second = () => new DatabaseSecret(stack, 'second', { ...props(other), ...external, name: 'myapp/second' });
    expect(second).not.toThrow();
  });
});
