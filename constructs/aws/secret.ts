import { SecretsmanagerSecret } from '@cdktf/provider-aws/lib/secretsmanager-secret';
import { SecretsmanagerSecretPolicy } from '@cdktf/provider-aws/lib/secretsmanager-secret-policy';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import type { SecretType } from '../core/secret-type';
import { type BornInStore, type ExternalValue, type GeneratedValue, replaceBy, valueProblems } from '../core/value';
import { AwsStack } from './aws-stack';
import type { IIdentity } from './identity';
import { ImportedSecret, type ImportedSecretProps } from './imported-secret';
import { policyDocument } from './policy-document';
import { putCommand } from './put-command';
import { type ReadOptions, SecretAccess } from './secret-access';
import { SecretField } from './secret-field';
import { SecretSeed } from './secret-seed';
import { SecretsKey } from './secrets-key';

/** Days in which a deleted secret can be restored. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html */
const RECOVERY_DAYS = { min: 7, max: 30 } as const;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Tag.html */
const TAG_VALUE = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$/u;

/** A key of JSON that ECS can name: a colon would end it. @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html */
const FIELD = /^[^\s:]+$/;

/** A secret of Secrets Manager, made here or elsewhere. */
export interface ISecret {
  /** The secret's full name. */
  readonly name: string;
  /** The secret's ARN; of one imported by name it ends in wildcards for the six characters that AWS appends. */
  readonly arn: string;
  /** ARN of the customer managed key that encrypts it; absent where the account's own key does. */
  readonly keyArn: string | undefined;
  /** What must exist before a reader gets a value that works; asking for it closes the secret to `addRotation`. */
  readonly ready: readonly ITerraformDependable[];
  /** Whether its value is rotated while consumers run. */
  readonly rotates: boolean;
  /** Lets an identity read the value. */
  grantRead(identity: IIdentity, options?: ReadOptions): Grant;
  /** Lets an identity put a new value in. */
  grantWrite(identity: IIdentity): Grant;
  /**
   * Lets a rotation function read, write and relabel versions.
   *
   * @param operations what it asks of Secrets Manager, such as `DescribeSecret`; left out, what every rotation needs.
   */
  grantRotate(identity: IIdentity, functionArn: string, operations?: readonly string[]): Grant;
  /**
   * One field of the secret's JSON, to be handed to a consumer.
   *
   * @throws {InvalidProps} `SR-SECRET-FIELD` when the secret's shape is known and has no such field.
   */
  field(key: string): SecretField;
  /** The whole value, to be handed to a consumer. */
  whole(): SecretField;
}

/** Properties of {@link Secret}. */
export interface SecretProps {
  /** The name without the environment, such as `myapp/payment-provider`. */
  readonly name: string;
  readonly type: SecretType;
  /** The team that answers for the secret. */
  readonly owner: string;
  /** Where the value comes from. */
  readonly value: GeneratedValue | ExternalValue | BornInStore;
  /**
   * The fields of the value's JSON, where it is JSON.
   *
   * @default - the value is no JSON, or its shape is not known
   */
  readonly fields?: readonly string[];
  /**
   * Days in which the deleted secret can be restored: 7 to 30, or 0 in the sandbox tier.
   *
   * @default - by tier
   */
  readonly recoveryDays?: number;
  /** @default - type and owner */
  readonly description?: string;
  /**
   * The text that a generated value is stored as; JSON only by `Fn.jsonencode`.
   *
   * @default - the value itself
   */
  readonly seedText?: (generated: string) => string;
  /**
   * What a construct that builds on this one found wrong in its own properties, to be reported together with the rest.
   *
   * @default []
   */
  readonly problems?: readonly (Problem | undefined)[];
}

/** A secret with its own access policy, tags that say whose it is, and grants. */
export class Secret extends Construct implements ISecret {
  /** A secret that exists, known by its full ARN: everything can be granted. */
  static fromArn(scope: Construct, id: string, arn: string, props: ImportedSecretProps = {}): ISecret {
    return ImportedSecret.fromArn(scope, id, arn, props);
  }

  /** A secret of this account and region that exists, known by its full name: reading and writing can be granted. */
  static fromName(scope: Construct, id: string, name: string, props: ImportedSecretProps = {}): ISecret {
    return ImportedSecret.fromName(scope, id, name, props);
  }

  readonly name: string;
  readonly arn: string;
  readonly keyArn: string;
  readonly type: SecretType;
  private readonly secret: SecretsmanagerSecret;
  private readonly access: SecretAccess;
  private readonly fields: readonly string[] | undefined;
  private readonly seed: SecretSeed | undefined;
  private readonly rotation: ITerraformDependable[] = [];
  private handedOut = false;

  /**
   * @throws {InvalidProps} `SR-SECRET-STORE`, `SR-SECRET-OWNER`, `SR-SECRET-RECOVERY`, `SR-SECRET-SHAPE`, `SR-SECRET-PERIOD`, `SR-DATE`,
   * `SR-VALUE-VERSION`, `SR-VALUE-LENGTH`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(
    scope: Construct,
    id: string,
    private readonly props: SecretProps,
  ) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const recoveryDays = props.recoveryDays ?? stack.defaults.recoveryDays;
    refuse(this, [
      storeAllowed(props.type),
      ownerNamed(props.owner),
      recoveryAllowed(recoveryDays, stack.environment.tier === 'sandbox'),
      ...valueProblems('value', props.value),
      ...shapeProblems(props),
      ...(props.problems ?? []),
    ]);
    this.name = stack.takeName(this, 'secret', stack.pathName(props.name));
    this.type = props.type;
    this.fields = props.fields;
    const key = SecretsKey.of(this);

    this.secret = new SecretsmanagerSecret(this, 'secret', {
      name: this.name,
      description: props.description ?? `${props.type} of ${props.owner}`,
      kmsKeyId: key.arn,
      recoveryWindowInDays: recoveryDays,
      tags: this.tags(stack),
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
    });
    this.arn = this.secret.arn;
    new SecretsmanagerSecretPolicy(this, 'policy', {
      secretArn: this.arn,
      blockPublicPolicy: true,
      policy: policyDocument([tlsOnly()]),
    });
    this.keyArn = key.arn;
    this.access = new SecretAccess(stack, { name: this.name, arn: this.arn, keyArn: this.keyArn });
    this.seed = this.seedFor(props.value);
    if (props.value.kind === 'external') {
      stack.addNextStep({
        what: `Put the value of ${this.name} in${inWords(props.fields)}`,
        run: putCommand(this.name, stack.region),
      });
    }
    this.node.addValidation({ validate: () => this.neverReplaced() });
  }

  get rotates(): boolean {
    return this.rotation.length > 0;
  }

  get ready(): readonly ITerraformDependable[] {
    this.handedOut = true;
    return [...(this.seed?.dependables ?? []), ...this.rotation];
  }

  /** What a rotation waits for: the value that it starts from. */
  get seeded(): readonly ITerraformDependable[] {
    return this.seed?.dependables ?? [];
  }

  /** What keeps the value from being handed over to a rotation. */
  get rotationProblems(): readonly (Problem | undefined)[] {
    return [this.rotatesAlready(), this.consumedAlready(), this.reseeded()];
  }

  /**
   * Hands the value over to a rotation: from now on Terraform never writes it again.
   *
   * @throws {InvalidProps} `SR-ROTATION-TWICE`, `SR-ROTATION-LATE`, `SR-ROTATION-RESEED`.
   */
  rotatedBy(rotation: ITerraformDependable): void {
    refuse(this, this.rotationProblems);
    this.rotation.push(rotation);
    // The date was that of the first value alone.
    this.secret.tags = this.tags(AwsStack.of(this));
  }

  grantRead(identity: IIdentity, options: ReadOptions = {}): Grant {
    return this.access.read(identity, options);
  }

  grantWrite(identity: IIdentity): Grant {
    return this.access.write(identity);
  }

  grantRotate(identity: IIdentity, functionArn: string, operations?: readonly string[]): Grant {
    return this.access.rotate(identity, functionArn, operations);
  }

  field(key: string): SecretField {
    return SecretField.of(this, this, this.fields, key);
  }

  whole(): SecretField {
    return SecretField.whole(this);
  }

  private seedFor(value: SecretProps['value']): SecretSeed | undefined {
    if (value.kind !== 'generated') return undefined;
    return new SecretSeed(this, 'seed', {
      secretArn: this.arn,
      value,
      text: this.props.seedText ?? ((generated) => generated),
    });
  }

  private tags(stack: AwsStack): Record<string, string> {
    const { type, owner, value } = this.props;
    const tags = {
      Environment: stack.environment.name,
      Application: stack.appName,
      Owner: owner,
      SecretType: type.name,
    };
    return value.kind === 'external' && !this.rotates ? { ...tags, RotateBy: replaceBy(type, value) } : tags;
  }

  /** A stored value neither rotates nor has anybody who replaces it: AWS knows no expiry. */
  private neverReplaced(): string[] {
    if (this.props.value.kind === 'external' || this.rotates) return [];
    return [
      `${this.node.path}: value is ${this.props.value.kind} and never replaced, allowed are ${this.type.longestDays} days for ${this.type}; add a rotation, or make the value external with the day since when it counts [SR-SECRET-PERIOD]`,
    ];
  }

  private rotatesAlready(): Problem | undefined {
    if (!this.rotates) return undefined;
    return {
      code: 'SR-ROTATION-TWICE',
      property: 'rotation',
      message: 'is declared a second time, allowed is one rotation of a secret',
      fix: 'remove one of the two',
    };
  }

  private consumedAlready(): Problem | undefined {
    if (!this.handedOut) return undefined;
    return {
      code: 'SR-ROTATION-LATE',
      property: 'rotation',
      message: 'is declared after a consumer took the secret, which therefore would not wait for the first rotation',
      fix: 'call addRotation before the secret is handed to a service',
    };
  }

  private reseeded(): Problem | undefined {
    const { value } = this.props;
    if (value.kind !== 'generated' || value.version === 1) return undefined;
    return {
      code: 'SR-ROTATION-RESEED',
      property: 'value.version',
      message: `is ${value.version}, allowed is 1 where a rotation owns the value: a new seed would overwrite the live one`,
      fix: 'leave the version out, and repair a broken value by a rotation',
    };
  }
}

function storeAllowed(type: SecretType): Problem | undefined {
  if (type.persistable && type.stores.includes('aws')) return undefined;
  const stores = type.persistable ? type.stores.join(', ') : 'none: it is never stored as a value';
  return {
    code: 'SR-SECRET-STORE',
    property: 'type',
    message: `is ${type}, which Secrets Manager must not hold; its stores are ${stores}`,
    fix: type.persistable
      ? 'declare it in one of these stores'
      : 'use a managed key of the store, or hold the token in memory',
  };
}

function shapeProblems({ fields, value, seedText }: SecretProps): readonly (Problem | undefined)[] {
  if (fields === undefined) return [];
  const named =
    new Set(fields).size === fields.length && fields.length > 0 && fields.every((field) => FIELD.test(field));
  return [
    named
      ? undefined
      : {
          code: 'SR-SECRET-SHAPE',
          property: 'fields',
          message: `are ${JSON.stringify(fields)}, allowed are different names without spaces and colons, one at least`,
          fix: 'name the keys of the JSON, or leave it out for a value that is no JSON',
        },
    value.kind !== 'generated' || seedText !== undefined
      ? undefined
      : {
          code: 'SR-SECRET-SHAPE',
          property: 'fields',
          message: 'are named for a generated value, which is one text and has none',
          fix: 'leave them out, or say by seedText how the value becomes JSON',
        },
  ];
}

/** The fields that a person has to put in. */
function inWords(fields: readonly string[] | undefined): string {
  return fields === undefined ? '' : `, a JSON object with ${fields.join(', ')}`;
}

function ownerNamed(owner: string): Problem | undefined {
  if (TAG_VALUE.test(owner) && owner.trim() === owner) return undefined;
  return {
    code: 'SR-SECRET-OWNER',
    property: 'owner',
    message: `is ${JSON.stringify(owner)}, allowed is the name of a team: up to 256 letters, digits, spaces and _.:/=+-@`,
    fix: 'name who answers for this secret',
  };
}

function recoveryAllowed(days: number, sandbox: boolean): Problem | undefined {
  const within = Number.isInteger(days) && days >= RECOVERY_DAYS.min && days <= RECOVERY_DAYS.max;
  if (within || (days === 0 && sandbox)) return undefined;
  return {
    code: 'SR-SECRET-RECOVERY',
    property: 'recoveryDays',
    message: `is ${days}, allowed are ${RECOVERY_DAYS.min} to ${RECOVERY_DAYS.max}${sandbox ? ', or 0' : ''}`,
    fix: 'leave it out for the default of the tier',
  };
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html */
function tlsOnly() {
  return {
    Sid: 'TlsOnly',
    Effect: 'Deny',
    Principal: '*',
    Action: 'secretsmanager:*',
    Resource: '*',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  } as const;
}
