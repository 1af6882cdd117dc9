import { CloudwatchEventRule } from '@cdktf/provider-aws/lib/cloudwatch-event-rule';
import { CloudwatchEventTarget } from '@cdktf/provider-aws/lib/cloudwatch-event-target';
import { SnsTopic } from '@cdktf/provider-aws/lib/sns-topic';
import { SnsTopicPolicy } from '@cdktf/provider-aws/lib/sns-topic-policy';
import { SnsTopicSubscription } from '@cdktf/provider-aws/lib/sns-topic-subscription';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { DataKey } from './data-key';
import { policyDocument } from './policy-document';
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

/** The end of the topic's name and the rules'. */
const NAME = 'rotation-failed';

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
      name: stack.takeName(this, 'topic', stack.resourceName(NAME)),
      kmsMasterKeyId: DataKey.of(this).arn,
    });
    this.topicArn = this.topic.arn;
    this.policy = new SnsTopicPolicy(this, 'policy', { arn: this.topic.arn, policy: this.whoMayPublish() });
    if (stack.aws.alarmEmail !== undefined) this.sendTo(stack.aws.alarmEmail);
  }

  /** Sends every message to an address too; AWS asks its owner to confirm first. */
  sendTo(email: string): void {
    new SnsTopicSubscription(this, `to-${email}`, { topicArn: this.topic.arn, protocol: 'email', endpoint: email });
  }

  /** Watches a secret; its rotation is ordered after what this returns, so that no failure is missed. */
  watch(secret: WatchedSecret): readonly ITerraformDependable[] {
    const open = this.groups.at(-1);
    const group = open?.hasRoomFor(secret) ? open : this.openGroup();
    group.add(secret);
    return [group.target, this.policy];
  }

  private openGroup(): WatchedGroup {
    const n = this.groups.length + 1;
    const group = new WatchedGroup(this, `rule-${n}`, {
      name: this.stack.takeName(this, 'eventRule', this.stack.resourceName(n === 1 ? NAME : `${NAME}-${n}`)),
      topic: this.topic,
      policy: this.policy,
    });
    this.groups.push(group);
    this.policy.policy = this.whoMayPublish();
    return group;
  }

  /**
   * Only this account's own rules may publish, as far as EventBridge says who it publishes for: its guide knows of no
   * condition in a topic's policy, and one that it never meets would lose every alarm without a word.
   *
   * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
   */
  private whoMayPublish(): string {
    return policyDocument([
      {
        Sid: 'RulesOfThisStack',
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: this.topic.arn,
        Condition: {
          StringEqualsIfExists: { 'aws:SourceAccount': this.stack.accountId },
          ArnEqualsIfExists: { 'aws:SourceArn': this.groups.map((group) => group.ruleArn) },
        },
      },
    ]);
  }
}

interface WatchedGroupProps {
  readonly name: string;
  readonly topic: SnsTopic;
  readonly policy: SnsTopicPolicy;
}

/** As many secrets as one event pattern holds, with the rule that watches them. */
class WatchedGroup extends Construct {
  readonly target: CloudwatchEventTarget;
  readonly ruleArn: string;
  private readonly rule: CloudwatchEventRule;
  private readonly secretArns: string[] = [];
  private length = rotationEventPattern(FAILED_OUTCOMES, []).length;

  constructor(scope: Construct, id: string, { name, topic, policy }: WatchedGroupProps) {
    super(scope, id);
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
