import { Mount } from '@cdktf/provider-vault/lib/mount';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { Duration, type Ttl, type TtlPair, ttlProblems, ttlSeconds } from './duration';
import { expectMadeElsewhere } from './made-elsewhere';
import { claimVaultName, vaultNameProblem } from './names';
import { PathGuard } from './path-guard';
import { VaultStack } from './vault-stack';

/** Vault's own default is 32 days: far too long for users of a database. */
const LEASES = { initial: Duration.hours(1), longest: Duration.hours(24) } as const;

/** A mount of the database engine. */
export interface IDatabaseMount {
  /** The mount's path, without slashes at its ends. */
  readonly path: string;
  /** The longest lease that the mount gives, in seconds. */
  readonly longestLease: number;
  /** What must exist before something is made on it; empty where another stack makes the mount. */
  readonly dependables: readonly ITerraformDependable[];
}

/** Properties of {@link DatabaseMount}. */
export interface DatabaseMountProps {
  /** The mount's name; the environment stands in front of it unless it has the server alone. */
  readonly name: string;
  /** @default - a sentence that names the environment */
  readonly description?: string;
  /**
   * How long a lease lives whose role says nothing.
   *
   * @default Duration.hours(1)
   */
  readonly defaultTtl?: Ttl;
  /**
   * How long any lease of the mount lives at most, renewals included.
   *
   * @default Duration.hours(24)
   */
  readonly maxTtl?: Ttl;
}

/** A mount of the database engine: users are made on demand and go with their lease. */
export class DatabaseMount extends Construct implements IDatabaseMount {
  /**
   * The mount that the platform's stack makes from the same properties.
   *
   * @throws {InvalidProps} when synthesized, `SR-VAULT-MOUNT-MISSING` if that stack is in the app and makes no such mount.
   */
  static shared(scope: Construct, props: DatabaseMountProps): IDatabaseMount {
    const path = VaultStack.of(scope).named(props.name);
    refuse(scope, mountProblems(props, path));
    expectMadeElsewhere(scope, { code: 'SR-VAULT-MOUNT-MISSING', kind: 'database mount', path });
    return { path, longestLease: leases(props).longest, dependables: [] };
  }

  readonly path: string;
  readonly longestLease: number;
  readonly dependables: readonly ITerraformDependable[];

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-TTL`, `SR-VAULT-TTL-INVERTED`. */
  constructor(scope: Construct, id: string, props: DatabaseMountProps) {
    super(scope, id);
    const stack = VaultStack.of(this);
    const ttls = leases(props);
    this.path = stack.named(props.name);
    this.longestLease = ttls.longest;
    refuse(this, mountProblems(props, this.path));
    claimVaultName(this, 'name', { kind: 'mount', name: this.path });
    stack.note({ kind: 'database mount', path: this.path, made: true });

    const mount = new Mount(this, 'mount', {
      path: this.path,
      type: 'database',
      description: props.description ?? `Database users of ${stack.environment.name}, made on demand`,
      defaultLeaseTtlSeconds: ttls.initial,
      maxLeaseTtlSeconds: ttls.longest,
      lifecycle: new PathGuard(this, 'path', this.path).guarded,
    });
    this.dependables = [mount];
  }
}

function leases({ defaultTtl, maxTtl }: DatabaseMountProps): TtlPair {
  return { initial: ttlSeconds(defaultTtl ?? LEASES.initial), longest: ttlSeconds(maxTtl ?? LEASES.longest) };
}

function mountProblems(props: DatabaseMountProps, path: string): readonly (Problem | undefined)[] {
  return [
    vaultNameProblem('mount', 'name', path),
    ...ttlProblems({ initial: 'defaultTtl', longest: 'maxTtl' }, leases(props)),
  ];
}
