import type { Environment } from './environment';
import { EXAMPLE_CLUSTER_CA } from './example-cluster-ca';

/** What customers use. */
export const prod: Environment = {
  name: 'prod',
  tier: 'production',
  state: {
    kind: 's3',
    bucket: 'example-prod-terraform-state',
    region: 'eu-central-1',
    kmsKeyArn: 'arn:aws:kms:eu-central-1:777788889999:key/33333333-3333-4333-8333-333333333333',
  },
  aws: {
    accountId: '777788889999',
    region: 'eu-central-1',
    network: { kind: 'created', cidr: '10.22.0.0/20', zones: ['eu-central-1a', 'eu-central-1b'] },
    trail: true,
  },
  azure: {
    tenantId: '99999999-9999-4999-8999-999999999999',
    subscriptionId: '33333333-3333-4333-8333-333333333333',
    location: 'westeurope',
    suffix: 'p1x8',
    network: { kind: 'created', cidr: '10.122.0.0/20' },
    runner: { addresses: ['203.0.113.10'], principalId: 'aaaaaaaa-3333-4333-8333-333333333333' },
    clusterIssuerUrl:
      'https://westeurope.oic.prod-aks.azure.com/99999999-9999-4999-8999-999999999999/33333333-3333-4333-8333-333333333333/',
  },
  vault: {
    address: 'https://vault.prod.example.com:8200',
    server: 'vault',
    version: '1.21.1',
    edition: 'community',
    kubernetes: { host: 'https://kubernetes.prod.example.com:6443', caCertificate: EXAMPLE_CLUSTER_CA },
    postgres: {
      host: 'db.prod.example.com',
      database: 'mydb',
      adminUsername: 'vault_admin',
      caFile: '/vault/config/tls/database-ca.pem',
    },
  },
};
