import type { FederatedIdentityCredential } from '@cdktf/provider-azurerm/lib/federated-identity-credential';
import { UserAssignedIdentity } from '@cdktf/provider-azurerm/lib/user-assigned-identity';
import { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import type { Workload } from '../core/workload';
import { AzureStack } from './azure-stack';
import { FederatedCredential } from './federated-credential';
import { madeInApp, mustBeMade } from './made-in-app';
import { identityId, NAMES } from './names';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const IDENTITY_ID =
  /^\/subscriptions\/[0-9a-f-]{36}\/resourceGroups\/[^/]+\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/([^/]+)$/i;

/** A user-assigned managed identity, made here or elsewhere: what a workload is to Azure. */
export interface IManagedIdentity {
  readonly name: string;
  /** The resource id, composed from names: good in every stack. */
  readonly id: string;
  /**
   * The object id, which Azure makes. Of an identity that a stack makes it is known in that stack only.
   *
   * @default - known where the identity is made
   */
  readonly principalId?: string;
  /**
   * The client id, which Azure makes, where it is known.
   *
   * @default - known where the identity is made
   */
  readonly clientId?: string;
}

/** An identity that exists. */
export interface ManagedIdentityAttributes {
  /** The resource id. */
  readonly id: string;
  /** The object id of its service principal. */
  readonly principalId: string;
  readonly clientId: string;
}

/** Properties of {@link ManagedIdentity}. */
export interface ManagedIdentityProps {
  /** The workload that runs as this identity. */
  readonly workload: Workload;
}

/**
 * The identity of one workload: it logs in without any stored credential.
 *
 * A workload that runs in Kubernetes gets a federated credential for its service account, where the environment has a
 * cluster.
 */
export class ManagedIdentity extends Construct implements IManagedIdentity {
  /** The identity that another stack of this app makes for a workload. */
  static ofApp(scope: Construct, workload: Workload): IManagedIdentity {
    const name = identityName(AzureStack.of(scope), workload);
    const id = identityId(AzureStack.of(scope).place, name);
    mustBeMade(scope, id, `uses identity ${name}`, `make it with ManagedIdentity for workload ${workload.name}`);
    return { name, id };
  }

  /**
   * An identity that exists.
   *
   * @throws {InvalidProps} `SR-AZURE-IDENTITY-ID`, `SR-AZURE-PRINCIPAL`.
   */
  static fromAttributes(scope: Construct, attributes: ManagedIdentityAttributes): IManagedIdentity {
    const [, name] = IDENTITY_ID.exec(attributes.id) ?? [];
    refuse(scope, [
      name === undefined ? notAnIdentity(attributes.id) : undefined,
      uuidProblem('principalId', attributes.principalId),
      uuidProblem('clientId', attributes.clientId),
    ]);
    return { name: name ?? '', ...attributes };
  }

  readonly name: string;
  readonly id: string;
  /** The credentials by which others may be this identity. */
  readonly credentials: FederatedIdentityCredential[] = [];
  private readonly resource: UserAssignedIdentity;

  /** @throws {InvalidProps} `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`; and as {@link FederatedCredential} does. */
  constructor(scope: Construct, id: string, props: ManagedIdentityProps) {
    super(scope, id);
    const stack = AzureStack.of(this);
    const { workload } = props;
    this.name = identityName(stack, workload);
    this.id = identityId(stack.place, this.name);
    madeInApp(this).begin(this.id);
    stack.claim(this, NAMES.identity, this.name, 'group', 'workload.name');

    this.resource = new UserAssignedIdentity(this, 'identity', {
      name: this.name,
      resourceGroupName: stack.resourceGroup,
      location: stack.azure.location,
      tags: { ...stack.tags, Workload: workload.name },
    });
    if (workload.runsOn.kubernetes !== undefined) {
      new FederatedCredential(this, 'kubernetes', { identity: this, serviceAccount: workload.runsOn.kubernetes });
    }
    madeInApp(this).add(this.id, this);
  }

  /** The object id of its service principal, for use in the stack that makes it. */
  get principalId(): string {
    return this.resource.principalId;
  }

  /** The client id, for use in the stack that makes it. */
  get clientId(): string {
    return this.resource.clientId;
  }

  /** The resource id as a construct should write it: a reference in the same stack, composed elsewhere. */
  idIn(construct: Construct): string {
    return AzureStack.of(construct) === AzureStack.of(this) ? this.resource.id : this.id;
  }
}

/** The physical name of a workload's identity. */
function identityName(stack: AzureStack, workload: Workload): string {
  return stack.named(`${workload.name}-id`);
}

function notAnIdentity(id: string): Problem {
  return {
    code: 'SR-AZURE-IDENTITY-ID',
    property: 'id',
    message: `is ${JSON.stringify(id)}, allowed is the resource id of a user-assigned identity`,
    fix: 'write the whole id, as `az identity show --query id` prints it',
  };
}

function uuidProblem(property: string, text: string): Problem | undefined {
  if (UUID.test(text)) return undefined;
  return {
    code: 'SR-AZURE-PRINCIPAL',
    property,
    message: `is ${JSON.stringify(text)}, allowed is a UUID in lower case`,
    fix: 'write what `az identity show` prints',
  };
}
