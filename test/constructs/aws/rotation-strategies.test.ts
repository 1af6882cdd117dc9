import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { EcsService } from '../../../constructs/aws/ecs-service';
import { MariadbDatabase } from '../../../constructs/aws/mariadb-database';
import { MysqlDatabase } from '../../../constructs/aws/mysql-database';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { RotationFunction } from '../../../constructs/aws/rotation-function';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { awsRefusals, awsStackJson, MYAPP, resourceOf, resourcesOf, statementsIn } from '../../support/aws-stacks';

const MONTHLY = { schedule: RotationSchedule.everyDays(30) };

function secretIn(stack: AwsStack, database: DatabaseSecret['database'], username = 'myapp'): DatabaseSecret {
  const value = Value.generated({ since: '2026-11-01' });
  return new DatabaseSecret(stack, username, { name: username, owner: 'payments', database, username, value });
}

describe.each([
  ['MySQL', MysqlDatabase],
  ['MariaDB', MariadbDatabase],
] as const)('a new database of %s', (_, Database) => {
  const rotated = (rotateImmediately: boolean) => (stack: AwsStack) => {
    const database = new Database(stack, 'database', { name: 'myapp' });
    secretIn(stack, database).addRotation({ ...MONTHLY, rotateImmediately });
  };

  it('is rotated at once, because the first rotation makes the user, and nobody has to run SQL', async () => {
    const json = await awsStackJson(rotated(true));
    expect(resourceOf(json, 'aws_secretsmanager_secret_rotation')).toMatchObject({ rotate_immediately: true });
    expect(JSON.stringify(json['output'] ?? {})).not.toMatch(/next_steps|CREATE USER/);
  });

  it('is refused a mere test, which would find no user', async () => {
    expect(await awsRefusals(rotated(false))).toEqual([
      'prod-myapp-aws/myapp/rotation: rotateImmediately is false, but the database is made in this stack and the user myapp does not exist in it yet; write true: the first rotation makes the user [SR-ROTATION-FIRST]',
    ]);
  });
});

describe('a function that several secrets share', () => {
  const shared =
    (declare: (stack: AwsStack, secrets: [DatabaseSecret, DatabaseSecret]) => void) => (stack: AwsStack) => {
      const database = new PostgresDatabase(stack, 'database', { name: 'myapp' });
      declare(stack, [secretIn(stack, database), secretIn(stack, database, 'reports')]);
    };
  const both = shared((stack, secrets) => {
    const rotator = new RotationFunction(stack, 'rotator', { secrets });
    for (const one of secrets) one.addRotation({ ...MONTHLY, rotateImmediately: true, function: rotator });
  });

  it('is one, which lists both and is called for both', async () => {
    const json = await awsStackJson(both);
    const lambda = resourceOf(json, 'aws_lambda_function');
    const { variables } = lambda['environment'] as { variables: Record<string, string> };
    expect(JSON.parse(String(variables['STRONGROOM_SECRETS']))).toHaveLength(2);
    expect(Object.keys(resourcesOf(json, 'aws_lambda_permission'))).toHaveLength(2);
    expect(Object.keys(resourcesOf(json, 'aws_secretsmanager_secret_rotation'))).toHaveLength(2);
  });

  it('may rotate each of them while the secret names this function', async () => {
    const statements = statementsIn(resourceOf(await awsStackJson(both), 'aws_iam_role_policy', 'rotator_role_policy'));
    const rotating = statements.filter(({ Action }) => Action.includes('secretsmanager:PutSecretValue'));
    expect(new Set(rotating.map(({ Resource }) => Resource)).size).toBe(2);
    expect(rotating.every(({ Condition }) => Condition !== undefined)).toBe(true);
  });

  it('rotates no secret that is not on its list', async () => {
    const lines = await awsRefusals(
      shared((stack, [one, other]) => {
        const rotator = new RotationFunction(stack, 'rotator', { secrets: [one] });
        other.addRotation({ ...MONTHLY, rotateImmediately: true, function: rotator });
      }),
    );
    expect(lines).toEqual([
      'prod-myapp-aws/reports/rotation: function may rotate prod/myapp, and prod/reports is not among them; add the secret to the secrets of the function [SR-ROTATION-SHARED]',
    ]);
  });

  it('is told whose password each of them is', async () => {
    const { variables } = resourceOf(await awsStackJson(both), 'aws_lambda_function')['environment'] as {
      variables: Record<string, string>;
    };
    const users = Object.entries(JSON.parse(String(variables['STRONGROOM_USERNAME'])) as Record<string, string>);
    expect(users.map(([, username]) => username)).toEqual(['myapp', 'reports']);
    expect(users.map(([arn]) => arn)).toEqual(JSON.parse(String(variables['STRONGROOM_SECRETS'])));
  });

  it('is for one database alone', async () => {
    const lines = await awsRefusals((stack) => {
      const one = secretIn(stack, new MysqlDatabase(stack, 'database', { name: 'myapp' }));
      const other = secretIn(stack, new MysqlDatabase(stack, 'other', { name: 'myapp' }), 'reports');
      new RotationFunction(stack, 'rotator', { secrets: [one, other] });
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^prod-myapp-aws\/rotator: secrets are prod\/myapp, prod\/reports, .* \[SR-ROTATION-SHARED\]$/,
      ),
    ]);
  });
});

describe('a service with two users in turn', () => {
  const service =
    (fields: readonly ('username' | 'password')[], strategy: 'single-user' | 'alternating-users') =>
    (stack: AwsStack) => {
      const secret = secretIn(stack, new PostgresDatabase(stack, 'database', { name: 'myapp' }));
      secret.addRotation({ ...MONTHLY, rotateImmediately: true, strategy });
      const secrets = Object.fromEntries(fields.map((field) => [`DB_${field.toUpperCase()}`, secret.field(field)]));
      new EcsService(stack, 'service', { workload: MYAPP, image: 'myapp:1.4.2', secrets, onRotation: 'redeploy' });
    };

  it('takes the name with the password', async () => {
    expect(await awsRefusals(service(['password'], 'alternating-users'))).toEqual([
      "prod-myapp-aws/service: secrets take the password of prod/myapp without its username, which alternates with every rotation; take field('username') of the same secret too [SR-ECS-ALTERNATING]",
    ]);
    await expect(awsStackJson(service(['username', 'password'], 'alternating-users'))).resolves.toBeDefined();
  });

  it('may know the name by itself where one user stays', async () => {
    await expect(awsStackJson(service(['password'], 'single-user'))).resolves.toBeDefined();
  });
});
