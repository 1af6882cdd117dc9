import type { ITerraformDependable } from 'cdktf';
import { Grant, type GrantStatement } from '../core/grant';
import type { AwsStack } from './aws-stack';
import type { IIdentity } from './identity';
import type { PolicyStatement } from './policy-document';

/** What a rotation function asks of Secrets Manager, where it doesn't say so itself. */
const ROTATION = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'] as const;

/** Options of `grantRead`. */
export interface ReadOptions {
  /**
   * The one staging label that may be read, such as `AWSCURRENT`.
   *
   * @default - every version
   */
  readonly stage?: string;
}

/** What access to a secret is made of. */
export interface SecretTarget {
  readonly name: string;
  readonly arn: string;
  /** The key's ARN. @default - the account's own key, whose policy needs no help */
  readonly keyArn?: string;
}

/** Emits the least that lets an identity do something with one secret, and says why. */
export class SecretAccess {
  constructor(
    private readonly stack: AwsStack,
    private readonly target: SecretTarget,
  ) {}

  read(identity: IIdentity, { stage }: ReadOptions): Grant {
    const condition =
      stage === undefined ? undefined : { 'ForAnyValue:StringEquals': { 'secretsmanager:VersionStage': stage } };
    return this.emit(identity, [
      this.onSecret(['secretsmanager:GetSecretValue'], 'reads the value', condition),
      this.onSecret(['secretsmanager:DescribeSecret'], 'sees when the value changed'),
      ...this.onKey(['kms:Decrypt'], 'decrypts the value, through Secrets Manager alone'),
    ]);
  }

  write(identity: IIdentity): Grant {
    return this.emit(identity, [
      this.onSecret(['secretsmanager:PutSecretValue'], 'puts a new value in'),
      this.onSecret(['secretsmanager:DescribeSecret'], 'sees which versions there are'),
      ...this.onKey(
        ['kms:Decrypt', 'kms:GenerateDataKey'],
        'encrypts the new value, through Secrets Manager alone; the service decrypts its data key for that',
      ),
    ]);
  }

  /** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html */
  rotate(identity: IIdentity, functionArn: string, operations: readonly string[] = ROTATION): Grant {
    const onlyItsFunction = { StringEquals: { 'secretsmanager:resource/AllowRotationLambdaArn': functionArn } };
    return this.emit(identity, [
      this.onSecret(
        operations.map((operation) => `secretsmanager:${operation}`),
        'reads, writes and relabels versions while it rotates',
        onlyItsFunction,
      ),
      ...this.onKey(
        ['kms:Decrypt', 'kms:GenerateDataKey'],
        'decrypts and encrypts versions, through Secrets Manager alone',
      ),
    ]);
  }

  private onSecret(actions: readonly string[], reason: string, condition?: PolicyStatement['Condition']): Explained {
    return { actions, on: this.target.arn, reason, ...(condition === undefined ? {} : { condition }) };
  }

  private onKey(actions: readonly string[], reason: string): readonly Explained[] {
    if (this.target.keyArn === undefined) return [];
    const condition = {
      StringEquals: { 'kms:ViaService': this.stack.serviceHost('secretsmanager') },
      // Of a secret known by name only a pattern is known, and the pattern of a full ARN is that ARN.
      StringLike: { 'kms:EncryptionContext:SecretARN': this.target.arn },
    };
    return [{ actions, on: this.target.keyArn, reason, condition }];
  }

  private emit(identity: IIdentity, statements: readonly Explained[]): Grant {
    const dependables = new Set<ITerraformDependable>();
    for (const { actions, on, condition } of statements) {
      dependables.add(
        identity.allow({
          Effect: 'Allow',
          Action: actions,
          Resource: on,
          ...(condition === undefined ? {} : { Condition: condition }),
        }),
      );
    }
    return new Grant(identity.name, this.target.name, statements.map(explain), [...dependables]);
  }
}

interface Explained {
  readonly actions: readonly string[];
  readonly on: string;
  readonly reason: string;
  readonly condition?: NonNullable<PolicyStatement['Condition']>;
}

function explain({ actions, on, reason, condition }: Explained): GrantStatement {
  const statement = { allows: actions, on, reason };
  return condition === undefined ? statement : { ...statement, when: inWords(condition) };
}

function inWords(condition: NonNullable<PolicyStatement['Condition']>): string {
  return Object.values(condition)
    .flatMap((keys) => Object.entries(keys))
    .map(([key, value]) => `${key} is ${[value].flat().join(' or ')}`)
    .join(' and ');
}
