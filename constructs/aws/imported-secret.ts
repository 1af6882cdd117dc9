import { type ITerraformDependable, Token } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Grant } from '../core/grant';
import { nameProblem } from '../core/naming';
import { AwsStack } from './aws-stack';
import type { IIdentity } from './identity';
import { NAME_RULES } from './names';
import type { ISecret } from './secret';
import { type ReadOptions, SecretAccess, type SecretTarget } from './secret-access';
import { SecretField } from './secret-field';

/** The six characters that AWS appends to a secret's name, as a pattern of a policy. */
const SUFFIX_PATTERN = '-??????';

const FULL_ARN = /^arn:(aws[a-z-]*):secretsmanager:([a-z0-9-]+):(\d{12}):secret:(.+)-[A-Za-z0-9]{6}$/;

const KEY_ARN = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;

/** What is known of a secret that was made elsewhere. */
export interface ImportedSecretProps {
  /**
   * ARN of the customer managed key that it is encrypted with.
   *
   * @default - the account's own key of Secrets Manager, which other accounts can't use
   */
  readonly keyArn?: string;
  /**
   * The fields of its JSON, so that `field` is checked.
   *
   * @default - any field is taken
   */
  readonly fields?: readonly string[];
  /**
   * Whether it rotates, so that consumers that read it at start say what they do about it.
   *
   * @default false
   */
  readonly rotates?: boolean;
}

/** A secret that exists already. */
export class ImportedSecret extends Construct implements ISecret {
  /** @throws {InvalidProps} `SR-SECRET-ARN`, `SR-SECRET-REGION`, `SR-SECRET-FOREIGN-KEY`, `SR-KEY-ARN`. */
  static fromArn(scope: Construct, id: string, arn: string, props: ImportedSecretProps): ImportedSecret {
    return new ImportedSecret(scope, id, { arn, name: FULL_ARN.exec(arn)?.[4] ?? arn }, props, true);
  }

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-KEY-ARN`. */
  static fromName(scope: Construct, id: string, name: string, props: ImportedSecretProps): ImportedSecret {
    const arn = AwsStack.of(scope).arn('secretsmanager', `secret:${name}${SUFFIX_PATTERN}`);
    return new ImportedSecret(scope, id, { arn, name }, props, false);
  }

  readonly name: string;
  readonly arn: string;
  readonly keyArn: string | undefined;
  readonly ready: readonly ITerraformDependable[] = [];
  readonly rotates: boolean;
  private readonly access: SecretAccess;

  private constructor(
    scope: Construct,
    id: string,
    { name, arn }: Pick<SecretTarget, 'name' | 'arn'>,
    private readonly props: ImportedSecretProps,
    private readonly byArn: boolean,
  ) {
    super(scope, id);
    const stack = AwsStack.of(this);
    const checks = byArn
      ? [arnWhole(arn), sameRegion(stack, arn), foreignKey(stack, arn, props)]
      : [nameProblem(NAME_RULES.secret, 'name', name)];
    refuse(this, [...checks, keyArnWhole(props)]);
    this.name = name;
    this.arn = arn;
    this.keyArn = props.keyArn;
    this.rotates = props.rotates ?? false;
    this.access = new SecretAccess(stack, {
      name,
      arn,
      ...(props.keyArn === undefined ? {} : { keyArn: props.keyArn }),
    });
  }

  grantRead(identity: IIdentity, options: ReadOptions = {}): Grant {
    return this.access.read(identity, options);
  }

  grantWrite(identity: IIdentity): Grant {
    return this.access.write(identity);
  }

  /** @throws {InvalidProps} `SR-SECRET-BY-NAME` for a secret that is known by name only. */
  grantRotate(identity: IIdentity, functionArn: string, operations?: readonly string[]): Grant {
    refuse(this, [this.needsArn('grantRotate')]);
    return this.access.rotate(identity, functionArn, operations);
  }

  /** @throws {InvalidProps} `SR-SECRET-BY-NAME` for a secret that is known by name only, `SR-SECRET-FIELD`. */
  field(key: string): SecretField {
    refuse(this, [this.needsArn('field')]);
    return SecretField.of(this, this, this.props.fields, key);
  }

  /** @throws {InvalidProps} `SR-SECRET-BY-NAME` for a secret that is known by name only. */
  whole(): SecretField {
    refuse(this, [this.needsArn('whole')]);
    return SecretField.whole(this);
  }

  private needsArn(method: string): Problem | undefined {
    if (this.byArn) return undefined;
    return {
      code: 'SR-SECRET-BY-NAME',
      property: method,
      message: `needs the whole ARN, and ${this.name} is known by its name only`,
      fix: 'import it with Secret.fromArn',
    };
  }
}

function arnWhole(arn: string): Problem | undefined {
  if (FULL_ARN.test(arn)) return undefined;
  return {
    code: 'SR-SECRET-ARN',
    property: 'arn',
    message: `is ${JSON.stringify(arn)}, allowed is a secret's whole ARN with the six characters at its end`,
    fix: 'copy it from describe-secret, or import by name with Secret.fromName',
  };
}

/** Services read secrets of their own region only, and its key is used through Secrets Manager of that region. */
function sameRegion(stack: AwsStack, arn: string): Problem | undefined {
  const region = FULL_ARN.exec(arn)?.[2];
  if (region === undefined || region === stack.region) return undefined;
  return {
    code: 'SR-SECRET-REGION',
    property: 'arn',
    message: `is in ${region}, allowed is the stack's region ${stack.region}`,
    fix: 'import the replica of the secret in that region, or replicate it there',
  };
}

function keyArnWhole({ keyArn }: ImportedSecretProps): Problem | undefined {
  if (keyArn === undefined || Token.isUnresolved(keyArn) || KEY_ARN.test(keyArn)) return undefined;
  return {
    code: 'SR-KEY-ARN',
    property: 'keyArn',
    message: `is ${JSON.stringify(keyArn)}, allowed is the ARN of a key`,
    fix: 'write arn:aws:kms:<region>:<account>:key/<id>: policies know no aliases',
  };
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_examples_cross.html */
function foreignKey(stack: AwsStack, arn: string, { keyArn }: ImportedSecretProps): Problem | undefined {
  const account = FULL_ARN.exec(arn)?.[3];
  if (account === undefined || account === stack.accountId || keyArn !== undefined) return undefined;
  return {
    code: 'SR-SECRET-FOREIGN-KEY',
    property: 'keyArn',
    message: `is left out for a secret of account ${account}, whose own key can't be used from ${stack.accountId}`,
    fix: 'name the customer managed key that the other account shares',
  };
}
