import { describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { ManagedRotation } from '../../../constructs/aws/managed-rotation';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { RotationAlarms } from '../../../constructs/aws/rotation-alarms';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import {
  awsProduction,
  awsRefusals,
  awsStackJson,
  databaseSecret,
  orderedAfter,
  resourceOf,
  resourcesOf,
  statementsIn,
} from '../../support/aws-stacks';

const rotated = (stack: AwsStack) => {
  databaseSecret(stack).addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true });
};

const watching = (count: number) => (stack: AwsStack) => {
  for (let n = 0; n < count; n++) {
    const name = `prod/myapp/secret-number-${n}`;
    RotationAlarms.of(stack).watch({ name, arn: stack.arn('secretsmanager', `secret:${name}-AbCdEf`) });
  }
};

describe('the rotation alarms of a stack', () => {
  it('watch failed, abandoned and untested rotations of exactly its secrets', async () => {
    const rule = resourceOf(await awsStackJson(rotated), 'aws_cloudwatch_event_rule');
    expect(rule['name']).toBe('prod-myapp-rotation-failed');
    expect(JSON.parse(String(rule['event_pattern']))).toEqual({
      source: ['aws.secretsmanager'],
      'detail-type': ['AWS Service Event via CloudTrail'],
      detail: {
        eventSource: ['secretsmanager.amazonaws.com'],
        eventName: ['RotationFailed', 'RotationAbandoned', 'TestRotationFailed'],
        additionalEventData: { SecretId: [expect.stringMatching(/^\$\{aws_secretsmanager_secret\.[^}]+\.arn\}$/)] },
      },
    });
  });

  it('are messages of one topic on the data key', async () => {
    expect(resourceOf(await awsStackJson(rotated), 'aws_sns_topic')).toMatchObject({
      name: 'prod-myapp-rotation-failed',
      kms_master_key_id: expect.stringMatching(/^\$\{aws_kms_key\.data-key_/),
    });
  });

  it('let only the rules of this stack and account publish, where EventBridge says for whom it does', async () => {
    const statements = statementsIn(resourceOf(await awsStackJson(rotated), 'aws_sns_topic_policy'));
    expect(statements).toEqual([
      {
        Sid: 'RulesOfThisStack',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: expect.stringMatching(/^\$\{aws_sns_topic\./),
        Condition: {
          StringEqualsIfExists: { 'aws:SourceAccount': '111122223333' },
          ArnEqualsIfExists: {
            'aws:SourceArn': [expect.stringMatching(/^\$\{aws_cloudwatch_event_rule\.[^}]+\.arn\}$/)],
          },
        },
      },
    ]);
  });

  it('have a target that waits until the topic lets it in', async () => {
    const target = resourceOf(await awsStackJson(rotated), 'aws_cloudwatch_event_target');
    expect(target['arn']).toMatch(/^\$\{aws_sns_topic\./);
    expect(orderedAfter(target)).toEqual(['aws_sns_topic_policy.rotation-alarms_policy']);
  });

  it('open a further rule when a pattern is full, and let it publish too', async () => {
    const json = await awsStackJson(watching(40));
    const rules = Object.values(resourcesOf(json, 'aws_cloudwatch_event_rule'));
    const patterns = rules.map((rule) => String(rule['event_pattern']));
    expect(rules.length).toBeGreaterThan(1);
    expect(patterns.every((pattern) => pattern.length <= 2048)).toBe(true);
    const watched = patterns.flatMap((pattern) => JSON.parse(pattern).detail.additionalEventData.SecretId as string[]);
    expect(new Set(watched).size).toBe(40);
    const [statement] = statementsIn(resourceOf(json, 'aws_sns_topic_policy'));
    expect(statement?.Condition?.['ArnEqualsIfExists']?.['aws:SourceArn']).toHaveLength(rules.length);
    expect(Object.keys(resourcesOf(json, 'aws_cloudwatch_event_target'))).toHaveLength(rules.length);
  });

  it('go to nobody unless the environment or the stack says to whom', async () => {
    expect(resourcesOf(await awsStackJson(rotated), 'aws_sns_topic_subscription')).toEqual({});
    const json = await awsStackJson(
      (stack) => {
        rotated(stack);
        RotationAlarms.of(stack).sendTo('payments@example.com');
      },
      awsProduction({ alarmEmail: 'oncall@example.com' }),
    );
    const addresses = Object.values(resourcesOf(json, 'aws_sns_topic_subscription'));
    expect(addresses.map(({ protocol, endpoint }) => [protocol, endpoint])).toEqual([
      ['email', 'oncall@example.com'],
      ['email', 'payments@example.com'],
    ]);
  });
});

describe('a managed rotation', () => {
  const managed = (schedule: RotationSchedule) => (stack: AwsStack) => {
    const database = new PostgresDatabase(stack, 'database', { name: 'myapp' });
    new ManagedRotation(stack, 'master-rotation', {
      secret: { arn: database.superuser.arn, name: 'master of the database' },
      schedule,
      rotateImmediately: false,
    });
  };

  it('is a schedule without a Lambda, with the same alarms', async () => {
    const json = await awsStackJson(managed(RotationSchedule.rate(3, 'days')));
    const rotation = resourceOf(json, 'aws_secretsmanager_secret_rotation');
    expect(rotation).toMatchObject({
      secret_id: expect.stringMatching(/master_user_secret\[0\]\.secret_arn\}$/),
      rotate_immediately: false,
      rotation_rules: { schedule_expression: 'rate(3 days)' },
    });
    expect(rotation).not.toHaveProperty('rotation_lambda_arn');
    expect(resourcesOf(json, 'aws_lambda_function')).toEqual({});
    expect(orderedAfter(rotation)).toContain('aws_cloudwatch_event_target.rotation-alarms_rule-1_target');
  });

  it('must not be rarer than a database credential allows', async () => {
    expect(await awsRefusals(managed(RotationSchedule.everyDays(60)))).toEqual([
      expect.stringMatching(/^prod-myapp-aws\/master-rotation: schedule leaves 60 days .* \[SR-SCHEDULE-TOO-RARE\]$/),
    ]);
  });
});
