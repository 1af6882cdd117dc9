import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { FAILED_OUTCOMES, rotationEventPattern } from './rotation-events';

/** Characters of one event pattern. @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html */
const LONGEST_PATTERN = 2048;

/** What a secret's ARN has around its name: the longest region, and the six characters that AWS appends. */
const AROUND_NAME = 'arn:aws-us-gov:secretsmanager:ap-southeast-1:111122223333:secret:-AbCdEf'.length;

/** A secret whose rotation is watched. */
export interface WatchedSecret {
  readonly arn: string;
  /** Its name, or another text of its length: the ARN itself is only known to Terraform. */
  readonly name: string;
}

const CHILD = 'rotation-alarms';

/**
 * Failed and abandoned rotations of a stack's secrets, as messages of one encrypted topic.
 *
 * Made once per stack, by the first secret that rotates. Subscribe to {@link topicArn} what wakes somebody up.
 */
export class RotationAlarms extends Construct {
  /** The alarms of a construct's stack, made at first use. */
  static of(construct: Construct): RotationAlarms {
    const stack = AwsStack.of(construct);
    const present = stack.node.tryFindChild(CHILD);
    return present instanceof RotationAlarms ? present : new RotationAlarms(stack, CHILD);
  }

  /** ARN of the topic that every message goes to. */
  readonly topicArn: string;
  private readonly topic: SnsTopic;
  private readonly policy: SnsTopicPolicy;
  private readonly groups: WatchedGroup[] = [];

  private constructor(
    private readonly stack: AwsStack,
    id: string,
  ) {
    super(stack, id);
    this.topic = new SnsTopic(this, 'topic', {
      name: this.physicalName('rotation-failed'),
      kmsMasterKeyId: stack.dataKey.arn,
    });
    this.topicArn = this.topic.arn;
    this.policy = new SnsTopicPolicy(this, 'policy', { arn: this.topic.arn, policy: this.whoMayPublish() });
  }

  /** Sends every message to an address too; AWS asks its owner to confirm first. */
  sendTo(email: string): void {
    new SnsTopicSubscription(this, `to-${email}`, { topicArn: this.topic.arn, protocol: 'email', endpoint: email });
  }

  /** Watches a secret; its rotation is ordered after what this returns, so that not even the first failure is missed. */
  watch(secret: WatchedSecret): readonly ITerraformDependable[] {
    const open = this.groups.at(-1);
    const group = open?.hasRoomFor(secret) ? open : this.openGroup();
    group.add(secret);
    return [group.target, this.policy];
  }

  private openGroup(): WatchedGroup {
    const group = new WatchedGroup(this, this.groups.length, this.topic, this.policy);
    this.groups.push(group);
    this.policy.policy = this.whoMayPublish();
    return group;
  }

  // EventBridge publishes for every account: only this account's own rules may.
  private whoMayPublish(): string {
    const { accountId } = this.stack;
    return JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'RotationRules',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: this.topic.arn,
          Condition: {
            StringEquals: { 'aws:SourceAccount': accountId },
            ArnEquals: { 'aws:SourceArn': this.groups.map((group) => group.ruleArn) },
          },
        },
      ],
    });
  }
}

/** As many secrets as one event pattern holds, with the rule that watches them. */
class WatchedGroup extends Construct {
  readonly target: CloudwatchEventTarget;
  readonly ruleArn: string;
  private readonly rule: CloudwatchEventRule;
  private readonly secretArns: string[] = [];
  private length = rotationEventPattern(FAILED_OUTCOMES, []).length;

  constructor(scope: Construct, n: number, name: string, topic: SnsTopic, policy: SnsTopicPolicy) {
    super(scope, `secrets-${n}`);
    this.rule = new CloudwatchEventRule(this, 'rule', {
      name,
      description: 'Rotations that failed or were abandoned',
      eventPattern: rotationEventPattern(FAILED_OUTCOMES, []),
    });
    this.ruleArn = this.rule.arn;
    this.target = new CloudwatchEventTarget(this, 'target', {
      rule: this.rule.name,
      targetId: 'topic',
      arn: topic.arn,
      dependsOn: [policy],
    });
  }

  hasRoomFor(secret: WatchedSecret): boolean {
    return this.length + lengthInPattern(secret) <= LONGEST_PATTERN;
  }

  add(secret: WatchedSecret): void {
    this.secretArns.push(secret.arn);
    this.length += lengthInPattern(secret);
    this.rule.eventPattern = rotationEventPattern(FAILED_OUTCOMES, this.secretArns);
  }
}

/** Quotes and a comma around the ARN. */
function lengthInPattern({ name }: WatchedSecret): number {
  return AROUND_NAME + name.length + 3;
}
