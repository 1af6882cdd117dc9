import { Testing } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { SecretType } from '../../../constructs/core/secret-type';
import { Value } from '../../../constructs/core/value';
import type { Workload } from '../../../constructs/core/workload';
import { DatabaseMount } from '../../../constructs/vault/database-mount';
import { Duration } from '../../../constructs/vault/duration';
import { DynamicRole } from '../../../constructs/vault/dynamic-role';
import { KubernetesAuth } from '../../../constructs/vault/kubernetes-auth';
import { KubernetesRole, type KubernetesRoleProps } from '../../../constructs/vault/kubernetes-role';
import { KvMount } from '../../../constructs/vault/kv-mount';
import { KvSecret } from '../../../constructs/vault/kv-secret';
import { Policy } from '../../../constructs/vault/policy';
import { PostgresConnection } from '../../../constructs/vault/postgres-connection';
import { VaultStack } from '../../../constructs/vault/vault-stack';
import { vaultEnvironment } from '../../support/vault-environment';
import { onlyResource, refusal, resources, synthesized, vaultStack } from '../../support/vault-stack';

const MYAPP: Workload = {
  name: 'myapp',
  runsOn: { kubernetes: { namespace: 'myapp', serviceAccount: 'myapp-sa' } },
};

function role(stack: VaultStack, props: Partial<KubernetesRoleProps> = {}): KubernetesRole {
  const auth = KubernetesAuth.shared(stack, { name: 'kubernetes' });
  return new KubernetesRole(stack, 'identity', { auth, workload: MYAPP, ...props });
}

const refused = (props: Partial<KubernetesRoleProps>) => refusal(() => role(vaultStack(), props)).join('\n');

const secretOf = (stack: VaultStack) =>
  new KvSecret(stack, 'secret', {
    mount: KvMount.shared(stack, { name: 'secret' }),
    name: 'myapp/key',
    type: SecretType.API_KEY,
    owner: 'payments',
    value: Value.external({ since: '2026-11-01' }),
  });

const rolesOf = (stack: VaultStack) => {
  const mount = DatabaseMount.shared(stack, { name: 'database' });
  const connection = new PostgresConnection(stack, 'connection', { mount, name: 'mydb' });
  return new DynamicRole(stack, 'readonly', { connection, name: 'readonly', access: 'read-only' });
};

describe('the role of a workload in Kubernetes', () => {
  it('lets one service account of one namespace in, with tokens made for Vault', () => {
    const stack = vaultStack();
    role(stack);
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_role')).toEqual({
      backend: 'prod-kubernetes',
      role_name: 'myapp',
      bound_service_account_names: ['myapp-sa'],
      bound_service_account_namespaces: ['myapp'],
      audience: 'vault',
      alias_name_source: 'serviceaccount_name',
      token_policies: [],
      token_ttl: 1200,
      token_max_ttl: 3600,
    });
  });

  it('takes another name, audience and life of tokens', () => {
    const stack = vaultStack();
    role(stack, {
      name: 'web',
      audience: 'https://vault.example.com',
      tokenTtl: 300,
      tokenMaxTtl: Duration.minutes(10),
    });
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_role')).toMatchObject({
      role_name: 'web',
      audience: 'https://vault.example.com',
      token_ttl: 300,
      token_max_ttl: 600,
    });
  });

  it('shortens its defaults to what the method allows', () => {
    const stack = vaultStack();
    const auth = KubernetesAuth.shared(stack, { name: 'short', defaultTtl: 60, maxTtl: 600 });
    role(stack, { auth });
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_role')).toMatchObject({
      token_ttl: 600,
      token_max_ttl: 600,
    });
  });

  it('comes after a method of the same stack', () => {
    const stack = vaultStack();
    role(stack, { auth: new KubernetesAuth(stack, 'kubernetes', { name: 'kubernetes' }) });
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_role').depends_on).toEqual([
      expect.stringMatching(/^vault_auth_backend\./),
      expect.stringMatching(/^vault_kubernetes_auth_backend_config\./),
    ]);
  });

  it('says that the service account must be able to have its logins judged', () => {
    const stack = vaultStack();
    role(stack);
    expect(stack.nextSteps[0]?.run).toBe(
      'kubectl create clusterrolebinding myapp-myapp-sa-vault --clusterrole=system:auth-delegator --serviceaccount=myapp:myapp-sa\n',
    );
  });

  it.each([
    [{ workload: { name: 'myapp', runsOn: { ecs: true } } }, 'workload', 'SR-VAULT-WORKLOAD-PLACE'],
    [{ workload: place('*', 'myapp-sa') }, 'workload.runsOn.kubernetes.namespace', 'SR-VAULT-WORKLOAD-BOUND'],
    [{ workload: place('myapp', '*') }, 'workload.runsOn.kubernetes.serviceAccount', 'SR-VAULT-WORKLOAD-BOUND'],
    [{ workload: place('my*', 'myapp-sa') }, 'workload.runsOn.kubernetes.namespace', 'SR-VAULT-WORKLOAD-BOUND'],
    [{ workload: place('', '') }, 'workload.runsOn.kubernetes.namespace', 'SR-VAULT-WORKLOAD-BOUND'],
    [{ audience: '' }, 'audience', 'SR-VAULT-AUDIENCE'],
    [{ audience: 'a,b' }, 'audience', 'SR-VAULT-AUDIENCE'],
    [{ name: 'MyApp' }, 'name', 'SR-NAME-ILLEGAL'],
    [{ tokenTtl: Duration.hours(2) }, 'tokenTtl', 'SR-VAULT-TTL-INVERTED'],
    [{ tokenMaxTtl: Duration.hours(2) }, 'tokenMaxTtl', 'SR-VAULT-TTL-MOUNT'],
    [{ tokenTtl: 0 }, 'tokenTtl', 'SR-VAULT-TTL'],
  ] as const)('is refused: %#', (props, property, code) => {
    const lines = refused(props);
    expect(lines).toContain(`prod-myapp-vault/identity: ${property} `);
    expect(lines).toContain(`[${code}]`);
  });
});

describe('a grant', () => {
  it('opens one path for reading, and says why', () => {
    const stack = vaultStack();
    const grant = secretOf(stack).grantRead(role(stack));
    expect(grant.explain()).toBe('myapp may read on prod-secret/data/myapp/key: myapp reads the value of myapp/key');
    expect(onlyResource(stack, 'vault_policy')).toEqual({
      name: 'prod-myapp',
      policy:
        '# myapp reads the value of myapp/key\npath "prod-secret/data/myapp/key" {\n  capabilities = ["read"]\n}\n',
    });
  });

  it('of a database role opens its credentials', () => {
    const stack = vaultStack();
    const grant = rolesOf(stack).grantRead(role(stack));
    expect(grant.statements).toEqual([
      {
        allows: ['read'],
        on: 'prod-database/creds/readonly',
        reason: 'myapp has users of the database made by role readonly',
      },
    ]);
  });

  it('collects in one policy of the identity, attached to its role', () => {
    const stack = vaultStack();
    const identity = role(stack);
    secretOf(stack).grantRead(identity);
    rolesOf(stack).grantRead(identity);
    const [policy] = Object.keys(synthesized(stack).resource?.vault_policy ?? {});
    expect(resources(stack, 'vault_policy')).toHaveLength(1);
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_role').token_policies).toEqual([
      `\${vault_policy.${policy}.name}`,
    ]);
  });

  it('given twice is given once', () => {
    const stack = vaultStack();
    const identity = role(stack);
    const secret = secretOf(stack);
    secret.grantRead(identity);
    const once = onlyResource(stack, 'vault_policy').policy;
    secret.grantRead(identity);
    expect(onlyResource(stack, 'vault_policy').policy).toBe(once);
  });

  it('stands beside policies that were given by hand', () => {
    const stack = vaultStack();
    const rules = [
      { on: KvMount.shared(stack, { name: 'secret' }).dataBelow('shared'), can: ['read'], because: 'x' },
    ] as const;
    const identity = role(stack, { policies: [new Policy(stack, 'shared', { name: 'shared', rules })] });
    secretOf(stack).grantRead(identity);
    expect(onlyResource(stack, 'vault_kubernetes_auth_backend_role').token_policies).toHaveLength(2);
  });

  it('makes a policy for each identity of an app', () => {
    const stack = vaultStack();
    const auth = KubernetesAuth.shared(stack, { name: 'kubernetes' });
    const secret = secretOf(stack);
    for (const name of ['myapp', 'reports']) {
      secret.grantRead(new KubernetesRole(stack, name, { auth, workload: MYAPP, name }));
    }
    expect(
      resources(stack, 'vault_policy')
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['prod-myapp', 'prod-myapp-reports']);
  });

  it('orders what needs it after policy and role', () => {
    const stack = vaultStack();
    expect(secretOf(stack).grantRead(role(stack)).dependables).toHaveLength(2);
  });

  it.each([
    [vaultEnvironment({}, { name: 'dev' })],
    [vaultEnvironment({ address: 'https://other.example.com' }, { name: 'dev' })],
  ])('does not cross environments: %#', (environment) => {
    const app = Testing.app();
    const prod = new VaultStack(app, vaultEnvironment(), 'myapp');
    const identity = role(new VaultStack(app, environment, 'myapp'));
    expect(refusal(() => secretOf(prod).grantRead(identity)).join()).toContain('[SR-VAULT-GRANT-ELSEWHERE]');
  });

  it('on an imported secret is the same', () => {
    const stack = vaultStack();
    const identity = role(stack);
    KvSecret.fromName(stack, KvMount.shared(stack, { name: 'secret' }), 'myapp/key').grantRead(identity);
    expect(onlyResource(stack, 'vault_policy').policy).toContain('path "prod-secret/data/myapp/key"');
  });
});

function place(namespace: string, serviceAccount: string): Workload {
  return { name: 'myapp', runsOn: { kubernetes: { namespace, serviceAccount } } };
}
