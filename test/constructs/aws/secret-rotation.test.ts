import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { EcsService } from '../../../constructs/aws/ecs-service';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import type { RotationProps } from '../../../constructs/aws/secret-rotation';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import {
  awsProduction,
  awsRefusals,
  awsStackJson,
  databaseSecret,
  MYAPP,
  orderedAfter,
  resourceOf,
} from '../../support/aws-stacks';

const MONTHLY: RotationProps = { schedule: RotationSchedule.everyDays(30), rotateImmediately: true };

const rotated =
  (props: Partial<RotationProps> = {}) =>
  (stack: AwsStack) => {
    databaseSecret(stack).addRotation({ ...MONTHLY, ...props });
  };

/** A role of a database that somebody else looks after. */
const foreign = (stack: AwsStack) =>
  new DatabaseSecret(stack, 'ledger', {
    name: 'myapp/ledger',
    owner: 'payments',
    username: 'myapp',
    value: Value.external({ since: '2026-11-01' }),
    database: PostgresDatabase.existing({ host: 'ledger.example.com', name: 'ledger' }),
  });

describe('a rotation', () => {
  it('runs by the schedule, and says in either case whether it runs at once', async () => {
    const json = await awsStackJson(rotated());
    expect(resourceOf(json, 'aws_secretsmanager_secret_rotation')).toMatchObject({
      rotate_immediately: true,
      rotation_rules: { automatically_after_days: 30 },
      rotation_lambda_arn: expect.stringMatching(/^\$\{aws_lambda_function\..+\.arn\}$/),
      secret_id: expect.stringMatching(/^\$\{aws_secretsmanager_secret\..+\.arn\}$/),
    });
    const later = await awsStackJson((stack) => {
      foreign(stack).addRotation({ ...MONTHLY, rotateImmediately: false });
    });
    expect(resourceOf(later, 'aws_secretsmanager_secret_rotation')).toMatchObject({ rotate_immediately: false });
  });

  it('waits for all that the first run needs, and for the alarms that would tell of its failure', async () => {
    const rotation = resourceOf(await awsStackJson(rotated()), 'aws_secretsmanager_secret_rotation');
    expect(orderedAfter(rotation)).toEqual(
      expect.arrayContaining([
        'aws_secretsmanager_secret_version.myapp-database_seed_version',
        'aws_lambda_permission.myapp-database_rotation_function_permission',
        'aws_iam_role_policy.myapp-database_rotation_function_role_policy',
        'aws_vpc_endpoint.network_endpoint-secretsmanager',
        'aws_vpc_security_group_egress_rule.myapp-database_rotation_function_network_database-out',
        'aws_vpc_security_group_ingress_rule.myapp-database_rotation_function_network_database-in',
        'aws_db_instance.myapp-database-db_instance',
        'aws_cloudwatch_event_target.rotation-alarms_rule-1_target',
        'aws_sns_topic_policy.rotation-alarms_policy',
      ]),
    );
  });

  it('takes a schedule with a window', async () => {
    const schedule = RotationSchedule.cron({ hour: 3, dayOfWeek: 'SUN' }, { windowHours: 2 });
    const json = await awsStackJson(rotated({ schedule }));
    expect(resourceOf(json, 'aws_secretsmanager_secret_rotation')['rotation_rules']).toEqual({
      schedule_expression: 'cron(0 3 ? * SUN *)',
      duration: '2h',
    });
  });

  it('explains what its function may do', async () => {
    let explained = '';
    await awsStackJson((stack) => {
      explained = databaseSecret(stack).addRotation(MONTHLY).grant.explain();
    });
    expect(explained).toContain('prod-myapp-database-rotation may secretsmanager:DescribeSecret');
    expect(explained).toContain('logs in as superuser where the role is missing or its password is lost');
    expect(explained).toContain('what an interface will be called is not known before it is made');
  });

  it('fixes the seed: raising its version is refused', async () => {
    const lines = await awsRefusals((stack) => {
      const database = new PostgresDatabase(stack, 'database', { name: 'myapp' });
      const value = Value.generated({ since: '2026-11-01', version: 2 });
      new DatabaseSecret(stack, 'secret', {
        name: 'x',
        owner: 'payments',
        username: 'myapp',
        value,
        database,
      }).addRotation(MONTHLY);
    });
    expect(lines).toEqual([
      expect.stringMatching(/^prod-myapp-aws\/secret\/rotation: value\.version is 2, .* \[SR-ROTATION-RESEED\]$/),
    ]);
  });

  it('is declared once', async () => {
    const lines = await awsRefusals((stack) => {
      const secret = databaseSecret(stack);
      secret.addRotation(MONTHLY);
      secret.addRotation(MONTHLY);
    });
    expect(lines).toEqual([
      'prod-myapp-aws/myapp-database/second-rotation: rotation is declared a second time, allowed is one rotation of a secret; remove one of the two [SR-ROTATION-TWICE]',
    ]);
  });

  it('is declared before a consumer takes the secret', async () => {
    const lines = await awsRefusals((stack) => {
      const secret = databaseSecret(stack);
      new EcsService(stack, 'service', {
        workload: MYAPP,
        image: 'myapp:1.4.2',
        secrets: { DB_PASSWORD: secret.field('password') },
      });
      secret.addRotation(MONTHLY);
    });
    expect(lines).toEqual([
      expect.stringMatching(
        /^prod-myapp-aws\/myapp-database\/rotation: rotation is declared after .* \[SR-ROTATION-LATE\]$/,
      ),
    ]);
  });

  it('reports every problem of its properties together, with its path', async () => {
    const lines = await awsRefusals(
      rotated({
        schedule: RotationSchedule.everyDays(31),
        strategy: 'alternating' as 'single-user',
        rotateImmediately: undefined as unknown as boolean,
      }),
      awsProduction({ trail: false }),
    );
    expect(lines).toEqual([
      'prod-myapp-aws/myapp-database/rotation: schedule leaves 31 days between two values, allowed for a database-credential are 30; rotate at least every 30 days, or choose the type that fits [SR-SCHEDULE-TOO-RARE]',
      'prod-myapp-aws/myapp-database/rotation: strategy is "alternating", allowed for PostgreSQL are "single-user" and "alternating-users"; leave it out for "single-user" [SR-ROTATION-STRATEGY]',
      'prod-myapp-aws/myapp-database/rotation: rotateImmediately is undefined, allowed are true and false; decide it: true when the first rotation makes the user, false when readers are not ready for a new value [SR-ROTATION-IMMEDIATELY]',
      expect.stringMatching(
        /^prod-myapp-aws\/myapp-database\/rotation: rotation needs a CloudTrail trail .* \[SR-AWS-NO-TRAIL\]$/,
      ),
    ]);
  });

  it('of a database made here starts at once, since nobody else makes the role', async () => {
    expect(await awsRefusals(rotated({ rotateImmediately: false }))).toEqual([
      'prod-myapp-aws/myapp-database/rotation: rotateImmediately is false, but the database is made in this stack and the role myapp does not exist in it yet; write true: the first rotation makes the role [SR-ROTATION-FIRST]',
    ]);
  });

  it('of an existing database without a superuser starts from the password that was put in', async () => {
    const json = await awsStackJson((stack) => {
      foreign(stack).addRotation(MONTHLY);
    });
    expect(resourceOf(json, 'aws_lambda_function')['environment']).toMatchObject({
      variables: { STRONGROOM_HOST: 'ledger.example.com', STRONGROOM_PORT: '5432', STRONGROOM_DATABASE: 'ledger' },
    });
    expect(JSON.stringify(resourceOf(json, 'aws_lambda_function'))).not.toContain('STRONGROOM_SUPERUSER_SECRET');
  });

  it('of a database whose security group is somebody else’s may go out on its port alone', async () => {
    const json = await awsStackJson((stack) => {
      foreign(stack).addRotation(MONTHLY);
    });
    expect(resourceOf(json, 'aws_vpc_security_group_egress_rule', 'database-out')).toMatchObject({
      cidr_ipv4: '0.0.0.0/0',
      from_port: 5432,
      to_port: 5432,
      ip_protocol: 'tcp',
    });
  });
});
