import { AuthBackend } from '@cdktf/provider-vault/lib/auth-backend';
import { KubernetesAuthBackendConfig } from '@cdktf/provider-vault/lib/kubernetes-auth-backend-config';
import type { ITerraformDependable } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { Duration, type Ttl, type TtlPair, ttlProblems, ttlSeconds } from './duration';
import { type KubernetesCluster, kubernetesProblems } from './environment';
import { expectMadeElsewhere } from './made-elsewhere';
import { claimVaultName, vaultNameProblem } from './names';
import { PathGuard } from './path-guard';
import { VaultStack } from './vault-stack';

/** Vault's own default is 32 days. */
const TOKENS = { initial: Duration.minutes(20), longest: Duration.hours(1) } as const;

/** The auth method by which service accounts of a Kubernetes cluster log in. */
export interface IKubernetesAuth {
  /** The method's path, without `auth/` and without slashes at its ends. */
  readonly path: string;
  /** The longest life of a token that the method gives, in seconds. */
  readonly longestToken: number;
  /** What must exist before a role is made; empty where another stack makes the method. */
  readonly dependables: readonly ITerraformDependable[];
}

/** Properties of {@link KubernetesAuth}. */
export interface KubernetesAuthProps {
  /** The method's name; the environment stands in front of it unless it has the server alone. */
  readonly name: string;
  /**
   * The cluster.
   *
   * @default - the environment's
   */
  readonly cluster?: KubernetesCluster;
  /** @default Duration.minutes(20) */
  readonly defaultTtl?: Ttl;
  /**
   * How long any token of the method lives at most, renewals included.
   *
   * @default Duration.hours(1)
   */
  readonly maxTtl?: Ttl;
}

/**
 * The auth method by which service accounts of one Kubernetes cluster log in.
 *
 * Vault holds no credential of the cluster: it lets the API server judge each login with the very token that logs in,
 * for which the service account needs the cluster role `system:auth-delegator`.
 *
 * @see https://developer.hashicorp.com/vault/docs/auth/kubernetes
 */
export class KubernetesAuth extends Construct implements IKubernetesAuth {
  /**
   * The method that the platform's stack makes from the same properties.
   *
   * @throws {InvalidProps} when synthesized, `SR-VAULT-MOUNT-MISSING` if that stack is in the app and makes no such method.
   */
  static shared(scope: Construct, props: KubernetesAuthProps): IKubernetesAuth {
    const path = VaultStack.of(scope).named(props.name);
    refuse(scope, authProblems(props, path));
    expectMadeElsewhere(scope, { code: 'SR-VAULT-MOUNT-MISSING', kind: 'auth method', path });
    return { path, longestToken: tokens(props).longest, dependables: [] };
  }

  readonly path: string;
  readonly longestToken: number;
  readonly dependables: readonly ITerraformDependable[];

  /**
   * @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`, `SR-VAULT-KUBERNETES-HOST`, `SR-VAULT-KUBERNETES-CA`,
   * `SR-VAULT-TTL`, `SR-VAULT-TTL-INVERTED`.
   */
  constructor(scope: Construct, id: string, props: KubernetesAuthProps) {
    super(scope, id);
    const stack = VaultStack.of(this);
    const ttls = tokens(props);
    this.path = stack.named(props.name);
    this.longestToken = ttls.longest;
    const cluster = props.cluster ?? stack.vault.kubernetes;
    refuse(this, [...authProblems(props, this.path), ...kubernetesProblems('cluster', cluster)]);
    claimVaultName(this, 'name', { kind: 'auth', name: this.path });
    stack.note({ kind: 'auth method', path: this.path, made: true });

    const method = new AuthBackend(this, 'method', {
      type: 'kubernetes',
      path: this.path,
      description: `Service accounts of the Kubernetes cluster of ${stack.environment.name}`,
      tune: [tuning(ttls)],
      lifecycle: new PathGuard(this, 'path', this.path).guarded,
    });
    const config = new KubernetesAuthBackendConfig(this, 'config', {
      backend: method.path,
      kubernetesHost: cluster.host,
      kubernetesCaCert: cluster.caCertificate,
      disableLocalCaJwt: true,
    });
    this.dependables = [method, config];
  }
}

function tokens({ defaultTtl, maxTtl }: KubernetesAuthProps): TtlPair {
  return { initial: ttlSeconds(defaultTtl ?? TOKENS.initial), longest: ttlSeconds(maxTtl ?? TOKENS.longest) };
}

/** All eight keys, because the provider refuses the object when one is missing; durations need a unit here. */
function tuning({ initial, longest }: TtlPair) {
  return {
    defaultLeaseTtl: `${initial}s`,
    maxLeaseTtl: `${longest}s`,
    tokenType: 'default-service',
    listingVisibility: 'hidden',
    allowedResponseHeaders: [],
    auditNonHmacRequestKeys: [],
    auditNonHmacResponseKeys: [],
    passthroughRequestHeaders: [],
  };
}

function authProblems(props: KubernetesAuthProps, path: string): readonly (Problem | undefined)[] {
  return [
    vaultNameProblem('auth', 'name', path),
    ...ttlProblems({ initial: 'defaultTtl', longest: 'maxTtl' }, tokens(props)),
  ];
}
