import { KvSecretBackendV2 } from '@cdktf/provider-vault/lib/kv-secret-backend-v2';
import { Mount } from '@cdktf/provider-vault/lib/mount';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { expectMadeElsewhere } from './made-elsewhere';
import { claimVaultName, vaultNameProblem } from './names';
import { PathGuard } from './path-guard';
import { kvTarget, type PolicyTarget } from './policy-target';
import { VaultStack } from './vault-stack';

/** Versions of a secret that a mount keeps. @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#max_versions */
const VERSIONS = { min: 2, max: 1000, default: 10 } as const;

/** A mount of the KV engine, version 2. */
export interface IKvMount {
  /** The mount's path, without slashes at its ends. */
  readonly path: string;
  /** Whether writers must say which version they replace. */
  readonly checkAndSet: boolean;
  /** What must exist before something is written; empty where another stack makes the mount. */
  readonly dependables: readonly ITerraformDependable[];
  /** The values of all secrets below a prefix, for policies. */
  dataBelow(prefix: string): PolicyTarget;
  /** The names and metadata of all secrets below a prefix, for policies. */
  metadataBelow(prefix: string): PolicyTarget;
}

/** Properties of {@link KvMount}. */
export interface KvMountProps {
  /** The mount's name; the environment stands in front of it unless it has the server alone. */
  readonly name: string;
  /** @default - a sentence that names the environment */
  readonly description?: string;
  /**
   * Versions kept of each secret, from 2 up, so that a bad write can be taken back.
   *
   * @default 10
   */
  readonly maxVersions?: number;
  /**
   * Whether every write must say which version it replaces. For mounts where applications write: Terraform can't write
   * a second version there, so a generated secret is refused.
   *
   * @default false
   */
  readonly checkAndSet?: boolean;
}

/** A mount of the KV engine, always version 2. */
export class KvMount extends Construct implements IKvMount {
  /**
   * The mount that the platform's stack makes from the same properties.
   *
   * @throws {InvalidProps} when synthesized, `SR-VAULT-MOUNT-MISSING` if that stack is in the app and makes no such mount.
   */
  static shared(scope: Construct, props: KvMountProps): IKvMount {
    const path = VaultStack.of(scope).named(props.name);
    refuse(scope, mountProblems(props, path));
    expectMadeElsewhere(scope, { code: 'SR-VAULT-MOUNT-MISSING', kind: 'kv mount', path });
    return kvMount(path, props.checkAndSet ?? false, []);
  }

  readonly path: string;
  readonly checkAndSet: boolean;
  readonly dependables: readonly ITerraformDependable[];
  private readonly self: IKvMount;

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-KV-VERSIONS`. */
  constructor(scope: Construct, id: string, props: KvMountProps) {
    super(scope, id);
    const stack = VaultStack.of(this);
    this.path = stack.named(props.name);
    this.checkAndSet = props.checkAndSet ?? false;
    refuse(this, mountProblems(props, this.path));
    claimVaultName(this, 'name', { kind: 'mount', name: this.path });
    stack.note({ kind: 'kv mount', path: this.path, made: true });

    const mount = new Mount(this, 'mount', {
      path: this.path,
      type: 'kv',
      // Without it the mount becomes version 1, and values land where no policy looks.
      options: { version: '2' },
      description: props.description ?? `Secrets of ${stack.environment.name}`,
      lifecycle: new PathGuard(this, 'path', this.path).guarded,
    });
    const settings = new KvSecretBackendV2(this, 'settings', {
      mount: mount.path,
      maxVersions: props.maxVersions ?? VERSIONS.default,
      casRequired: this.checkAndSet,
    });
    this.dependables = [mount, settings];
    this.self = kvMount(this.path, this.checkAndSet, this.dependables);
  }

  dataBelow(prefix: string): PolicyTarget {
    return this.self.dataBelow(prefix);
  }

  metadataBelow(prefix: string): PolicyTarget {
    return this.self.metadataBelow(prefix);
  }
}

function kvMount(path: string, checkAndSet: boolean, dependables: readonly ITerraformDependable[]): IKvMount {
  return {
    path,
    checkAndSet,
    dependables,
    dataBelow: (prefix) => kvTarget({ mount: path, part: 'data', name: prefix, below: true }),
    metadataBelow: (prefix) => kvTarget({ mount: path, part: 'metadata', name: prefix, below: true }),
  };
}

function mountProblems(props: KvMountProps, path: string): readonly (Problem | undefined)[] {
  return [vaultNameProblem('mount', 'name', path), versionsProblem(props.maxVersions ?? VERSIONS.default)];
}

function versionsProblem(versions: number): Problem | undefined {
  if (Number.isInteger(versions) && versions >= VERSIONS.min && versions <= VERSIONS.max) return undefined;
  return {
    code: 'SR-VAULT-KV-VERSIONS',
    property: 'maxVersions',
    message: `is ${versions}, allowed are whole numbers from ${VERSIONS.min} to ${VERSIONS.max}`,
    fix: `leave it out for ${VERSIONS.default}`,
  };
}
