import { Testing } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { DatabaseMount } from '../../../constructs/vault/database-mount';
import { Duration } from '../../../constructs/vault/duration';
import { KubernetesAuth } from '../../../constructs/vault/kubernetes-auth';
import { KvMount } from '../../../constructs/vault/kv-mount';
import { PasswordPolicy } from '../../../constructs/vault/password-policy';
import { VaultStack } from '../../../constructs/vault/vault-stack';
import { CA_CERTIFICATE, VAULT, vaultEnvironment } from '../../support/vault-environment';
import { lateRefusals, onlyResource, refusal, resources, synthesized, vaultStack } from '../../support/vault-stack';

const development = vaultEnvironment({}, { tier: 'development' });

/** The guard of a path, as the lists of Terraform's JSON name it. */
const guardOf = (stack: VaultStack) =>
  `terraform_data.${Object.keys(synthesized(stack).resource?.terraform_data ?? {})[0]}`;

describe('a KV mount', () => {
  it('is version 2, guarded and protected', () => {
    const stack = vaultStack();
    new KvMount(stack, 'secrets', { name: 'secret' });
    expect(onlyResource(stack, 'vault_mount')).toEqual({
      path: 'prod-secret',
      type: 'kv',
      options: { version: '2' },
      description: 'Secrets of prod',
      lifecycle: { prevent_destroy: true, replace_triggered_by: [guardOf(stack)] },
    });
    expect(onlyResource(stack, 'terraform_data')).toEqual({ triggers_replace: 'prod-secret' });
  });

  it('keeps ten versions and lets Terraform write', () => {
    const stack = vaultStack();
    new KvMount(stack, 'secrets', { name: 'secret' });
    expect(onlyResource(stack, 'vault_kv_secret_backend_v2')).toMatchObject({ max_versions: 10, cas_required: false });
  });

  it('takes other numbers of versions, and check-and-set', () => {
    const stack = vaultStack(development);
    new KvMount(stack, 'secrets', { name: 'secret', maxVersions: 3, checkAndSet: true, description: 'of apps' });
    expect(onlyResource(stack, 'vault_kv_secret_backend_v2')).toMatchObject({ max_versions: 3, cas_required: true });
    expect(onlyResource(stack, 'vault_mount')).toMatchObject({
      description: 'of apps',
      lifecycle: { prevent_destroy: false },
    });
  });

  it.each([1, 0, 2.5, 1001])('does not keep %d versions', (maxVersions) => {
    const lines = refusal(() => new KvMount(vaultStack(), 'secrets', { name: 'secret', maxVersions }));
    expect(lines.join()).toMatch(/^prod-myapp-vault\/secrets: maxVersions is .*\[SR-VAULT-KV-VERSIONS\]$/);
  });

  it.each(['secret/', '/secret', 'Secret', 'a b', 'team/secret', ''])('has no path like %j', (name) => {
    const alone = vaultStack(vaultEnvironment({ serverAlone: true }));
    expect(refusal(() => new KvMount(alone, 'secrets', { name })).join()).toContain('[SR-NAME-ILLEGAL]');
  });

  it.each(['sys', 'identity', 'cubbyhole', 'auth'])('does not take the path %j that Vault keeps for itself', (name) => {
    const alone = vaultStack(vaultEnvironment({ serverAlone: true }));
    expect(refusal(() => new KvMount(alone, 'secrets', { name })).join()).toContain('which Vault keeps for itself');
  });

  it('has its path alone, also among other engines', () => {
    const stack = vaultStack();
    new KvMount(stack, 'secrets', { name: 'one' });
    expect(refusal(() => new DatabaseMount(stack, 'databases', { name: 'one' })).join()).toContain('[SR-NAME-TAKEN]');
  });

  it('has its path alone among all environments of one Vault, and not beyond', () => {
    const app = Testing.app();
    const alone = { serverAlone: true } as const;
    const one = new VaultStack(app, vaultEnvironment(alone, { name: 'dev' }), 'platform');
    const same = new VaultStack(app, vaultEnvironment(alone, { name: 'staging' }), 'platform');
    const other = new VaultStack(app, vaultEnvironment({ ...alone, address: 'https://b.example.com' }), 'platform');
    new KvMount(one, 'secrets', { name: 'secret' });
    expect(refusal(() => new KvMount(same, 'secrets', { name: 'secret' })).join()).toContain('[SR-NAME-TAKEN]');
    expect(refusal(() => new KvMount(other, 'secrets', { name: 'secret' }))).toEqual([]);
  });
});

describe('a database mount', () => {
  it('gives leases of an hour, a day at most', () => {
    const stack = vaultStack();
    new DatabaseMount(stack, 'databases', { name: 'database' });
    expect(onlyResource(stack, 'vault_mount')).toEqual({
      path: 'prod-database',
      type: 'database',
      description: 'Database users of prod, made on demand',
      default_lease_ttl_seconds: 3600,
      max_lease_ttl_seconds: 86_400,
      lifecycle: { prevent_destroy: true, replace_triggered_by: [guardOf(stack)] },
    });
  });

  it('takes other leases, as numbers of seconds', () => {
    const stack = vaultStack();
    new DatabaseMount(stack, 'databases', { name: 'database', defaultTtl: 600, maxTtl: Duration.hours(2) });
    expect(onlyResource(stack, 'vault_mount')).toMatchObject({
      default_lease_ttl_seconds: 600,
      max_lease_ttl_seconds: 7200,
    });
  });

  it('has no inverted leases', () => {
    const props = { name: 'database', defaultTtl: Duration.days(2) };
    expect(refusal(() => new DatabaseMount(vaultStack(), 'databases', props)).join()).toMatch(
      /databases: defaultTtl is 2 days, longer than maxTtl with 1 day.*\[SR-VAULT-TTL-INVERTED\]$/,
    );
  });
});

describe('a password policy', () => {
  it('asks for 32 letters and digits of each kind', () => {
    const stack = vaultStack();
    new PasswordPolicy(stack, 'passwords', { name: 'strong' });
    const { name, policy } = onlyResource(stack, 'vault_password_policy');
    expect(name).toBe('prod-strong');
    expect(policy).toBe(
      [
        'length = 32\n',
        'rule "charset" {\n  charset = "abcdefghijklmnopqrstuvwxyz"\n  min-chars = 1\n}\n',
        'rule "charset" {\n  charset = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"\n  min-chars = 1\n}\n',
        'rule "charset" {\n  charset = "0123456789"\n  min-chars = 1\n}\n',
      ].join('\n'),
    );
  });

  it('asks for a symbol too, if told so', () => {
    const stack = vaultStack();
    new PasswordPolicy(stack, 'passwords', { name: 'strong', length: 40, symbols: '-_' });
    const { policy } = onlyResource(stack, 'vault_password_policy');
    expect(policy).toContain('length = 40\n');
    expect(policy).toContain('charset = "-_"');
  });

  it.each([19, 101, 32.5])('has no length of %d', (length) => {
    expect(refusal(() => new PasswordPolicy(vaultStack(), 'p', { name: 'strong', length })).join()).toContain(
      '[SR-VAULT-PASSWORD-LENGTH]',
    );
  });

  it.each(['"', '\\', '$', '@', ' '])('has no symbol %j', (symbols) => {
    expect(refusal(() => new PasswordPolicy(vaultStack(), 'p', { name: 'strong', symbols })).join()).toContain(
      '[SR-VAULT-PASSWORD-SYMBOLS]',
    );
  });
});

describe('the auth method of a Kubernetes cluster', () => {
  it('is guarded, hidden, and gives tokens of an hour at most', () => {
    const stack = vaultStack();
    new KubernetesAuth(stack, 'kubernetes', { name: 'kubernetes' });
    expect(onlyResource(stack, 'vault_auth_backend')).toEqual({
      type: 'kubernetes',
      path: 'prod-kubernetes',
      description: 'Service accounts of the Kubernetes cluster of prod',
      lifecycle: { prevent_destroy: true, replace_triggered_by: [guardOf(stack)] },
      tune: [
        {
          default_lease_ttl: '1200s',
          max_lease_ttl: '3600s',
          token_type: 'default-service',
          listing_visibility: 'hidden',
          allowed_response_headers: [],
          audit_non_hmac_request_keys: [],
          audit_non_hmac_response_keys: [],
          passthrough_request_headers: [],
        },
      ],
    });
  });

  it('knows the API server by its certificates and holds no credential of the cluster', () => {
    const stack = vaultStack();
    new KubernetesAuth(stack, 'kubernetes', { name: 'kubernetes' });
    const { backend, ...config } = onlyResource(stack, 'vault_kubernetes_auth_backend_config');
    expect(backend).toMatch(/^\$\{vault_auth_backend\..*\.path\}$/);
    expect(config).toEqual({
      kubernetes_host: 'https://kubernetes.example.com:6443',
      kubernetes_ca_cert: CA_CERTIFICATE,
      disable_local_ca_jwt: true,
    });
  });

  it('takes another cluster than the environment’s', () => {
    const stack = vaultStack();
    const cluster = { ...VAULT.kubernetes, host: 'https://other.example.com' };
    new KubernetesAuth(stack, 'kubernetes', { name: 'kubernetes', cluster });
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_config').kubernetes_host).toBe(
      'https://other.example.com',
    );
  });

  it.each([
    [{ cluster: { ...VAULT.kubernetes, host: 'http://other' } }, 'SR-VAULT-KUBERNETES-HOST'],
    [{ cluster: { ...VAULT.kubernetes, caCertificate: '' } }, 'SR-VAULT-KUBERNETES-CA'],
    [{ maxTtl: Duration.minutes(10) }, 'SR-VAULT-TTL-INVERTED'],
    [{ defaultTtl: 0 }, 'SR-VAULT-TTL'],
    [{ name: 'auth/kubernetes' }, 'SR-NAME-ILLEGAL'],
  ])('is refused: %#', (props, code) => {
    const lines = refusal(() => new KubernetesAuth(vaultStack(), 'kubernetes', { name: 'kubernetes', ...props }));
    expect(lines.join()).toContain(`[${code}]`);
  });
});

describe('what another stack of the same Vault makes', () => {
  const platformAndApp = () => {
    const app = Testing.app();
    const platform = new VaultStack(app, vaultEnvironment(), 'platform');
    return { platform, myapp: new VaultStack(app, vaultEnvironment(), 'myapp') };
  };

  it('is named as that stack names it, and makes nothing', () => {
    const { platform, myapp } = platformAndApp();
    new KvMount(platform, 'secrets', { name: 'secret' });
    new DatabaseMount(platform, 'databases', { name: 'database' });
    new PasswordPolicy(platform, 'passwords', { name: 'strong' });
    new KubernetesAuth(platform, 'kubernetes', { name: 'kubernetes' });
    expect(KvMount.shared(myapp, { name: 'secret' }).path).toBe('prod-secret');
    expect(DatabaseMount.shared(myapp, { name: 'database' })).toMatchObject({
      path: 'prod-database',
      longestLease: 86_400,
    });
    expect(PasswordPolicy.shared(myapp, { name: 'strong' }).name).toBe('prod-strong');
    expect(KubernetesAuth.shared(myapp, { name: 'kubernetes' })).toMatchObject({
      path: 'prod-kubernetes',
      longestToken: 3600,
    });
    expect(synthesized(myapp).resource).toBeUndefined();
    expect(lateRefusals(myapp)).toEqual([]);
  });

  it('is missed when the platform’s stack does not make it', () => {
    const { myapp } = platformAndApp();
    KvMount.shared(myapp, { name: 'secret' });
    DatabaseMount.shared(myapp, { name: 'database' });
    PasswordPolicy.shared(myapp, { name: 'strong' });
    KubernetesAuth.shared(myapp, { name: 'kubernetes' });
    expect(lateRefusals(myapp).map((line) => line.replace(/ is named.*\[/, ' ['))).toEqual([
      'prod-myapp-vault: kv mount "prod-secret" [SR-VAULT-MOUNT-MISSING]',
      'prod-myapp-vault: database mount "prod-database" [SR-VAULT-MOUNT-MISSING]',
      'prod-myapp-vault: password policy "prod-strong" [SR-VAULT-PASSWORD-POLICY-MISSING]',
      'prod-myapp-vault: auth method "prod-kubernetes" [SR-VAULT-MOUNT-MISSING]',
    ]);
  });

  it('is believed where the app has no platform stack', () => {
    const stack = vaultStack();
    KvMount.shared(stack, { name: 'secret' });
    expect(lateRefusals(stack)).toEqual([]);
    expect(resources(stack, 'vault_mount')).toEqual([]);
  });
});
