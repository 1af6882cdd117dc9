import { KubernetesAuthBackendRole } from '@cdktf/provider-vault/lib/kubernetes-auth-backend-role';
import { type ITerraformDependable, Lazy } from 'cdktf';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { KubernetesPlace, Workload } from '../core/workload';
import { Duration, type Ttl, type TtlPair, ttlProblems, ttlSeconds } from './duration';
import type { IVaultIdentity } from './identity';
import type { IKubernetesAuth } from './kubernetes-auth';
import { claimVaultName, vaultNameProblem } from './names';
import { after } from './ordering';
import { type IPolicy, Policy } from './policy';
import type { PolicyRule } from './policy-text';
import { VaultStack } from './vault-stack';

/** Names of namespaces: one DNS label. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** Names of service accounts: DNS labels with dots between. */
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/;
const AUDIENCE = /^[A-Za-z0-9](?:[A-Za-z0-9:/._-]*[A-Za-z0-9/])?$/;

const TOKENS = { initial: Duration.minutes(20), longest: Duration.hours(1) } as const;

/** Properties of {@link KubernetesRole}. */
export interface KubernetesRoleProps {
  /** The auth method by which the workload logs in. */
  readonly auth: IKubernetesAuth;
  /** The workload; it must run in Kubernetes. */
  readonly workload: Workload;
  /**
   * The role's name, which the workload gives when it logs in.
   *
   * @default - the workload's name
   */
  readonly name?: string;
  /**
   * The audience that the service account's token must be made for, so that a token for another service opens nothing.
   *
   * @default 'vault'
   */
  readonly audience?: string;
  /** @default Duration.minutes(20), or the method's longest if that is shorter */
  readonly tokenTtl?: Ttl;
  /**
   * How long a token lives at most, renewals included.
   *
   * @default Duration.hours(1), or the method's longest if that is shorter
   */
  readonly tokenMaxTtl?: Ttl;
  /**
   * Policies beside the role's own, which grants make.
   *
   * @default []
   */
  readonly policies?: readonly IPolicy[];
}

/**
 * What a workload in Kubernetes is to Vault: one service account of one namespace, with tokens of one audience.
 *
 * Grants collect in one policy of its own, made by the first of them.
 *
 * @see https://developer.hashicorp.com/vault/api-docs/auth/kubernetes#create-update-role
 */
export class KubernetesRole extends Construct implements IVaultIdentity {
  readonly name: string;
  readonly environment: string;
  readonly vaultScope: string;
  private readonly role: KubernetesAuthBackendRole;
  private policy: Policy | undefined;

  /**
   * @throws {InvalidProps} `SR-VAULT-WORKLOAD-PLACE`, `SR-VAULT-WORKLOAD-BOUND`, `SR-VAULT-AUDIENCE`, `SR-VAULT-TTL`,
   * `SR-VAULT-TTL-INVERTED`, `SR-VAULT-TTL-MOUNT`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(scope: Construct, id: string, props: KubernetesRoleProps) {
    super(scope, id);
    const stack = VaultStack.of(this);
    const { auth, workload, audience = 'vault' } = props;
    this.environment = stack.environment.name;
    this.vaultScope = stack.vaultScope;
    const ttls = tokens(props);
    this.name = props.name ?? workload.name;
    const place = workload.runsOn.kubernetes;
    refuse(this, [
      vaultNameProblem('authRole', 'name', this.name),
      ...placeProblems(workload.name, place),
      audienceProblem(audience),
      ...ttlProblems({ initial: 'tokenTtl', longest: 'tokenMaxTtl' }, ttls, {
        path: `auth/${auth.path}`,
        longest: auth.longestToken,
      }),
    ]);
    claimVaultName(this, 'name', { kind: 'authRole', name: this.name, mount: `auth/${auth.path}` });

    this.role = new KubernetesAuthBackendRole(this, 'role', {
      backend: auth.path,
      roleName: this.name,
      boundServiceAccountNames: place === undefined ? [] : [place.serviceAccount],
      boundServiceAccountNamespaces: place === undefined ? [] : [place.namespace],
      audience,
      aliasNameSource: 'serviceaccount_name',
      tokenPolicies: Lazy.listValue({ produce: () => this.policyNames(props.policies ?? []) }),
      tokenTtl: ttls.initial,
      tokenMaxTtl: ttls.longest,
      ...after(auth.dependables),
    });
    if (place !== undefined) this.askForReviewer(place);
  }

  allow(rule: PolicyRule): readonly ITerraformDependable[] {
    this.policy ??= new Policy(this, 'policy', { name: this.policyName });
    this.policy.add(rule);
    return [...this.policy.dependables, this.role];
  }

  private policyNames(others: readonly IPolicy[]): string[] {
    const own = this.policy === undefined ? [] : [this.policy];
    return [...own, ...others].map(({ nameReference }) => nameReference);
  }

  /** One policy per app and identity, `myapp` where both have that name. */
  private get policyName(): string {
    const app = VaultStack.of(this).appName;
    return app === this.name ? app : `${app}-${this.name}`;
  }

  private askForReviewer({ namespace, serviceAccount }: KubernetesPlace): void {
    VaultStack.of(this).addNextStep({
      what: `Once per cluster: let the service account of ${this.name} have its own logins judged by the API server`,
      run: `kubectl create clusterrolebinding ${namespace}-${serviceAccount}-vault --clusterrole=system:auth-delegator --serviceaccount=${namespace}:${serviceAccount}\n`,
    });
  }
}

function tokens({ auth, tokenTtl, tokenMaxTtl }: KubernetesRoleProps): TtlPair {
  const longest =
    tokenMaxTtl === undefined ? Math.min(TOKENS.longest.inSeconds, auth.longestToken) : ttlSeconds(tokenMaxTtl);
  const initial = tokenTtl === undefined ? Math.min(TOKENS.initial.inSeconds, longest) : ttlSeconds(tokenTtl);
  return { initial, longest };
}

function placeProblems(workload: string, place: KubernetesPlace | undefined): readonly (Problem | undefined)[] {
  if (place === undefined) {
    return [
      {
        code: 'SR-VAULT-WORKLOAD-PLACE',
        property: 'workload',
        message: `is ${JSON.stringify(workload)}, which does not run in Kubernetes`,
        fix: 'give it runsOn.kubernetes with namespace and service account',
      },
    ];
  }
  return [
    boundProblem('workload.runsOn.kubernetes.namespace', place.namespace, LABEL),
    boundProblem('workload.runsOn.kubernetes.serviceAccount', place.serviceAccount, SUBDOMAIN),
  ];
}

function boundProblem(property: string, name: string, form: RegExp): Problem | undefined {
  if (form.test(name)) return undefined;
  return {
    code: 'SR-VAULT-WORKLOAD-BOUND',
    property,
    message: `is ${JSON.stringify(name)}, allowed is one name of Kubernetes; a wildcard would let every pod of the cluster in`,
    fix: 'name the one namespace and service account that the workload has',
  };
}

function audienceProblem(audience: string): Problem | undefined {
  if (AUDIENCE.test(audience)) return undefined;
  return {
    code: 'SR-VAULT-AUDIENCE',
    property: 'audience',
    message: `is ${JSON.stringify(audience)}, allowed is one audience; without one Vault takes tokens that were made for other services`,
    fix: "leave it out for 'vault', and have the pod's projected token made for it",
  };
}
