import { KeyVaultSecret as KeyVaultSecretResource } from '@cdktf/provider-azurerm/lib/key-vault-secret';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { GeneratedSecret } from '../core/generated-secret';
import type { Grant } from '../core/grant';
import { claimName, nameProblem } from '../core/naming';
import { addDays, startOf } from '../core/plain-date';
import type { SecretType } from '../core/secret-type';
import { type ExternalValue, type GeneratedValue, valueProblems } from '../core/value';
import { AzureStack } from './azure-stack';
import { hasWayIn } from './environment';
import { type IKeyVault, KeyVault } from './key-vault';
import { madeInApp } from './made-in-app';
import type { IManagedIdentity } from './managed-identity';
import { NAMES } from './names';
import { grantSecretRead, SecretReference, secretId, secretUri } from './secret-access';

/** What a tag's value may be, so that it is the same in Terraform and in a shell. */
const OWNER = /^[\w.@ /-]{1,256}$/;
const CONTENT_TYPE = /^[\w.+/;= -]{1,255}$/;
/** Forms in which the ends of lines count. */
const MULTILINE = /pem|yaml|ssh|pkcs/i;
const SECRET_ID = /^(.*)\/secrets\/([^/]+)$/;

/** A secret of Key Vault, made here or elsewhere. */
export interface IKeyVaultSecret {
  readonly name: string;
  readonly vault: IKeyVault;
  /** The resource id, without a version, composed from names: good in every stack. */
  readonly id: string;
  /** The URL, without a version. */
  readonly uri: string;
  /**
   * Lets an identity read the secret.
   *
   * In the app's own vault the role is given for the vault, once for each identity; in a shared one for this secret.
   *
   * @throws {InvalidProps} `SR-AZURE-SCOPE`, `SR-AZURE-GRANT-ORDER`.
   */
  grantRead(identity: IManagedIdentity): Grant;
  /** The secret, to hand to a consumer: that is the grant. */
  reference(): SecretReference;
}

/** What a secret is: data that the stacks of an app share, so that its name is written once. */
export interface SecretDeclaration {
  /** The secret's name in its vault: letters, digits and hyphens. */
  readonly name: string;
  /** What the secret is for: decides its longest lifetime. */
  readonly type: SecretType;
  /** Who answers for the secret: a team's name or address. */
  readonly owner: string;
  /** Where the value comes from. */
  readonly value: GeneratedValue | ExternalValue;
  /**
   * The form of the value.
   *
   * @default 'text/plain'
   */
  readonly contentType?: string;
  /**
   * Days that a value may be used, from its `since` on.
   *
   * @default - the type's longest
   */
  readonly lifetimeDays?: number;
}

/** Properties of {@link KeyVaultSecret}. */
export interface KeyVaultSecretProps extends SecretDeclaration {
  readonly vault: IKeyVault;
}

/**
 * A secret in a vault, with a date by which its value must have been replaced.
 *
 * A generated value goes straight into a write-only argument. An external one is put in by a person or another system:
 * nothing is made for it, and the stack says the command that puts it in from standard input.
 */
export class KeyVaultSecret extends Construct implements IKeyVaultSecret {
  /** A secret that exists, by the vault and its name there. */
  static fromName(vault: IKeyVault, name: string): IKeyVaultSecret {
    return vault.secret({ name });
  }

  /**
   * A secret that exists, by its resource id: `/subscriptions/…/vaults/<vault>/secrets/<name>`.
   *
   * @param options.shared whether others use the vault too; true by default.
   * @throws {InvalidProps} `SR-AZURE-SCOPE` when the id is not one of a secret.
   */
  static fromId(scope: Construct, id: string, options: { readonly shared?: boolean } = {}): IKeyVaultSecret {
    const [, vaultId, name] = SECRET_ID.exec(id) ?? [];
    if (vaultId === undefined || name === undefined) refuse(scope, [notASecret(id)]);
    return KeyVault.fromId(scope, vaultId ?? '', options).secret({ name: name ?? '' });
  }

  readonly name: string;
  readonly vault: IKeyVault;
  readonly id: string;
  readonly uri: string;
  /** The first instant at which the value is no longer good, as Azure writes it. */
  readonly expires: string;
  /** What must exist before the value can be read; nothing where somebody else puts it in. */
  readonly writer: ITerraformDependable | undefined;

  /**
   * @throws {InvalidProps} `SR-AZURE-TYPE`, `SR-AZURE-LIFETIME`, `SR-AZURE-OWNER`, `SR-AZURE-CONTENT-TYPE`,
   * `SR-AZURE-NO-WAY-IN`, `SR-AZURE-VALUES-STACK`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VALUE-VERSION`, `SR-VALUE-LENGTH`, `SR-DATE`.
   */
  constructor(scope: Construct, id: string, props: KeyVaultSecretProps) {
    super(scope, id);
    const { name, vault, type, value } = props;
    this.name = name;
    this.vault = vault;
    this.id = secretId(vault, name);
    this.uri = secretUri(vault, name);
    madeInApp(this).begin(this.id);
    refuse(this, problems(this, props));
    claimName(this, 'name', { kind: 'secret', within: `vault ${vault.name}`, name, caseInsensitive: true });

    this.expires = startOf(addDays(value.since, props.lifetimeDays ?? type.longestDays));
    this.writer = value.kind === 'generated' ? this.write(props, value) : this.sayHowToPutIn(props);
    madeInApp(this).add(this.id, this);
  }

  grantRead(identity: IManagedIdentity): Grant {
    const writer = this.writer;
    return grantSecretRead({ scope: this, secret: this, identity, ...(writer === undefined ? {} : { writer }) });
  }

  reference(): SecretReference {
    return new SecretReference(this);
  }

  private write(props: KeyVaultSecretProps, value: GeneratedValue): ITerraformDependable {
    const generated = new GeneratedSecret(this, 'value', value);
    return new KeyVaultSecretResource(this, 'secret', {
      name: this.name,
      keyVaultId: this.vault.idIn(this),
      valueWo: generated.value,
      valueWoVersion: generated.version,
      contentType: contentType(props),
      expirationDate: this.expires,
      tags: this.tags(props),
      lifecycle: { preventDestroy: AzureStack.of(this).defaults.preventDestroy },
    });
  }

  private sayHowToPutIn(props: KeyVaultSecretProps): undefined {
    AzureStack.of(this).addNextStep({
      what: `Put the value of ${this.name} into ${this.vault.name}`,
      run: this.putCommand(props),
    });
  }

  /**
   * The command that puts the value in: a file's name keeps it off the command line, and without `--output none` az
   * prints it. Ends of lines are dropped on the way, unless they are part of the form: a terminal adds one, and a key
   * with it at its end opens nothing.
   */
  private putCommand(props: KeyVaultSecretProps): string {
    const form = contentType(props);
    const tags = Object.entries(this.tags(props)).map(([key, text]) => quoted(`${key}=${text}`));
    return [
      `${MULTILINE.test(form) ? '' : "tr -d '[:cntrl:]' | "}az keyvault secret set`,
      `--vault-name ${this.vault.name} --name ${this.name}`,
      '--file /dev/stdin --encoding utf-8 --output none',
      `--content-type ${quoted(form)} --expires ${this.expires} --tags ${tags.join(' ')}`,
    ].join(' ');
  }

  private tags(props: KeyVaultSecretProps): Readonly<Record<string, string>> {
    return { ...AzureStack.of(this).tags, Owner: props.owner, SecretType: props.type.name };
  }
}

function contentType(props: SecretDeclaration): string {
  return props.contentType ?? 'text/plain';
}

function problems(secret: KeyVaultSecret, props: KeyVaultSecretProps): readonly (Problem | undefined)[] {
  return [
    nameProblem(NAMES.secret, 'name', props.name),
    ownerProblem(props.owner),
    contentTypeProblem(contentType(props)),
    ...typeProblems(props),
    ...valueProblems('value', props.value),
    ...(props.value.kind === 'generated' ? writerProblems(secret, props.vault) : []),
  ];
}

function ownerProblem(owner: string): Problem | undefined {
  if (OWNER.test(owner) && owner.trim() === owner) return undefined;
  return {
    code: 'SR-AZURE-OWNER',
    property: 'owner',
    message: `is ${JSON.stringify(owner)}, allowed are 1 to 256 letters, digits, spaces and . @ / _ -`,
    fix: 'name the team that is called when the secret is found somewhere',
  };
}

function contentTypeProblem(text: string): Problem | undefined {
  if (CONTENT_TYPE.test(text)) return undefined;
  return {
    code: 'SR-AZURE-CONTENT-TYPE',
    property: 'contentType',
    message: `is ${JSON.stringify(text)}, allowed is a media type of at most 255 characters`,
    fix: 'write one such as text/plain or application/json',
  };
}

function typeProblems({ type, value, lifetimeDays }: KeyVaultSecretProps): readonly (Problem | undefined)[] {
  if (!type.persistable || !type.stores.includes('azure')) {
    return [
      {
        code: 'SR-AZURE-TYPE',
        property: 'type',
        message: `is ${type.name}, ${type.persistable ? `which lives in ${type.stores.join(', ')}` : 'whose value is never stored'}`,
        fix: type.persistable
          ? 'declare it in one of these stores'
          : 'use a managed key of the store, or keep the value in memory',
      },
    ];
  }
  // Props of a JavaScript caller; the types allow only the other two.
  if ((value.kind as string) === 'born-in-store') {
    return [
      {
        code: 'SR-AZURE-TYPE',
        property: 'value',
        message: 'is born in the store, but Key Vault makes no secrets by itself',
        fix: 'use Value.generated or Value.external',
      },
    ];
  }
  return [lifetimeProblem(type, lifetimeDays)];
}

function lifetimeProblem(type: SecretType, days: number | undefined): Problem | undefined {
  if (days === undefined || (Number.isInteger(days) && days >= 1 && days <= type.longestDays)) return undefined;
  return {
    code: 'SR-AZURE-LIFETIME',
    property: 'lifetimeDays',
    message: `is ${days}, allowed for ${type.name} are whole days from 1 to ${type.longestDays}`,
    fix: `leave it out for ${type.longestDays}`,
  };
}

function writerProblems(secret: KeyVaultSecret, vault: IKeyVault): readonly (Problem | undefined)[] {
  const stack = AzureStack.of(secret);
  const closed = vault.ofThisApp && !hasWayIn(stack.azure);
  return [
    stack.stackName.part === undefined
      ? {
          code: 'SR-AZURE-VALUES-STACK',
          property: 'value',
          message: `is written in ${stack.node.id}, the stack that gives the access: a new role takes minutes to hold, and each plan would read the value`,
          fix: "make it in a stack of its own part, such as 'values', which no plan-only identity plans",
        }
      : undefined,
    closed
      ? {
          code: 'SR-AZURE-NO-WAY-IN',
          property: 'value',
          message: `is to be written into ${vault.name}, which is closed, and the environment names no runner that gets in`,
          fix: 'give azure.runner in the environment: insideNetwork, addresses or subnetIds; or put the value in from outside with Value.external',
        }
      : undefined,
  ];
}

function notASecret(id: string): Problem {
  return {
    code: 'SR-AZURE-SCOPE',
    property: 'id',
    message: `is ${JSON.stringify(id)}, allowed is the resource id of a secret without a version`,
    fix: 'write /subscriptions/…/providers/Microsoft.KeyVault/vaults/<vault>/secrets/<name>',
  };
}

/** A word as a POSIX shell takes it. */
function quoted(text: string): string {
  return /^[\w.@=/+-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
