import { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { claimName, nameProblem } from '../core/naming';
import type { KubernetesPlace } from '../core/workload';
import { AzureStack } from './azure-stack';
import { forAzurerm5, NOT_IN_5 } from './azurerm5';
import type { ManagedIdentity } from './managed-identity';
import { NAMES } from './names';

/**
 * How many federated credentials one identity takes.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
const PER_IDENTITY = 20;

/** Whom the token is for: what Entra ID asks of every token that it exchanges. */
const AUDIENCE = 'api://AzureADTokenExchange';

/** What Kubernetes allows as a namespace's name. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names */
const NAMESPACE = /^(?=.{1,63}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?$/;

/** What Kubernetes allows as a service account's name. @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names */
const SERVICE_ACCOUNT = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/;

/** Properties of {@link FederatedCredential}. */
export interface FederatedCredentialProps {
  /** The identity that the service account may be. */
  readonly identity: ManagedIdentity;
  /** The service account, by its exact name and namespace. */
  readonly serviceAccount: KubernetesPlace;
  /**
   * The credential's name.
   *
   * @default - namespace and service account, with a hyphen between them
   */
  readonly name?: string;
}

/**
 * Lets one Kubernetes service account be one managed identity, without any stored credential.
 *
 * The issuer is the environment's cluster; in an environment without one nothing is made. Managed identities know no
 * patterns in subjects, so each service account is a credential of its own.
 */
export class FederatedCredential extends Construct {
  /** The subject of the tokens that are taken, `system:serviceaccount:<namespace>:<name>`. */
  readonly subject: string;

  /**
   * @throws {InvalidProps} `SR-AZURE-SUBJECT` when namespace or service account are not exact names,
   * `SR-AZURE-CREDENTIALS` when the identity has its 20 already, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`.
   */
  constructor(scope: Construct, id: string, props: FederatedCredentialProps) {
    super(scope, id);
    const { identity, serviceAccount } = props;
    const name = props.name ?? `${serviceAccount.namespace}-${serviceAccount.serviceAccount.replaceAll('.', '-')}`;
    refuse(this, [...serviceAccountProblems(serviceAccount), nameProblem(NAMES.federatedCredential, 'name', name)]);
    this.subject = `system:serviceaccount:${serviceAccount.namespace}:${serviceAccount.serviceAccount}`;

    const issuer = AzureStack.of(this).azure.clusterIssuerUrl;
    if (issuer === undefined) return;
    const within = `identity ${identity.id}`;
    claimName(this, 'name', { kind: 'federated credential', within, name, caseInsensitive: true });
    claimName(this, 'serviceAccount', { kind: 'subject', within, name: this.subject });
    refuse(this, [tooMany(identity)]);
    const credential = new FederatedIdentityCredential(this, 'credential', {
      name,
      parentId: NOT_IN_5,
      resourceGroupName: NOT_IN_5,
      issuer,
      subject: this.subject,
      audience: [AUDIENCE],
    });
    identity.credentials.push(forAzurerm5(credential, identity.idIn(this)));
  }
}

function serviceAccountProblems(place: KubernetesPlace): readonly (Problem | undefined)[] {
  return [
    exactName('serviceAccount.namespace', place.namespace, NAMESPACE),
    exactName('serviceAccount.serviceAccount', place.serviceAccount, SERVICE_ACCOUNT),
  ];
}

function exactName(property: string, name: string, pattern: RegExp): Problem | undefined {
  if (pattern.test(name)) return undefined;
  return {
    code: 'SR-AZURE-SUBJECT',
    property,
    message: `is ${JSON.stringify(name)}, allowed is the exact name, as Kubernetes has it`,
    fix: 'write one credential for each service account: a managed identity takes no patterns',
  };
}

function tooMany({ credentials }: ManagedIdentity): Problem | undefined {
  if (credentials.length < PER_IDENTITY) return undefined;
  return {
    code: 'SR-AZURE-CREDENTIALS',
    property: 'identity',
    message: `has ${credentials.length} federated credentials, Azure allows ${PER_IDENTITY}`,
    fix: 'make a second identity, and give it the grants that its workload needs',
  };
}
