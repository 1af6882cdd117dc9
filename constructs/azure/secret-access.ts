import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import { type ITerraformDependable, Lazy } from 'cdktf';
import type { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';
import { Grant } from '../core/grant';
import { AzureStack } from './azure-stack';
import type { IKeyVault } from './key-vault';
import type { IKeyVaultSecret } from './key-vault-secret';
import { madeInApp, mustBeMade } from './made-in-app';
import { type IManagedIdentity, ManagedIdentity } from './managed-identity';
import { assignRole, ROLES, scopeProblem } from './role-assignment';

/** A secret handed to a consumer, which gets its newest version from the vault by itself. */
export class SecretReference {
  constructor(readonly secret: IKeyVaultSecret) {}
}

/** A vault's URL handed to a consumer, which asks the vault for secrets by itself. */
export class VaultUrl {
  constructor(readonly vault: IKeyVault) {}
}

/** A secret by its name in a vault. */
export class NamedSecret implements IKeyVaultSecret {
  readonly id: string;
  readonly uri: string;

  constructor(
    private readonly scope: Construct,
    readonly vault: IKeyVault,
    readonly name: string,
  ) {
    this.id = secretId(vault, name);
    this.uri = secretUri(vault, name);
    if (!vault.ofThisApp) return;
    const fix = `declare it with KeyVaultSecret in the stack of values`;
    mustBeMade(scope, this.id, `names secret ${name} of vault ${vault.name}`, fix);
  }

  grantRead(identity: IManagedIdentity): Grant {
    return grantSecretRead({ scope: this.scope, secret: this, identity });
  }

  reference(): SecretReference {
    return new SecretReference(this);
  }
}

/** The resource id of a secret, without a version. */
export function secretId(vault: IKeyVault, name: string): string {
  return `${vault.id}/secrets/${name}`;
}

/** The URL of a secret, without a version: whoever asks gets the newest. */
export function secretUri(vault: IKeyVault, name: string): string {
  return `${vault.uri}secrets/${name}`;
}

/** Who asks for which grant. */
interface ReadRequest {
  /** Where the grant was asked for. */
  readonly scope: Construct;
  readonly secret: IKeyVaultSecret;
  readonly identity: IManagedIdentity;
  /** What writes the secret's value, where this stack does. */
  readonly writer?: ITerraformDependable;
}

/**
 * Lets an identity read a secret: by a role in the whole vault where the vault is the app's own, as Microsoft advises,
 * and in the one secret where the vault is shared.
 *
 * Azure says an identity's object id only when it is made, so the role is given in the stack that makes the identity,
 * wherever the grant was asked for.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/rbac-guide#best-practices-for-individual-keys-secrets-and-certificates-role-assignments
 */
export function grantSecretRead(request: ReadRequest): Grant {
  const { scope, secret, identity } = request;
  const { vault } = secret;
  refuse(scope, [scopeProblem(scopeOf(secret), 'vault'), orderProblem(request)]);
  const dependables: ITerraformDependable[] = [];
  place(request, (where, child, principalId) => {
    const assignment = assignmentIn(where, child, principalId, request);
    if (AzureStack.of(where) === AzureStack.of(scope)) dependables.push(assignment);
  });
  madeInApp(scope).note(readKey(vault, identity));
  const reason = vault.shared
    ? 'reads this one secret, since others use the vault too'
    : `reads the app's own vault, of which ${secret.name} is one secret`;
  const allows = [ROLES.secretsUser.name];
  return new Grant(identity.name, secret.name, [{ allows, on: scopeOf(secret), reason }], dependables);
}

/** Whether anything in the app lets an identity read a vault. */
export function mayRead(scope: Construct, vault: IKeyVault, identity: IManagedIdentity): boolean {
  return madeInApp(scope).isNoted(readKey(vault, identity));
}

function readKey(vault: IKeyVault, identity: IManagedIdentity): string {
  return `${identity.id} reads ${vault.id}`;
}

/** What a grant covers: the app's own vault, or the one secret of a shared one. */
function scopeOf({ id, vault }: IKeyVaultSecret): string {
  return vault.shared ? id : vault.id;
}

/** Finds the construct that a role is made under: by the stack in which the identity's object id is known. */
function place(
  { scope, secret, identity }: ReadRequest,
  assign: (where: Construct, child: string, principalId: string) => void,
): void {
  const { vault } = secret;
  const app = madeInApp(scope);
  const child = `reads-${vault.givenName}${vault.shared ? `-${secret.name}` : ''}`;
  const { principalId } = identity;
  if (principalId === undefined || identity instanceof ManagedIdentity) {
    app.when(identity.id, (made) => {
      if (made instanceof ManagedIdentity) assign(made, child, made.principalId);
    });
    return;
  }
  // An identity that exists has its role beside the app's own vault, or else in the stack that asked first: Azure
  // refuses the same role twice, and two stacks can't know of each other's at apply.
  const key = `${identity.id} has a role in ${scopeOf(secret)}`;
  const asked = AzureStack.of(scope);
  if (vault.ofThisApp && !vault.shared) {
    app.when(vault.id, (made) => assign(AzureStack.of(made as Construct), `${identity.name}-${child}`, principalId));
  } else if (!app.isNoted(key) || app.isNoted(`${key}, given by ${asked.node.id}`)) {
    app.note(key);
    app.note(`${key}, given by ${asked.node.id}`);
    assign(asked, `${identity.name}-${child}`, principalId);
  }
}

/** The role under a construct, made when it is asked for first. */
function assignmentIn(
  where: Construct,
  child: string,
  principalId: string,
  { secret, identity, writer }: ReadRequest,
): RoleAssignment {
  const present = where.node.tryFindChild(child);
  if (present instanceof RoleAssignment) return present;
  const { vault } = secret;
  return assignRole(where, child, {
    role: ROLES.secretsUser,
    scopeId: scopeOf(secret),
    // Late, so that it is a reference even where the identity is made before the vault.
    ...(vault.shared ? {} : { scopeReference: Lazy.stringValue({ produce: () => vault.idIn(where) }) }),
    principalId,
    description: `${identity.name} reads ${vault.shared ? `secret ${secret.name}` : 'secrets'} of ${vault.name}`,
    ...(vault.shared && writer !== undefined ? { dependsOn: [writer] } : {}),
  });
}

/** A role in one secret can only follow its value, and the identity's stack is applied before that. */
function orderProblem({ scope, secret, identity, writer }: ReadRequest): Problem | undefined {
  const { vault } = secret;
  if (!vault.shared || (!vault.ofThisApp && writer === undefined)) return undefined;
  const here = identity instanceof ManagedIdentity && AzureStack.of(identity) === AzureStack.of(scope);
  const exists = !(identity instanceof ManagedIdentity) && identity.principalId !== undefined;
  if ((here || exists) && !(secret instanceof NamedSecret)) return undefined;
  return {
    code: 'SR-AZURE-GRANT-ORDER',
    property: 'identity',
    message: `is ${identity.name}, whose role in ${secret.name} of a shared vault would come before the secret; allowed is an identity of the stack that declares the secret, or one with a known object id, granted there`,
    fix: "call grantRead on the KeyVaultSecret itself, with ManagedIdentity.fromAttributes; or use a vault of the app's own",
  };
}
