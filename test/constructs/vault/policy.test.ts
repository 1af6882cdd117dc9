import { describe, expect, it } from 'vitest';
import { DatabaseMount } from '../../../constructs/vault/database-mount';
import { DynamicRole } from '../../../constructs/vault/dynamic-role';
import { KvMount } from '../../../constructs/vault/kv-mount';
import { KvSecret } from '../../../constructs/vault/kv-secret';
import { Policy } from '../../../constructs/vault/policy';
import { type Capability, type PolicyTarget, uncheckedPath } from '../../../constructs/vault/policy-target';
import type { PolicyRule } from '../../../constructs/vault/policy-text';
import { PostgresConnection } from '../../../constructs/vault/postgres-connection';
import type { VaultStack } from '../../../constructs/vault/vault-stack';
import { vaultEnvironment } from '../../support/vault-environment';
import { lateRefusals, onlyResource, refusal, vaultStack } from '../../support/vault-stack';

const kv = (stack: VaultStack) => KvMount.shared(stack, { name: 'secret' });

/** What refuses a policy of these rules, made of the KV mount. */
function refused(rules: (mount: KvMount | ReturnType<typeof kv>) => readonly PolicyRule[]): string {
  const stack = vaultStack();
  return refusal(() => new Policy(stack, 'policy', { name: 'myapp', rules: rules(kv(stack)) })).join('\n');
}

describe('a policy', () => {
  it('is text, sorted, with its reasons', () => {
    const stack = vaultStack();
    const mount = kv(stack);
    new Policy(stack, 'policy', {
      name: 'operators',
      rules: [
        { on: mount.metadataBelow('myapp'), can: ['list', 'read'], because: 'operators see names and dates' },
        { on: mount.dataBelow('myapp'), can: ['update', 'create'], because: 'operators put values in' },
        { on: mount.dataBelow('otherapp'), can: 'nothing', because: 'not theirs' },
      ],
    });
    expect(onlyResource(stack, 'vault_policy')).toEqual({
      name: 'prod-operators',
      policy: `# operators put values in
path "prod-secret/data/myapp/*" {
  capabilities = ["create", "update"]
}

# not theirs
path "prod-secret/data/otherapp/*" {
  capabilities = ["deny"]
}

# operators see names and dates
path "prod-secret/metadata/myapp/*" {
  capabilities = ["read", "list"]
}
`,
    });
  });

  it('says the same whatever the order of its rules, and joins those of one path', () => {
    const stack = vaultStack();
    const target = kv(stack).dataBelow('a');
    const rules: readonly PolicyRule[] = [
      { on: target, can: ['update'], because: 'writes' },
      { on: target, can: ['read'], because: 'reads' },
    ];
    const one = new Policy(stack, 'one', { name: 'one', rules });
    const two = new Policy(stack, 'two', { name: 'two', rules: [...rules].reverse() });
    const body = (text: string) => text.split('\n').filter((line) => !line.startsWith('#'));
    expect(body(one.text)).toEqual(body(two.text));
    expect(one.text).toContain(
      '# writes\n# reads\npath "prod-secret/data/a/*" {\n  capabilities = ["read", "update"]\n}',
    );
  });

  it('refuses the guide’s list on the data path, and says where names are listed', () => {
    expect(refused((mount) => [{ on: mount.dataBelow('myapp'), can: ['read', 'list'], because: 'the guide' }])).toBe(
      'prod-myapp-vault/policy: rules[0].can has list on prod-secret/data/myapp/*, where Vault lists nothing: names are listed on the metadata path; give read here, and list on metadataBelow(…) if the names must be seen [SR-VAULT-POLICY-LIST]',
    );
  });

  it.each([[['sudo']], [['deny']], [[]]])('refuses the capabilities %j', (can) => {
    const rules = (mount: { dataBelow(prefix: string): PolicyTarget }) => [
      { on: mount.dataBelow('a'), can: can as Capability[], because: 'x' },
    ];
    expect(refused(rules)).toContain('[SR-VAULT-POLICY-CAPABILITY]');
  });

  it.each(['', '/a', 'a/', 'data/a', 'a/*', '+'])('refuses the prefix %j', (prefix) => {
    expect(refused((mount) => [{ on: mount.dataBelow(prefix), can: ['read'], because: 'x' }])).toMatch(
      /rules\[0\]\.prefix .*\[SR-NAME-ILLEGAL\]/,
    );
  });

  it.each(['', ' ', 'two\nlines', '${x}', '%{x}'])('refuses the reason %j', (because) => {
    expect(refused((mount) => [{ on: mount.dataBelow('a'), can: ['read'], because }])).toContain(
      '[SR-VAULT-POLICY-REASON]',
    );
  });

  it('refuses to allow and deny one path', () => {
    const lines = refused((mount) => [
      { on: mount.dataBelow('a'), can: ['read'], because: 'x' },
      { on: mount.dataBelow('a'), can: 'nothing', because: 'y' },
    ]);
    expect(lines).toContain('[SR-VAULT-POLICY-CONFLICT]');
  });

  it('refuses a narrower rule that takes away what a wider one gives', () => {
    const lines = refused((mount) => [
      { on: mount.dataBelow('a'), can: ['read'], because: 'x' },
      { on: mount.dataBelow('a/b'), can: ['update'], because: 'y' },
    ]);
    expect(lines).toMatch(
      /rules give read on prod-secret\/data\/a\/\*, but not on prod-secret\/data\/a\/b\/\*.*SHADOW\]$/,
    );
  });

  it('refuses a deny that a narrower rule undoes, and takes one inside a wider rule', () => {
    const rules =
      (outer: PolicyRule['can'], inner: PolicyRule['can']) => (mount: { dataBelow(prefix: string): PolicyTarget }) => [
        { on: mount.dataBelow('a'), can: outer, because: 'x' },
        { on: mount.dataBelow('a/b'), can: inner, because: 'y' },
      ];
    expect(refused(rules('nothing', ['read']))).toContain('[SR-VAULT-POLICY-SHADOW]');
    expect(refused(rules(['read'], 'nothing'))).toBe('');
  });

  it('refuses to be empty, once the app is whole', () => {
    const stack = vaultStack();
    new Policy(stack, 'policy', { name: 'myapp' });
    expect(lateRefusals(stack).join()).toContain('[SR-VAULT-POLICY-EMPTY]');
  });

  it.each(['root', 'default', 'Upper', 'a/b', ''])('is not named %j', (name) => {
    const alone = vaultStack(vaultEnvironment({ serverAlone: true }));
    expect(refusal(() => new Policy(alone, 'policy', { name })).join()).toContain('[SR-NAME-ILLEGAL]');
  });

  it('has its name alone on the server', () => {
    const stack = vaultStack();
    new Policy(stack, 'one', { name: 'myapp' });
    expect(refusal(() => new Policy(stack, 'two', { name: 'myapp' })).join()).toContain('[SR-NAME-TAKEN]');
  });

  it('opens one secret on its own paths', () => {
    const stack = vaultStack();
    const secret = KvSecret.fromName(stack, kv(stack), 'myapp/key');
    const policy = new Policy(stack, 'policy', {
      name: 'myapp',
      rules: [
        { on: secret.data, can: ['read'], because: 'x' },
        { on: secret.metadata, can: ['read'], because: 'x' },
      ],
    });
    expect(policy.text.match(/path "[^"]*"/g)).toEqual([
      'path "prod-secret/data/myapp/key"',
      'path "prod-secret/metadata/myapp/key"',
    ]);
  });
});

describe('credentials of a database role', () => {
  const databases = (stack: VaultStack) => DatabaseMount.shared(stack, { name: 'database' });

  it('are read and nothing else', () => {
    const stack = vaultStack();
    const { credentials } = DynamicRole.fromName(stack, databases(stack), 'readonly');
    expect(credentials.path).toBe('prod-database/creds/readonly');
    const lines = refusal(
      () => new Policy(stack, 'p', { name: 'p', rules: [{ on: credentials, can: ['update'], because: 'x' }] }),
    );
    expect(lines.join()).toContain('[SR-VAULT-POLICY-CAPABILITY]');
  });

  it('of a role that nobody made, such as the guide’s, are refused', () => {
    const stack = vaultStack(vaultEnvironment(), 'platform');
    const mount = new DatabaseMount(stack, 'databases', { name: 'database' });
    const connection = new PostgresConnection(stack, 'connection', { mount, name: 'mydb' });
    new DynamicRole(stack, 'readonly', { connection, name: 'readonly', access: 'read-only' });
    DynamicRole.fromName(stack, mount, 'readonly');
    expect(lateRefusals(stack)).toEqual([]);
    DynamicRole.fromName(stack, mount, 'myapp-readonly');
    expect(lateRefusals(stack)).toEqual([
      'prod-platform-vault: database role "prod-database/myapp-readonly" is named here, but no stack on Vault https://vault.example.com:8200 makes it; make it in prod-platform-vault, or name one that exists [SR-VAULT-ROLE-MISSING]',
    ]);
  });
});

describe('an unchecked path', () => {
  const unchecked = (path: string, can: readonly Capability[] = ['read']) => {
    const stack = vaultStack();
    const rules = [{ on: uncheckedPath(path), can, because: 'x' }];
    return refusal(() => new Policy(stack, 'policy', { name: 'myapp', rules })).join();
  };

  it('is literal', () => {
    expect(unchecked('transit/encrypt/orders', ['update'])).toBe('');
  });

  it.each([
    '*',
    'transit/*',
    'transit/+/orders',
    '+/x',
    '/transit',
    'transit/',
    'a//b',
    'a/{{identity.entity.id}}',
    'a"b',
    '${x}',
    '',
  ])('is not %j', (path) => {
    expect(unchecked(path)).toContain('[SR-VAULT-POLICY-PATH]');
  });

  it.each(['sys/policies/acl/x', 'auth/kubernetes/role/x', 'auth/token/create', 'identity/entity', 'sys'])(
    'does not write to %s',
    (path) => {
      expect(unchecked(path, ['update'])).toContain('[SR-VAULT-POLICY-ESCALATION]');
      expect(unchecked(path, ['read'])).toBe('');
    },
  );

  it('may renew and give back what the token has', () => {
    expect(unchecked('sys/leases/renew', ['update'])).toBe('');
    expect(unchecked('auth/token/revoke-self', ['update'])).toBe('');
  });

  it.each([
    ['prod-secret/myapp/database', 'values are below data/'],
    ['prod-secret/data/myapp/database', 'values are below data/'],
    ['prod-database/creds/myapp-readonly', 'nobody makes a role "myapp-readonly"'],
    ['prod-database/creds/readonly', 'is in the database mount prod-database'],
    ['prod-database/config/mydb', 'prod-database'],
  ])('does not go into a mount that the app knows: %s', (path, reason) => {
    const stack = vaultStack();
    kv(stack);
    const connection = new PostgresConnection(stack, 'connection', {
      mount: DatabaseMount.shared(stack, { name: 'database' }),
      name: 'mydb',
    });
    new DynamicRole(stack, 'readonly', { connection, name: 'readonly', access: 'read-only' });
    const on = uncheckedPath(path);
    new Policy(stack, 'policy', { name: 'myapp', rules: [{ on, can: ['read'], because: 'x' }] });
    const lines = lateRefusals(stack).join('\n');
    expect(lines).toContain(reason);
    expect(lines).toContain('[SR-VAULT-POLICY-KNOWN-MOUNT]');
  });
});
