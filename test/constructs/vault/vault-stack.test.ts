import { App } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { VaultStack } from '../../../constructs/vault/vault-stack';
import { vaultEnvironment } from '../../support/vault-environment';
import { synthesized, vaultStack } from '../../support/vault-stack';

describe('a Vault stack', () => {
  it('has the address and no token', () => {
    expect(synthesized(vaultStack()).provider?.vault).toEqual([
      { address: 'https://vault.example.com:8200', skip_child_token: true },
    ]);
  });

  it('logs in with the role of the pipeline, whose token is not written down', () => {
    const stack = vaultStack(vaultEnvironment({ login: { role: 'deploy' }, edition: 'enterprise', namespace: 'team' }));
    expect(synthesized(stack).provider?.vault).toEqual([
      {
        address: 'https://vault.example.com:8200',
        namespace: 'team',
        auth_login_jwt: [{ role: 'deploy', mount: 'jwt' }],
        skip_child_token: true,
      },
    ]);
  });

  it('accepts the versions of the provider that know write-only arguments', () => {
    expect(synthesized(vaultStack()).terraform?.required_providers).toEqual({
      vault: { source: 'hashicorp/vault', version: '>= 5.6, < 6' },
    });
    const own = vaultStack(vaultEnvironment({}, { providerVersions: { vault: '5.7.0' } }));
    expect(synthesized(own).terraform?.required_providers).toMatchObject({ vault: { version: '5.7.0' } });
  });

  it('puts the environment in front of names unless it has the server alone', () => {
    expect(vaultStack().named('secret')).toBe('prod-secret');
    expect(vaultStack(vaultEnvironment({ serverAlone: true })).named('secret')).toBe('secret');
  });

  it('writes commands for its own server', () => {
    expect(vaultStack().command('kv get @ x')).toBe('vault kv get -address=https://vault.example.com:8200 x\n');
    const bao = vaultStack(vaultEnvironment({ server: 'openbao', version: '2.6.2', namespace: 'team' }));
    expect(bao.command('kv get @ x')).toBe('bao kv get -address=https://vault.example.com:8200 -namespace=team x\n');
  });

  it('is found from a construct inside it, and only there', () => {
    const stack = vaultStack();
    expect(VaultStack.of(stack)).toBe(stack);
    expect(() => VaultStack.of(new App())).toThrow();
  });
});
