import type { CoreEnvironment } from '../../constructs/core/environment';
import type { HasVault, VaultEnvironment } from '../../constructs/vault/environment';

/** The form of a certificate; nothing of it is read before Vault does. */
export const CA_CERTIFICATE = ['-----BEGIN CERTIFICATE-----', 'MIIB'.repeat(16), '-----END CERTIFICATE-----', ''].join(
  '\n',
);

/** A Vault for construct tests. */
export const VAULT: VaultEnvironment = {
  address: 'https://vault.example.com:8200',
  server: 'vault',
  version: '1.21.1',
  edition: 'community',
  kubernetes: { host: 'https://kubernetes.example.com:6443', caCertificate: CA_CERTIFICATE },
  postgres: {
    host: 'db.example.com',
    database: 'myapp',
    adminUsername: 'vault_admin',
    caFile: '/vault/tls/postgres-ca.pem',
  },
};

/** A production environment with that Vault, or another. */
export function vaultEnvironment(
  vault: Partial<VaultEnvironment> = {},
  core: Partial<CoreEnvironment> = {},
): CoreEnvironment & HasVault {
  return {
    name: 'prod',
    tier: 'production',
    state: {
      kind: 's3',
      bucket: 'state',
      region: 'eu-central-1',
      kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/1',
    },
    ...core,
    vault: { ...VAULT, ...vault },
  };
}
