import { RoleAssignment } from '@cdktf/provider-azurerm/lib/role-assignment';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { type Problem, refuse } from '../core/errors';

/** A built-in role: its id never changes, its name may. */
export interface Role {
  readonly id: string;
  readonly name: string;
}

/**
 * The roles that Strongroom gives in a vault, by id.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/rbac-guide
 */
export const ROLES = {
  /** Reads secrets' values and metadata. */
  secretsUser: { id: '4633458b-17de-408a-b874-0445c86b69e6', name: 'Key Vault Secrets User' },
  /** Does everything with secrets, but gives nobody access. */
  secretsOfficer: { id: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7', name: 'Key Vault Secrets Officer' },
} as const satisfies Readonly<Record<string, Role>>;

/** A vault, or one secret in it: nothing wider. */
const VAULT_SCOPE =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/[^/]+\/providers\/Microsoft\.KeyVault\/vaults\/[^/]+(?:\/secrets\/[^/]+)?$/i;

/** A role for one identity in one scope. */
export interface RoleAssignmentProps {
  readonly role: Role;
  /** The id of the vault or secret, composed from names. */
  readonly scopeId: string;
  /**
   * The same id as a reference, where this stack makes the vault.
   *
   * @default - the composed id
   */
  readonly scopeReference?: string;
  /** The object id of the identity. */
  readonly principalId: string;
  /** Why, in one sentence: Azure shows it beside the assignment. */
  readonly description: string;
  /** @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/**
 * Gives one identity one role in one vault or secret.
 *
 * @throws {InvalidProps} `SR-AZURE-SCOPE` when the scope is wider than a vault.
 */
export function assignRole(scope: Construct, id: string, props: RoleAssignmentProps): RoleAssignment {
  refuse(scope, [scopeProblem(props.scopeId)]);
  const [, subscriptionId = ''] = VAULT_SCOPE.exec(props.scopeId) ?? [];
  // No name: the provider makes one at random. One made of what is known here would stay the same when an identity is
  // replaced, and Azure may refuse it as a change of the assignment that was only just deleted.
  return new RoleAssignment(scope, id, {
    scope: props.scopeReference ?? props.scopeId,
    // With the subscription in front, as Azure answers: another form would be a replacement at every plan.
    roleDefinitionId: `/subscriptions/${subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${props.role.id}`,
    principalId: props.principalId,
    // Says what the principal is, so that one which was only just made is not looked for in the directory.
    principalType: 'ServicePrincipal',
    description: props.description,
    ...(props.dependsOn === undefined ? {} : { dependsOn: [...props.dependsOn] }),
  });
}

/** The problem of a scope that reaches beyond one vault, or nothing. */
export function scopeProblem(scopeId: string, property = 'scope'): Problem | undefined {
  if (VAULT_SCOPE.test(scopeId)) return undefined;
  return {
    code: 'SR-AZURE-SCOPE',
    property,
    message: `is ${JSON.stringify(scopeId)}, allowed is the resource id of a vault`,
    fix: 'a role on a resource group or subscription reads every vault in it; name the vault, /subscriptions/…/providers/Microsoft.KeyVault/vaults/…',
  };
}
