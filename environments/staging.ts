import type { Environment } from './environment';
import { EXAMPLE_CLUSTER_CA } from './example-cluster-ca';

/** Where a release is proved, protected as production is. */
export const staging: Environment = {
  name: 'staging',
  tier: 'staging',
  state: {
    kind: 's3',
    bucket: 'example-staging-terraform-state',
    region: 'eu-central-1',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:444455556666:key/22222222-2222-4222-8222-222222222222',
  },
  aws: {
    accountId: '444455556666',
    region: 'eu-central-1',
    network: { kind: 'created', cidr: '10.21.0.0/20', zones: ['eu-central-1a', 'eu-central-1b'] },
    trail: true,
  },
  azure: {
    tenantId: '99999999-9999-4999-8999-999999999999',
    subscriptionId: '22222222-2222-4222-8222-222222222222',
    location: 'westeurope',
    suffix: 's4m9',
    network: { kind: 'created', cidr: '10.121.0.0/20' },
    runner: { addresses: ['203.0.113.10'], principalId: 'aaaaaaaa-2222-4222-8222-222222222222' },
    clusterIssuerUrl:
      'https://westeurope.oic.prod-aks.azure.com/99999999-9999-4999-8999-999999999999/22222222-2222-4222-8222-222222222222/',
  },
  vault: {
    address: 'https://vault.staging.example.com:8200',
    server: 'vault',
    version: '1.21.1',
    edition: 'community',
    kubernetes: { host: 'https://kubernetes.staging.example.com:6443', caCertificate: EXAMPLE_CLUSTER_CA },
    postgres: {
      host: 'db.staging.example.com',
      database: 'mydb',
      adminUsername: 'vault_admin',
      caFile: '/vault/config/tls/database-ca.pem',
    },
  },
};
