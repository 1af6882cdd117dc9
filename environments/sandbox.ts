import type { Environment } from './environment';
import { EXAMPLE_CLUSTER_CA } from './example-cluster-ca';

/**
 * What `npm run sandbox` deploys onto stand-ins for the providers, on one machine, and destroys again.
 *
 * Nothing in it exists: no account, no subscription, no server. Its tier protects nothing, so that all of it can go, and
 * lets the state be a file.
 */
export const sandbox: Environment = {
  name: 'sandbox',
  tier: 'sandbox',
  state: { kind: 'local' },
  aws: {
    accountId: '000011112222',
    region: 'eu-central-1',
    network: { kind: 'created', cidr: '10.23.0.0/20', zones: ['eu-central-1a', 'eu-central-1b'] },
    trail: true,
  },
  azure: {
    tenantId: '99999999-9999-4999-8999-999999999999',
    subscriptionId: '44444444-4444-4444-8444-444444444444',
    location: 'westeurope',
    suffix: 'x0',
    network: { kind: 'created', cidr: '10.123.0.0/20' },
    runner: { addresses: ['203.0.113.10'], principalId: 'aaaaaaaa-4444-4444-8444-444444444444' },
    clusterIssuerUrl:
      'https://westeurope.oic.prod-aks.azure.com/99999999-9999-4999-8999-999999999999/44444444-4444-4444-8444-444444444444/',
  },
  vault: {
    address: 'http://127.0.0.1:8200',
    server: 'vault',
    version: '1.21.1',
    edition: 'community',
    kubernetes: { host: 'https://kubernetes.sandbox.example.com:6443', caCertificate: EXAMPLE_CLUSTER_CA },
    postgres: {
      host: 'db.sandbox.example.com',
      database: 'mydb',
      adminUsername: 'vault_admin',
      caFile: '/vault/config/tls/database-ca.pem',
    },
  },
};
