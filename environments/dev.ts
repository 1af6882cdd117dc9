import type { Environment } from './environment';
import { EXAMPLE_CLUSTER_CA } from './example-cluster-ca';

/** Where changes are tried: nothing in it is precious. */
export const dev: Environment = {
  name: 'dev',
  tier: 'development',
  state: {
    kind: 's3',
    bucket: 'example-dev-terraform-state',
    region: 'eu-central-1',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:111122223333:key/11111111-1111-4111-8111-111111111111',
  },
  aws: {
    accountId: '111122223333',
    region: 'eu-central-1',
    network: { kind: 'created', cidr: '10.20.0.0/20', zones: ['eu-central-1a', 'eu-central-1b'] },
    trail: true,
  },
  azure: {
    tenantId: '99999999-9999-4999-8999-999999999999',
    subscriptionId: '11111111-1111-4111-8111-111111111111',
    location: 'westeurope',
    suffix: 'd7k2',
    network: { kind: 'created', cidr: '10.120.0.0/20' },
    runner: { addresses: ['203.0.113.10'], principalId: 'aaaaaaaa-1111-4111-8111-111111111111' },
    clusterIssuerUrl:
      'https://westeurope.oic.prod-aks.azure.com/99999999-9999-4999-8999-999999999999/11111111-1111-4111-8111-111111111111/',
  },
  vault: {
    address: 'https://vault.dev.example.com:8200',
    server: 'vault',
    version: '1.21.1',
    edition: 'community',
    kubernetes: { host: 'https://kubernetes.dev.example.com:6443', caCertificate: EXAMPLE_CLUSTER_CA },
    postgres: {
      host: 'db.dev.example.com',
      database: 'mydb',
      adminUsername: 'vault_admin',
      caFile: '/vault/config/tls/database-ca.pem',
    },
  },
};
