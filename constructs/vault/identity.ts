import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { refuse } from '../core/errors';
import { Grant } from '../core/grant';
import type { PolicyRule } from './policy-text';
import { VaultStack } from './vault-stack';

/** What a workload is to Vault: a role of an auth method. Grants are given to it. */
export interface IVaultIdentity {
  /** The name by which grants and reports call it. */
  readonly name: string;
  /** The name of its environment. */
  readonly environment: string;
  /** The server, and the namespace in it, that knows the identity. */
  readonly vaultScope: string;
  /**
   * Adds a rule to the identity's own policy.
   *
   * @returns what must exist before the rule works.
   */
  allow(rule: PolicyRule): readonly ITerraformDependable[];
}

/**
 * Gives one identity one rule, and says so.
 *
 * @throws {InvalidProps} `SR-VAULT-GRANT-ELSEWHERE` when the identity belongs to another environment or another Vault.
 */
export function grant(from: Construct, secret: string, identity: IVaultIdentity, rule: PolicyRule): Grant {
  const { environment, vaultScope } = VaultStack.of(from);
  if (identity.environment !== environment.name || identity.vaultScope !== vaultScope) {
    refuse(from, [
      {
        code: 'SR-VAULT-GRANT-ELSEWHERE',
        property: 'identity',
        message: `is ${identity.name} of ${identity.environment} on ${identity.vaultScope}, but the secret is of ${environment.name} on ${vaultScope}`,
        fix: 'grant to an identity of the same environment: no secret is shared between environments',
      },
    ]);
  }
  const dependables = identity.allow(rule);
  const allows = rule.can === 'nothing' ? ['nothing'] : rule.can;
  return new Grant(identity.name, secret, [{ allows, on: rule.on.path, reason: rule.because }], dependables);
}
