import type { SecretDeclaration } from '../constructs/azure/key-vault-secret';
import { SecretType } from '../constructs/core/secret-type';
import { Value } from '../constructs/core/value';

/** The vault of `myapp`. */
export const VAULT = 'myapp-vault';

/** The password of the database's user: made by Terraform, seen by nobody, good for at most 30 days. */
export const databasePassword: SecretDeclaration = {
  name: 'database-password',
  type: SecretType.DATABASE_CREDENTIAL,
  owner: 'payments',
  value: Value.generated({ since: '2026-11-01' }),
};

/** The key that the payment provider gave: put in by hand, replaced within 90 days. */
export const paymentKey: SecretDeclaration = {
  name: 'payment-provider-key',
  type: SecretType.API_KEY,
  owner: 'payments',
  value: Value.external({ since: '2026-11-01' }),
};
