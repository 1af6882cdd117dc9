import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../constructs/core/app';
import { checkVaultEnvironments } from '../../constructs/vault/environment';
import { MyappVault } from '../../stacks/myapp-vault';
import { PlatformVault } from '../../stacks/platform-vault';
import { vaultEnvironment } from '../support/vault-environment';

type Stack = {
  readonly resource: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
};

describe('the Vault stacks', () => {
  let folder: string;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'strongroom-vault-'));
    const openbao = { server: 'openbao', version: '2.6.2' } as const;
    const environments = [vaultEnvironment(), vaultEnvironment(openbao, { name: 'dev', tier: 'development' })];
    await synthesize({ environments, stacks: [PlatformVault, MyappVault], check: checkVaultEnvironments }, folder);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const text = (id: string) => readFileSync(join(folder, 'stacks', id, 'cdk.tf.json'), 'utf8');
  const only = (id: string, type: string) =>
    Object.values((JSON.parse(text(id)) as Stack).resource[type] ?? {})[0] ?? {};

  it('give myapp its two secrets and users that read, and nothing of other apps', () => {
    expect(String(only('prod-myapp-vault', 'vault_policy').policy).match(/path "[^"]*"|\[.*\]/g)).toEqual([
      'path "prod-database/creds/readonly"',
      '["read"]',
      'path "prod-secret/data/myapp/database"',
      '["read"]',
      'path "prod-secret/data/myapp/session-key"',
      '["read"]',
    ]);
  });

  it('let exactly the two roles on the connection', () => {
    expect(only('prod-myapp-vault', 'vault_database_secret_backend_connection').allowed_roles).toEqual([
      'readonly',
      'readwrite',
    ]);
  });

  it('apply what the server shares first', () => {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
    expect(manifest.stacks['prod-myapp-vault'].dependencies).toEqual(['prod-platform-vault']);
  });

  it('have audit devices on Vault and none on OpenBao', () => {
    expect(text('prod-platform-vault')).toContain('"vault_audit"');
    expect(text('dev-platform-vault')).not.toContain('"vault_audit"');
  });

  it.each(['prod-platform-vault', 'prod-myapp-vault', 'dev-platform-vault', 'dev-myapp-vault'])(
    '%s has no quoted reference and no address written as a template',
    (id) => {
      expect(text(id)).not.toContain('$${');
      expect(text(id)).not.toMatch(/"replace_triggered_by": \[\s*"\$\{/);
      expect(text(id)).not.toMatch(/"depends_on": \[\s*"\$\{/);
    },
  );
});
