import { describe, expect, it } from 'vitest';
import type { CoreEnvironment } from '../../../constructs/core/environment';
import { checkVaultEnvironments, type VaultEnvironment } from '../../../constructs/vault/environment';
import { VAULT, vaultEnvironment } from '../../support/vault-environment';

const check = (vault: Partial<VaultEnvironment>, core: Partial<CoreEnvironment> = {}) =>
  checkVaultEnvironments([vaultEnvironment(vault, core)]).problems.map(({ code, property }) => `${property} ${code}`);

const postgres = (change: Partial<VaultEnvironment['postgres']>) => ({ postgres: { ...VAULT.postgres, ...change } });
const kubernetes = (change: Partial<VaultEnvironment['kubernetes']>) => ({
  kubernetes: { ...VAULT.kubernetes, ...change },
});

describe('the Vault of one environment', () => {
  it('is accepted as it should be written', () => {
    expect(checkVaultEnvironments([vaultEnvironment()])).toEqual({ problems: [], warnings: [] });
    expect(check({ audit: { directory: '/vault/audit', socket: 'logs.example.com:9090' } })).toEqual([]);
    expect(check({ login: { role: 'deploy' } })).toEqual([]);
    expect(check({ server: 'openbao', version: '2.6.2', namespace: 'team/a' })).toEqual([]);
    expect(check({ edition: 'enterprise', namespace: 'team' })).toEqual([]);
  });

  it.each([
    'http://vault.example.com:8200',
    'https://vault.example.com:8200/',
    'https://vault.example.com/v1',
    'https://user:word@vault.example.com',
    'vault.example.com',
    '',
  ])('has no address like %j', (address) => {
    expect(check({ address })).toEqual(['prod.vault.address SR-VAULT-ADDRESS']);
  });

  it('speaks plain http in the sandbox tier only', () => {
    expect(check({ address: 'http://127.0.0.1:8200' }, { tier: 'sandbox' })).toEqual([]);
  });

  it('never shows what may hold a password', () => {
    const broken = { address: 'https://user:hunter2@vault.example.com', ...postgres({ host: 'admin:hunter2@db' }) };
    const report = checkVaultEnvironments([vaultEnvironment(broken)]);
    expect(report.problems).toHaveLength(2);
    expect(JSON.stringify(report)).not.toContain('hunter2');
  });

  it.each([
    ['vault', '1.14.9'],
    ['vault', '1.21'],
    ['vault', '1.21.1+ent'],
    ['openbao', '2.3.2'],
  ] as const)('is not %s %s', (server, version) => {
    expect(check({ server, version })).toEqual(['prod.vault.version SR-VAULT-VERSION']);
  });

  it('has no enterprise edition on OpenBao', () => {
    expect(check({ server: 'openbao', version: '2.6.2', edition: 'enterprise' })).toEqual([
      'prod.vault.edition SR-VAULT-EDITION',
    ]);
  });

  it('has no namespace in the community edition of Vault', () => {
    expect(check({ namespace: 'team' })).toEqual(['prod.vault.namespace SR-VAULT-NAMESPACE']);
  });

  it.each(['/team', 'team/', 'a//b', 'root', ''])('has no namespace like %j', (namespace) => {
    expect(check({ edition: 'enterprise', namespace })).toEqual(['prod.vault.namespace SR-VAULT-NAMESPACE']);
  });

  it.each([
    [{ server: 'consul' }, 'prod.vault.server SR-VAULT-SERVER'],
    [{ edition: 'plus' }, 'prod.vault.edition SR-VAULT-EDITION'],
    [{ login: { role: 'de ploy' } }, 'prod.vault.login.role SR-VAULT-LOGIN'],
    [{ login: { role: 'deploy', mount: '/jwt' } }, 'prod.vault.login.mount SR-VAULT-LOGIN'],
    [{ audit: { directory: 'logs' } }, 'prod.vault.audit.directory SR-VAULT-AUDIT-FILE'],
    [{ audit: { socket: 'logs.example.com' } }, 'prod.vault.audit.socket SR-VAULT-AUDIT-SOCKET'],
    [kubernetes({ host: 'http://k8s.example.com' }), 'prod.vault.kubernetes.host SR-VAULT-KUBERNETES-HOST'],
    [kubernetes({ caCertificate: '/etc/ca.pem' }), 'prod.vault.kubernetes.caCertificate SR-VAULT-KUBERNETES-CA'],
    [postgres({ host: 'postgresql://db' }), 'prod.vault.postgres.host SR-VAULT-POSTGRES-HOST'],
    [postgres({ host: 'user:word@db' }), 'prod.vault.postgres.host SR-VAULT-POSTGRES-HOST'],
    [postgres({ port: 0 }), 'prod.vault.postgres.port SR-VAULT-POSTGRES'],
    [postgres({ database: 'My-App' }), 'prod.vault.postgres.database SR-VAULT-POSTGRES'],
    [postgres({ adminUsername: 'vault admin' }), 'prod.vault.postgres.adminUsername SR-VAULT-POSTGRES'],
    [postgres({ caFile: 'ca.pem' }), 'prod.vault.postgres.caFile SR-VAULT-POSTGRES'],
  ])('is refused with %j', (vault, problem) => {
    expect(check(vault as Partial<VaultEnvironment>)).toEqual([problem]);
  });

  it('has certificates of the API server, and no key among them', () => {
    const withKey = `${VAULT.kubernetes.caCertificate}-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n`;
    expect(check(kubernetes({ caCertificate: withKey }))).toEqual([
      'prod.vault.kubernetes.caCertificate SR-VAULT-KUBERNETES-CA',
    ]);
    expect(check(kubernetes({ caCertificate: VAULT.kubernetes.caCertificate.repeat(2) }))).toEqual([]);
  });
});

describe('several environments on one Vault', () => {
  const dev = (vault: Partial<VaultEnvironment> = {}) => vaultEnvironment(vault, { name: 'dev', tier: 'development' });

  it('are allowed, and production is warned', () => {
    const report = checkVaultEnvironments([dev(), vaultEnvironment()]);
    expect(report.problems).toEqual([]);
    expect(report.warnings).toEqual([
      'prod.vault.address: production shares Vault https://vault.example.com:8200 with dev; an operator of one can read the other, and one outage or seal takes both',
    ]);
  });

  it('are not warned about without production', () => {
    const staging = vaultEnvironment({}, { name: 'staging', tier: 'staging' });
    expect(checkVaultEnvironments([dev(), staging]).warnings).toEqual([]);
  });

  it('are refused when one of them says that it is alone', () => {
    const report = checkVaultEnvironments([dev({ serverAlone: true }), vaultEnvironment({ serverAlone: true })]);
    expect(report.problems.map(({ code, property }) => `${property} ${code}`)).toEqual([
      'dev.vault.serverAlone SR-VAULT-NOT-ALONE',
      'prod.vault.serverAlone SR-VAULT-NOT-ALONE',
    ]);
    expect(checkVaultEnvironments([dev(), vaultEnvironment({ serverAlone: true })]).problems).toHaveLength(1);
  });

  it('are alone in namespaces of their own', () => {
    const alone = { serverAlone: true, edition: 'enterprise' } as const;
    const report = checkVaultEnvironments([
      dev({ ...alone, namespace: 'dev' }),
      vaultEnvironment({ ...alone, namespace: 'prod' }),
    ]);
    expect(report).toEqual({ problems: [], warnings: [] });
  });
});
