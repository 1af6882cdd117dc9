import type { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
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
export function grantSecretRead({ scope, secret, identity, writer }: ReadRequest): Grant {
  const { vault } = secret;
  const scopeId = vault.shared ? secret.id : vault.id;
  refuse(scope, [scopeProblem(scopeId, 'vault'), writtenBefore(scope, identity, writer, vault.shared)]);
  const dependables: ITerraformDependable[] = [];
  const description = `${identity.name} reads ${vault.shared ? `secret ${secret.name}` : 'secrets'} of ${vault.name}`;
  const assign = (where: Construct, id: string, principalId: string): void => {
    const present = where.node.tryFindChild(id) as RoleAssignment | undefined;
    const assignment =
      present ??
      assignRole(where, id, {
        role: ROLES.secretsUser,
        scopeId,
        // Late, so that it is a reference even where the identity is made before the vault.
        ...(vault.shared ? {} : { scopeReference: Lazy.stringValue({ produce: () => vault.idIn(where) }) }),
        principalId,
        description,
        ...(vault.shared && writer !== undefined ? { dependsOn: [writer] } : {}),
      });
    if (AzureStack.of(where) === AzureStack.of(scope)) dependables.push(assignment);
  };
  const child = `reads-${vault.givenName}${vault.shared ? `-${secret.name}` : ''}`;
  const { principalId } = identity;
  if (principalId !== undefined && !(identity instanceof ManagedIdentity)) {
    assign(AzureStack.of(scope), `${identity.name}-${child}`, principalId);
  } else {
    madeInApp(scope).when(identity.id, (made) => {
      if (made instanceof ManagedIdentity) assign(made, child, made.principalId);
    });
  }
  madeInApp(scope).note(readKey(vault, identity));
  return new Grant(
    identity.name,
    secret.name,
    [
      {
        allows: [ROLES.secretsUser.name],
        on: scopeId,
        reason: vault.shared
          ? 'reads this one secret, since others use the vault too'
          : `reads the app's own vault, of which ${secret.name} is one secret`,
      },
    ],
    dependables,
  );
}

/** Whether anything in the app lets an identity read a vault. */
export function mayRead(scope: Construct, vault: IKeyVault, identity: IManagedIdentity): boolean {
  return madeInApp(scope).isNoted(readKey(vault, identity));
}

function readKey(vault: IKeyVault, identity: IManagedIdentity): string {
  return `${identity.id} reads ${vault.id}`;
}

/** A role in one secret can only follow its value, and the identity's stack is applied before that. */
function writtenBefore(
  scope: Construct,
  identity: IManagedIdentity,
  writer: ITerraformDependable | undefined,
  shared: boolean,
): Problem | undefined {
  if (!shared || writer === undefined) return undefined;
  const here = identity instanceof ManagedIdentity && AzureStack.of(identity) === AzureStack.of(scope);
  const imported = !(identity instanceof ManagedIdentity) && identity.principalId !== undefined;
  if (here || imported) return undefined;
  return {
    code: 'SR-AZURE-GRANT-ORDER',
    property: 'identity',
    message: `is ${identity.name} of another stack, allowed in a shared vault is one of the stack that writes the secret, or one with a known object id`,
    fix: "give the identity with ManagedIdentity.fromAttributes, or use a vault of the app's own",
  };
}
