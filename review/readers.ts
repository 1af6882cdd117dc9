import { awsReaders } from './aws-readers';
import { azureReaders } from './azure-readers';
import type { StackModel } from './model';
import { type DeclaredSecret, declaredSecrets, type SecretStore } from './secrets';
import { vaultReaders } from './vault-readers';

interface Way {
  readonly store: SecretStore;
  /** The identity's name in its store: an IAM role, a managed identity, a Vault auth role. */
  readonly identity: string;
  /** The blocks that give the access, in the order in which they lead from the identity to the secret. */
  readonly via: readonly string[];
  /** The stack that gives it. */
  readonly stack: string;
}

/** One way by which an identity can read a secret. */
export interface Reader extends Way {
  /** The secret; absent where the grant is to a whole vault, see `allOf`. */
  readonly secret?: DeclaredSecret;
  /** The vault, all of whose present and future secrets can be read. */
  readonly allOf?: string;
  /** The condition, as the store writes it. */
  readonly when?: string;
}

/** A grant that could not be read; it may give access to anything. */
export interface UnknownReader extends Way {
  readonly unknown: string;
}

/** Who can read what, and the grants that nobody but Terraform can read. */
export interface Access {
  readonly readers: readonly Reader[];
  readonly unknown: readonly UnknownReader[];
}

/** Who can read which secret, by which path, computed from synthesized Terraform alone. */
export function access(stacks: readonly StackModel[]): Access {
  const secrets = declaredSecrets(stacks);
  const all = [...awsReaders(stacks, secrets), ...azureReaders(stacks, secrets), ...vaultReaders(stacks, secrets)];
  return {
    readers: all.filter((one): one is Reader => !('unknown' in one)),
    unknown: all.filter((one): one is UnknownReader => 'unknown' in one),
  };
}
