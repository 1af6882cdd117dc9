import type { IConstruct } from 'constructs';
import { refuse } from '../core/errors';
import type { ISecret } from './secret';

/** A field of a secret, or all of it, on its way to a consumer. */
export class SecretField {
  /** A field whose name is checked against the secret's shape, where that is known. */
  static of(at: IConstruct, secret: ISecret, known: readonly string[] | undefined, key: string): SecretField {
    if (known !== undefined && !known.includes(key)) {
      refuse(at, [
        {
          code: 'SR-SECRET-FIELD',
          property: 'field',
          message: `is ${JSON.stringify(key)}, allowed are ${known.join(', ')}`,
          fix: 'name a field of the secret, or add it to its fields',
        },
      ]);
    }
    return new SecretField(secret, key);
  }

  /** The whole value. */
  static whole(secret: ISecret): SecretField {
    return new SecretField(secret, undefined);
  }

  private constructor(
    readonly secret: ISecret,
    /** The field's name, or nothing for the whole value. */
    readonly key: string | undefined,
  ) {}

  /**
   * The reference as ECS reads it: the ARN, then field, label and version, whose colons stay even when they are empty.
   *
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
   */
  get valueFrom(): string {
    return this.key === undefined ? this.secret.arn : `${this.secret.arn}:${this.key}::`;
  }
}
