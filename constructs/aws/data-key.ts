import type { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { EncryptionKey } from './encryption-key';
import { administeredByAccount, KEY_USE, usedThrough } from './key-policy';
import type { PolicyStatement } from './policy-document';

const CHILD = 'data-key';

/** Services that use the key on behalf of whoever calls them; RDS keeps its managed master secret under it too. */
const SERVICES = ['rds', 'secretsmanager', 'lambda', 'sns', 'sqs'] as const;

/** Properties of {@link DataKey}. */
export interface DataKeyProps {
  /**
   * Days between two rotations of the key material, 90 to 2560.
   *
   * @default 365
   */
  readonly rotationDays?: number;
}

/** The key of what an app keeps besides its secrets: databases, logs, topics, a function's settings. */
export class DataKey extends EncryptionKey {
  /** The key of a construct's stack, made at first use. */
  static of(construct: Construct): DataKey {
    const stack = AwsStack.of(construct);
    const present = stack.node.tryFindChild(CHILD);
    return present instanceof DataKey ? present : new DataKey(stack, CHILD);
  }

  /** Tells the compiler this key from the other one. */
  readonly purpose = 'data';

  /** @throws {InvalidProps} `SR-KEY-ROTATION`. */
  constructor(scope: Construct, id: string, props: DataKeyProps = {}) {
    const stack = AwsStack.of(scope);
    super(scope, id, {
      ...props,
      purpose: 'data',
      description: `Databases, logs and topics of ${stack.appName} in ${stack.environment.name}`,
      statements: [
        administeredByAccount(stack),
        usedThrough(stack, SERVICES),
        grantsForServices(stack),
        logsOfThisAccount(stack),
        EVENTS_TO_TOPICS,
      ],
    });
  }
}

/** RDS and Lambda keep a grant of their own, to read what they stored when nobody is calling. */
function grantsForServices(stack: AwsStack): PolicyStatement {
  return {
    Sid: 'ServicesKeepGrants',
    Effect: 'Allow',
    Principal: { AWS: stack.arn('iam', 'root', 'global') },
    Action: 'kms:CreateGrant',
    Resource: '*',
    Condition: {
      StringEquals: {
        'kms:CallerAccount': stack.accountId,
        'kms:ViaService': SERVICES.map((service) => stack.serviceHost(service)),
      },
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
    },
  };
}

/** @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html */
function logsOfThisAccount(stack: AwsStack): PolicyStatement {
  return {
    Sid: 'LogsOfThisAccount',
    Effect: 'Allow',
    Principal: { Service: stack.serviceHost('logs') },
    Action: KEY_USE,
    Resource: '*',
    Condition: { ArnLike: { 'kms:EncryptionContext:aws:logs:arn': stack.arn('logs', 'log-group:*') } },
  };
}

/**
 * Without a condition on account or rule: EventBridge sends neither to KMS, and the alarms would be lost without a word.
 * Whose rules may publish is said by the topic's own policy.
 *
 * @see https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
 */
const EVENTS_TO_TOPICS: PolicyStatement = {
  Sid: 'EventsToTopics',
  Effect: 'Allow',
  Principal: { Service: 'events.amazonaws.com' },
  Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
  Resource: '*',
};
