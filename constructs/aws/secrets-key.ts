import type { Construct } from 'constructs';
import { AwsStack } from './aws-stack';
import { EncryptionKey } from './encryption-key';
import { administeredByAccount, usedThrough } from './key-policy';

const CHILD = 'secrets-key';

/** Properties of {@link SecretsKey}. */
export interface SecretsKeyProps {
  /**
   * Days between two rotations of the key material, 90 to 2560.
   *
   * @default 365
   */
  readonly rotationDays?: number;
}

/**
 * The key of an app's secrets: usable through Secrets Manager alone.
 *
 * A database or a log group on this key would fail at AWS, so those take a {@link DataKey}, and the two are different
 * types to the compiler.
 */
export class SecretsKey extends EncryptionKey {
  /** The key of a construct's stack, made at first use. */
  static of(construct: Construct): SecretsKey {
    const stack = AwsStack.of(construct);
    const present = stack.node.tryFindChild(CHILD);
    return present instanceof SecretsKey ? present : new SecretsKey(stack, CHILD);
  }

  /** Tells the compiler this key from the other one. */
  readonly purpose = 'secrets';

  /** @throws {InvalidProps} `SR-KEY-ROTATION`. */
  constructor(scope: Construct, id: string, props: SecretsKeyProps = {}) {
    const stack = AwsStack.of(scope);
    super(scope, id, {
      ...props,
      purpose: 'secrets',
      description: `Secrets of ${stack.appName} in ${stack.environment.name}, through Secrets Manager alone`,
      statements: [administeredByAccount(stack), usedThrough(stack, ['secretsmanager'])],
    });
  }
}
