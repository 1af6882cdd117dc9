import { describe, expect, it } from 'vitest';
import { SecretType } from '../../../constructs/core/secret-type';
import { Value } from '../../../constructs/core/value';
import { KvMount } from '../../../constructs/vault/kv-mount';
import { KvSecret, type KvSecretProps } from '../../../constructs/vault/kv-secret';
import type { VaultStack } from '../../../constructs/vault/vault-stack';
import { vaultEnvironment } from '../../support/vault-environment';
import { onlyResource, refusal, resources, synthesized, vaultStack } from '../../support/vault-stack';

const GENERATED = Value.generated({ since: '2026-11-01' });
const EXTERNAL = Value.external({ since: '2026-11-01' });

function secret(stack: VaultStack, props: Partial<KvSecretProps> = {}): KvSecret {
  return new KvSecret(stack, 'secret', {
    mount: KvMount.shared(stack, { name: 'secret' }),
    name: 'myapp/session-key',
    type: SecretType.API_KEY,
    owner: 'payments',
    value: GENERATED,
    ...props,
  });
}

const refused = (props: Partial<KvSecretProps>) => refusal(() => secret(vaultStack(), props)).join('\n');

describe('a KV secret with a generated value', () => {
  it('is written and never read, with nothing else on its resource', () => {
    const stack = vaultStack();
    secret(stack);
    const { data_json_wo, ...body } = onlyResource(stack, 'vault_kv_secret_v2');
    expect(data_json_wo).toMatch(/^\$\{jsonencode\(\{"value" = ephemeral\.random_password\.[\w-]+\.result\}\)\}$/);
    expect(body).toEqual({
      mount: 'prod-secret',
      name: 'myapp/session-key',
      data_json_wo_version: 1,
      disable_read: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  it('has its version and length from the value', () => {
    const stack = vaultStack();
    secret(stack, { value: Value.generated({ since: '2026-11-01', version: 3, length: 48 }) });
    expect(onlyResource(stack, 'vault_kv_secret_v2').data_json_wo_version).toBe(3);
    expect(Object.values(synthesized(stack).ephemeral?.random_password ?? {})[0]).toMatchObject({ length: 48 });
  });

  it('is described on its metadata path, after the value, and keeps its versions when it goes', () => {
    const stack = vaultStack();
    secret(stack);
    const { data_json, ...body } = onlyResource(stack, 'vault_generic_endpoint');
    expect(JSON.parse(String(data_json))).toEqual({
      custom_metadata: {
        application: 'myapp',
        environment: 'prod',
        owner: 'payments',
        secret_type: 'api-key',
        since: '2026-11-01',
        rotate_by: '2027-01-30',
      },
    });
    const [name] = Object.keys(synthesized(stack).resource?.vault_kv_secret_v2 ?? {});
    expect(body).toEqual({
      path: 'prod-secret/metadata/myapp/session-key',
      disable_delete: true,
      ignore_absent_fields: true,
      depends_on: [`vault_kv_secret_v2.${name}`],
      lifecycle: { prevent_destroy: true },
    });
  });

  it('has plain fields beside the value, whose field is named by the type', () => {
    const stack = vaultStack();
    const made = secret(stack, { type: SecretType.DATABASE_CREDENTIAL, plainFields: { username: 'reports' } });
    expect(made.fields).toEqual(['username', 'password']);
    expect(onlyResource(stack, 'vault_kv_secret_v2').data_json_wo).toMatch(
      /^\$\{jsonencode\(\{"username" = "reports", "password" = ephemeral\./,
    );
  });

  it('comes after a mount of the same stack', () => {
    const stack = vaultStack();
    const mount = new KvMount(stack, 'secrets', { name: 'secret' });
    secret(stack, { mount });
    const { resource } = synthesized(stack);
    expect(onlyResource(stack, 'vault_kv_secret_v2').depends_on).toEqual([
      `vault_mount.${Object.keys(resource?.vault_mount ?? {})[0]}`,
      `vault_kv_secret_backend_v2.${Object.keys(resource?.vault_kv_secret_backend_v2 ?? {})[0]}`,
    ]);
  });

  it('can be destroyed outside the protected tiers', () => {
    const stack = vaultStack(vaultEnvironment({}, { tier: 'sandbox' }));
    secret(stack);
    expect(onlyResource(stack, 'vault_kv_secret_v2').lifecycle).toEqual({ prevent_destroy: false });
  });
});

describe('a KV secret whose value comes from outside', () => {
  it('has a description and no value', () => {
    const stack = vaultStack();
    secret(stack, { value: EXTERNAL });
    expect(resources(stack, 'vault_kv_secret_v2')).toEqual([]);
    expect(synthesized(stack).ephemeral).toBeUndefined();
    expect(onlyResource(stack, 'vault_generic_endpoint').path).toBe('prod-secret/metadata/myapp/session-key');
  });

  it('prints the command that reads it from standard input', () => {
    const stack = vaultStack();
    secret(stack, { value: EXTERNAL, expectedFields: ['username', 'password'] });
    expect(stack.nextSteps).toEqual([
      {
        what: 'After prod-myapp-vault is deployed: put the value of prod-secret/myapp/session-key in, as JSON with username, password, from standard input',
        run: 'vault kv put -address=https://vault.example.com:8200 -mount=prod-secret myapp/session-key -\n',
      },
    ]);
  });

  it('may live on a mount with check-and-set', () => {
    const stack = vaultStack();
    expect(() =>
      secret(stack, { value: EXTERNAL, mount: KvMount.shared(stack, { name: 'apps', checkAndSet: true }) }),
    ).not.toThrow();
  });
});

describe('a KV secret is refused', () => {
  it.each([
    ['data/myapp', 'SR-NAME-ILLEGAL'],
    ['metadata/myapp', 'SR-NAME-ILLEGAL'],
    ['data', 'SR-NAME-ILLEGAL'],
    ['/myapp', 'SR-NAME-ILLEGAL'],
    ['myapp/', 'SR-NAME-ILLEGAL'],
    ['myapp//key', 'SR-NAME-ILLEGAL'],
    ['myapp/../other', 'SR-NAME-ILLEGAL'],
    ['myapp/*', 'SR-NAME-ILLEGAL'],
  ])('with the name %j', (name, code) => {
    expect(refused({ name })).toMatch(new RegExp(`^prod-myapp-vault/secret: name .*\\[${code}\\]$`));
  });

  it('with a name that says data/, and says what would happen', () => {
    expect(refused({ name: 'data/myapp' })).toContain('Vault would store it below that word a second time');
  });

  it('with a name that another secret of the mount has', () => {
    const stack = vaultStack();
    const mount = KvMount.shared(stack, { name: 'secret' });
    const props = { mount, name: 'myapp/key', type: SecretType.API_KEY, owner: 'payments', value: EXTERNAL };
    new KvSecret(stack, 'one', props);
    expect(refusal(() => new KvSecret(stack, 'two', props)).join()).toContain('[SR-NAME-TAKEN]');
  });

  it.each([
    [{ type: SecretType.OAUTH_TOKEN }, 'type', 'SR-VAULT-KV-TYPE'],
    [{ type: SecretType.ENCRYPTION_KEY }, 'type', 'SR-VAULT-KV-TYPE'],
    [{ owner: ' ' }, 'owner', 'SR-VAULT-KV-OWNER'],
    [{ owner: 'x'.repeat(513) }, 'owner', 'SR-VAULT-KV-OWNER'],
    [{ owner: '${team}' }, 'owner', 'SR-VAULT-KV-OWNER'],
    [{ value: Value.bornInStore() }, 'value', 'SR-VAULT-KV-VALUE'],
    [{ value: Value.generated({ since: '2026-11-01', version: 0 }) }, 'value.version', 'SR-VALUE-VERSION'],
    [{ value: Value.generated({ since: 'today' }) }, 'value.since', 'SR-DATE'],
    [{ value: Value.external({ since: '2026-02-30' }) }, 'value.since', 'SR-DATE'],
    [{ field: 'API-Key' }, 'field', 'SR-VAULT-KV-FIELD'],
    [{ plainFields: { value: 'x' } }, 'plainFields.value', 'SR-VAULT-KV-FIELD'],
    [{ plainFields: { password: 'hunter2' } }, 'plainFields.password', 'SR-VAULT-KV-FIELD'],
    [{ plainFields: { client_secret: 'hunter2' } }, 'plainFields.client_secret', 'SR-VAULT-KV-FIELD'],
    [{ plainFields: { username: '${x}' } }, 'plainFields.username', 'SR-VAULT-KV-FIELD'],
    [{ expectedFields: ['a'] }, 'expectedFields', 'SR-VAULT-KV-FIELD'],
    [{ value: EXTERNAL, plainFields: { a: 'x' } }, 'plainFields', 'SR-VAULT-KV-FIELD'],
    [{ value: EXTERNAL, expectedFields: [] }, 'expectedFields', 'SR-VAULT-KV-FIELD'],
    [{ value: EXTERNAL, expectedFields: ['a', 'a'] }, 'expectedFields', 'SR-VAULT-KV-FIELD'],
  ] as const)('%#: %s', (props, property, code) => {
    const lines = refused(props);
    expect(lines).toContain(`prod-myapp-vault/secret: ${property} `);
    expect(lines).toContain(`[${code}]`);
    expect(lines).not.toContain('hunter2');
  });

  it('when Terraform would write to a mount with check-and-set', () => {
    const stack = vaultStack();
    const mount = KvMount.shared(stack, { name: 'apps', checkAndSet: true });
    expect(refusal(() => secret(stack, { mount })).join()).toMatch(
      /value is generated, but mount prod-apps .*\[SR-VAULT-KV-CAS\]$/,
    );
  });
});
