import { describe, expect, it } from 'vitest';
import { AuditDevices } from '../../../constructs/vault/audit-devices';
import { AuditSink } from '../../../constructs/vault/audit-sink';
import { KvMount } from '../../../constructs/vault/kv-mount';
import { vaultEnvironment } from '../../support/vault-environment';
import { refusal, resources, synthesized, vaultStack } from '../../support/vault-stack';

describe('audit devices of Vault', () => {
  it('are a file and syslog by default', () => {
    const stack = vaultStack();
    new AuditDevices(stack, 'audit');
    expect(resources(stack, 'vault_audit')).toEqual([
      {
        type: 'file',
        path: 'prod-audit-file',
        options: { file_path: '/var/log/vault/prod-audit.log', mode: '0600' },
        lifecycle: { prevent_destroy: true },
      },
      {
        type: 'syslog',
        path: 'prod-audit-syslog',
        options: { facility: 'AUTH', tag: 'vault' },
        lifecycle: { prevent_destroy: true },
      },
    ]);
  });

  it('go where the environment says', () => {
    const stack = vaultStack(
      vaultEnvironment({ audit: { directory: '/vault/audit', socket: 'logs.example.com:9090' } }),
    );
    new AuditDevices(stack, 'audit');
    expect(resources(stack, 'vault_audit').map(({ options }) => options)).toEqual([
      { file_path: '/vault/audit/prod-audit.log', mode: '0600' },
      { address: 'logs.example.com:9090', socket_type: 'tcp', write_timeout: '2s' },
    ]);
  });

  it('come before everything else of the stack, whatever was made first', () => {
    const stack = vaultStack();
    new KvMount(stack, 'before', { name: 'one' });
    new AuditDevices(stack, 'audit');
    new KvMount(stack, 'after', { name: 'two' });
    const addresses = Object.keys(synthesized(stack).resource?.vault_audit ?? {}).map((name) => `vault_audit.${name}`);
    const others = [...resources(stack, 'vault_mount'), ...resources(stack, 'vault_kv_secret_backend_v2')];
    expect(addresses).toHaveLength(2);
    expect(others).toHaveLength(4);
    for (const other of others) expect(other.depends_on).toEqual(addresses);
  });

  it('can be destroyed outside the protected tiers', () => {
    const stack = vaultStack(vaultEnvironment({}, { tier: 'development' }));
    new AuditDevices(stack, 'audit');
    expect(resources(stack, 'vault_audit')[0]?.lifecycle).toEqual({ prevent_destroy: false });
  });

  it.each([[[]], [[AuditSink.file('/a.log')]], [[AuditSink.file('/a.log'), AuditSink.file('/b.log')]]])(
    'are not fewer than two kinds: %#',
    (sinks) => {
      const lines = refusal(() => new AuditDevices(vaultStack(), 'audit', { sinks }));
      expect(lines.join()).toMatch(/^prod-myapp-vault\/audit: sinks are .* \[SR-VAULT-AUDIT-SINGLE\]/);
    },
  );

  it.each([
    [AuditSink.file('audit.log'), 'SR-VAULT-AUDIT-FILE'],
    [AuditSink.file('/var/log/vault/'), 'SR-VAULT-AUDIT-FILE'],
    [AuditSink.syslog({ facility: 'MAIL' }), 'SR-VAULT-AUDIT-SYSLOG'],
    [AuditSink.syslog({ tag: 'two words' }), 'SR-VAULT-AUDIT-SYSLOG'],
  ])('write to a place that exists: %#', (sink, code) => {
    const sinks = [sink, AuditSink.socket('logs.example.com:9090')];
    expect(refusal(() => new AuditDevices(vaultStack(), 'audit', { sinks })).join()).toContain(`[${code}]`);
  });

  it('need the port of a collector', () => {
    const sinks = [AuditSink.file('stdout'), AuditSink.socket('logs.example.com')];
    expect(refusal(() => new AuditDevices(vaultStack(), 'audit', { sinks })).join()).toContain(
      '[SR-VAULT-AUDIT-SOCKET]',
    );
  });

  it('have a mode on files, not on the standard output', () => {
    expect(AuditSink.file('stdout').options).toEqual({ file_path: 'stdout' });
  });
});

describe('audit devices where Vault does not make them', () => {
  it('are a stanza of the server’s file on OpenBao', () => {
    const stack = vaultStack(vaultEnvironment({ server: 'openbao', version: '2.6.2' }));
    const audit = new AuditDevices(stack, 'audit', {
      sinks: [AuditSink.file('/var/log/openbao/a.log'), AuditSink.syslog()],
    });
    expect(resources(stack, 'vault_audit')).toEqual([]);
    expect(audit.stanza()).toBe(`audit "file" "prod-audit-file" {
  options {
    file_path = "/var/log/openbao/a.log"
    mode = "0600"
  }
}

audit "syslog" "prod-audit-syslog" {
  options {
    facility = "AUTH"
    tag = "vault"
  }
}
`);
    expect(stack.nextSteps.map(({ run }) => run)).toEqual([audit.stanza()]);
  });

  it('are commands of the root namespace’s operator in a namespace', () => {
    const stack = vaultStack(vaultEnvironment({ edition: 'enterprise', namespace: 'team' }));
    new AuditDevices(stack, 'audit');
    expect(resources(stack, 'vault_audit')).toEqual([]);
    expect(stack.nextSteps[0]?.run).toBe(
      'vault audit enable -address=https://vault.example.com:8200 -path=prod-audit-file file file_path=/var/log/vault/prod-audit.log mode=0600\n' +
        'vault audit enable -address=https://vault.example.com:8200 -path=prod-audit-syslog syslog facility=AUTH tag=vault\n',
    );
  });
});
