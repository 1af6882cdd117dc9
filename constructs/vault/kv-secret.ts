import { GenericEndpoint } from '@cdktf/provider-vault/lib/generic-endpoint';
import { KvSecretV2 } from '@cdktf/provider-vault/lib/kv-secret-v2';
import { Fn, type ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { refuse } from '../core/errors';
import { GeneratedSecret } from '../core/generated-secret';
import type { Grant } from '../core/grant';
import { SecretType } from '../core/secret-type';
import { type GeneratedValue, replaceBy, type Value } from '../core/value';
import { grant, type IVaultIdentity } from './identity';
import type { IKvMount } from './kv-mount';
import { kvSecretProblems } from './kv-secret-problems';
import { claimVaultName, vaultNameProblem } from './names';
import { after } from './ordering';
import { kvTarget, type PolicyTarget } from './policy-target';
import { VaultStack } from './vault-stack';

/** A secret of the KV engine, made here or elsewhere. */
export interface IKvSecret {
  /** The secret's name below its mount. */
  readonly name: string;
  /** The path on which its value is read, for policies. */
  readonly data: PolicyTarget;
  /** The path of its metadata, for policies. */
  readonly metadata: PolicyTarget;
  /** Lets an identity read the value. */
  grantRead(identity: IVaultIdentity): Grant;
}

/** Properties of {@link KvSecret}. */
export interface KvSecretProps {
  readonly mount: IKvMount;
  /** The secret's name below its mount, such as `myapp/database`. */
  readonly name: string;
  readonly type: SecretType;
  /** Who is asked about this secret, such as a team. */
  readonly owner: string;
  /** Where the value comes from: generated, or put in from outside. */
  readonly value: Value;
  /**
   * The field that holds the value.
   *
   * @default 'password' for database credentials, 'value' for the other types
   */
  readonly field?: string;
  /**
   * Fields stored beside a generated value that are no secrets, such as `{ username: 'reports' }`.
   *
   * @default {}
   */
  readonly plainFields?: Readonly<Record<string, string>>;
  /**
   * The fields that whoever puts an external value in must give.
   *
   * @default - the field that holds the value
   */
  readonly expectedFields?: readonly string[];
}

/**
 * A secret of the KV engine, version 2.
 *
 * The value is written and never read back: it reaches neither plan nor state, and what somebody else writes stays.
 * Owner, type and the day by which the value must be replaced are the secret's own metadata.
 *
 * @see https://developer.hashicorp.com/vault/docs/secrets/kv/kv-v2
 */
export class KvSecret extends Construct implements IKvSecret {
  /** A secret that exists already, or that another stack makes. */
  static fromName(scope: Construct, mount: IKvMount, name: string): IKvSecret {
    refuse(scope, [vaultNameProblem('kvSecret', 'name', name)]);
    return reference(scope, mount, name);
  }

  readonly name: string;
  readonly data: PolicyTarget;
  readonly metadata: PolicyTarget;
  /** The names of the fields that a reader finds. */
  readonly fields: readonly string[];
  /** What must exist before the secret can be read; an external value is put in by hand after that. */
  readonly dependables: readonly ITerraformDependable[];
  private readonly self: IKvSecret;

  /**
   * @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-KV-TYPE`, `SR-VAULT-KV-VALUE`,
   * `SR-VAULT-KV-CAS`, `SR-VAULT-KV-FIELD`, `SR-VAULT-KV-OWNER`, `SR-VALUE-VERSION`, `SR-VALUE-LENGTH`, `SR-DATE`.
   */
  constructor(scope: Construct, id: string, props: KvSecretProps) {
    super(scope, id);
    const { mount, value } = props;
    const field = props.field ?? (props.type === SecretType.DATABASE_CREDENTIAL ? 'password' : 'value');
    refuse(this, [vaultNameProblem('kvSecret', 'name', props.name), ...kvSecretProblems({ ...props, field })]);
    claimVaultName(this, 'name', { kind: 'kvSecret', name: props.name, mount: mount.path });
    this.self = reference(this, mount, props.name);
    this.name = this.self.name;
    this.data = this.self.data;
    this.metadata = this.self.metadata;
    this.fields =
      value.kind === 'generated' ? [...Object.keys(props.plainFields ?? {}), field] : (props.expectedFields ?? [field]);

    const written = value.kind === 'generated' ? [this.write(props, value, field)] : [];
    this.dependables = [...written, this.describe(props, written)];
    if (value.kind === 'external') this.askForValue(mount);
  }

  grantRead(identity: IVaultIdentity): Grant {
    return this.self.grantRead(identity);
  }

  /** Nothing but the value is on this resource: any other change of it fails, or writes the value again. */
  private write(props: KvSecretProps, value: GeneratedValue, field: string): KvSecretV2 {
    const generated = new GeneratedSecret(this, 'generated', value);
    return new KvSecretV2(this, 'value', {
      mount: props.mount.path,
      name: props.name,
      dataJsonWo: Fn.jsonencode({ ...props.plainFields, [field]: generated.value }),
      dataJsonWoVersion: generated.version,
      disableRead: true,
      ...after(props.mount.dependables),
      lifecycle: { preventDestroy: VaultStack.of(this).defaults.preventDestroy },
    });
  }

  private describe(props: KvSecretProps, written: readonly ITerraformDependable[]): GenericEndpoint {
    const stack = VaultStack.of(this);
    return new GenericEndpoint(this, 'metadata', {
      path: this.metadata.path,
      dataJson: JSON.stringify({ custom_metadata: describing(props, stack) }),
      // Deleting the metadata would delete every version of the value at once.
      disableDelete: true,
      ignoreAbsentFields: true,
      ...after([...props.mount.dependables, ...written]),
      lifecycle: { preventDestroy: stack.defaults.preventDestroy },
    });
  }

  private askForValue(mount: IKvMount): void {
    const stack = VaultStack.of(this);
    stack.addNextStep({
      what: `After ${stack.node.id} is deployed: put the value of ${mount.path}/${this.name} in, as JSON with ${this.fields.join(', ')}, from standard input`,
      run: stack.command(`kv put @ -mount=${mount.path} ${this.name} -`),
    });
  }
}

function reference(scope: Construct, mount: IKvMount, name: string): IKvSecret {
  const data = kvTarget({ mount: mount.path, part: 'data', name, below: false });
  return {
    name,
    data,
    metadata: kvTarget({ mount: mount.path, part: 'metadata', name, below: false }),
    grantRead: (identity) =>
      grant(scope, `${mount.path}/${name}`, identity, {
        on: data,
        can: ['read'],
        because: `${identity.name} reads the value of ${name}`,
      }),
  };
}

function describing({ owner, type, value }: KvSecretProps, stack: VaultStack): Readonly<Record<string, string>> {
  return {
    application: stack.appName,
    environment: stack.environment.name,
    owner,
    secret_type: type.name,
    ...(value.kind === 'born-in-store' ? {} : { since: value.since, rotate_by: replaceBy(type, value) }),
  };
}
