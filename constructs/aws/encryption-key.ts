import { KmsAlias } from '@cdktf/provider-aws/lib/kms-alias';
import { KmsKey } from '@cdktf/provider-aws/lib/kms-key';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { AwsStack } from './aws-stack';
import { type PolicyStatement, policyDocument } from './policy-document';

/** Rotation periods that KMS accepts, in days. @see https://docs.aws.amazon.com/kms/latest/developerguide/rotate-keys.html */
const ROTATION_DAYS = { min: 90, max: 2560, default: 365 } as const;

/** Days between the order to delete a key and its end. @see https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html */
const DELETION_WINDOW_DAYS = 30;

/** Properties of {@link EncryptionKey}. */
export interface EncryptionKeyProps {
  /** What the key is for: the end of its alias. */
  readonly purpose: string;
  readonly description: string;
  readonly statements: readonly PolicyStatement[];
  /**
   * Days between two rotations of the key material.
   *
   * @default 365
   */
  readonly rotationDays?: number;
}

/** A KMS key with rotation, an alias and a policy of its own; the two keys of an app are made of it. */
export abstract class EncryptionKey extends Construct {
  readonly arn: string;
  readonly keyId: string;

  /** @throws {InvalidProps} `SR-KEY-ROTATION` when `rotationDays` is outside what KMS accepts. */
  protected constructor(scope: Construct, id: string, props: EncryptionKeyProps) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const rotationPeriodInDays = props.rotationDays ?? ROTATION_DAYS.default;
    refuse(this, [rotationWithinLimits(rotationPeriodInDays)]);
    const { app, part } = stack.stackName;
    const owner = part === undefined ? app : `${app}/${part}`;
    const alias = stack.takeName(this, 'alias', stack.pathName(`${owner}/${props.purpose}`), 'alias');

    const key = new KmsKey(this, 'key', {
      description: props.description,
      enableKeyRotation: true,
      rotationPeriodInDays,
      deletionWindowInDays: DELETION_WINDOW_DAYS,
      policy: policyDocument(props.statements),
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
    });
    new KmsAlias(this, 'alias', { name: `alias/${alias}`, targetKeyId: key.keyId });
    this.arn = key.arn;
    this.keyId = key.keyId;
  }
}

function rotationWithinLimits(days: number): Problem | undefined {
  if (Number.isInteger(days) && days >= ROTATION_DAYS.min && days <= ROTATION_DAYS.max) return undefined;
  return {
    code: 'SR-KEY-ROTATION',
    property: 'rotationDays',
    message: `is ${days}, KMS accepts whole days from ${ROTATION_DAYS.min} to ${ROTATION_DAYS.max}`,
    fix: 'leave it out for 365',
  };
}
