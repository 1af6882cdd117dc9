import { describe, expect, it } from 'vitest';
import type { JsonObject, StackModel } from '../../review/model';
import { access } from '../../review/readers';
import { policy, stackWith } from './support';

const SECRETS_USER = '/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6';

/** `identity reads secret` for each way. */
const ways = (...stacks: readonly StackModel[]) =>
  access(stacks).readers.map(({ identity, secret, allOf }) => `${identity} reads ${secret?.name ?? `all of ${allOf}`}`);

describe('readers on AWS', () => {
  const secrets = {
    'aws_secretsmanager_secret.db': { name: 'prod/myapp/database' },
    'aws_secretsmanager_secret.key': { name: 'prod/myapp/key' },
    'aws_iam_role.task': { name: 'prod-myapp-task' },
  };
  const withPolicy = (...statements: readonly JsonObject[]) =>
    stackWith({
      ...secrets,
      'aws_iam_role_policy.read': { role: '${aws_iam_role.task.name}', policy: policy(...statements) },
    });
  const read = { Effect: 'Allow', Action: 'secretsmanager:GetSecretValue' };
  const DB = '${aws_secretsmanager_secret.db.arn}';

  it('finds a role that may read one secret, by which policy, and under which condition', () => {
    const stack = withPolicy({ ...read, Resource: [DB], Condition: { Bool: { 'aws:SecureTransport': 'true' } } });
    expect(access([stack]).readers).toMatchObject([
      {
        identity: 'prod-myapp-task',
        secret: { name: 'prod/myapp/database' },
        via: ['aws_iam_role_policy.read'],
        when: '{"Bool":{"aws:SecureTransport":"true"}}',
      },
    ]);
  });

  it.each<[string, JsonObject, readonly string[]]>([
    [
      'several actions',
      { ...read, Action: ['secretsmanager:DescribeSecret', 'secretsmanager:getsecretvalue'] },
      ['database'],
    ],
    ['a wildcard in the action', { ...read, Action: 'secretsmanager:Get*' }, ['database']],
    ['all actions', { ...read, Action: '*' }, ['database']],
    ['all actions but some', { Effect: 'Allow', NotAction: 'iam:*' }, ['database']],
    ['all actions but reading', { Effect: 'Allow', NotAction: 'secretsmanager:*' }, []],
    ['another action', { ...read, Action: 'secretsmanager:DescribeSecret' }, []],
  ])('understands %s', (_, statement, found) => {
    expect(ways(withPolicy({ Resource: DB, ...statement }))).toEqual(
      found.map((name) => `prod-myapp-task reads prod/myapp/${name}`),
    );
  });

  it.each<[string, string, readonly string[]]>([
    ['every resource', '*', ['database', 'key']],
    [
      'an ARN with six question marks',
      'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/myapp/key-??????',
      ['key'],
    ],
    ['an ARN with a star', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/myapp/*', ['database', 'key']],
    ['an ARN of another name', 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/other/key-??????', []],
    ['a key', '${aws_kms_key.k.arn}', []],
  ])('understands %s', (_, resource, found) => {
    expect(ways(withPolicy({ ...read, Resource: resource }))).toEqual(
      found.map((name) => `prod-myapp-task reads prod/myapp/${name}`),
    );
  });

  it('finds a reader in another stack by the name in an ARN, never by a reference of that stack', () => {
    const role = (resource: string) =>
      stackWith(
        { 'aws_iam_role_policy.p': { role: 'other', policy: policy({ ...read, Resource: resource }) } },
        {},
        'prod-other-aws',
      );
    const home = stackWith(secrets);
    expect(ways(home, role('arn:aws:secretsmanager:*:*:secret:prod/myapp/key-??????'))).toEqual([
      'other reads prod/myapp/key',
    ]);
    expect(ways(home, role(DB))).toEqual([]);
  });

  it('leaves out what is denied without a condition', () => {
    const deny = { ...read, Effect: 'Deny', Resource: DB };
    expect(ways(withPolicy({ ...read, Resource: '*' }, deny))).toEqual(['prod-myapp-task reads prod/myapp/key']);
    const sometimes = { ...deny, Condition: { Bool: { 'aws:SecureTransport': 'false' } } };
    expect(ways(withPolicy({ ...read, Resource: '*' }, sometimes))).toHaveLength(2);
  });

  it('finds readers by managed policies, inline ones and policies of the secret itself', () => {
    const document = policy({ ...read, Resource: DB });
    const stack = stackWith({
      ...secrets,
      'aws_iam_policy.managed': { policy: document },
      'aws_iam_role_policy_attachment.one': {
        role: '${aws_iam_role.task.id}',
        policy_arn: '${aws_iam_policy.managed.arn}',
      },
      'aws_iam_role.inline': { name: 'inline', inline_policy: [{ name: 'a', policy: document }] },
      'aws_secretsmanager_secret_policy.own': {
        secret_arn: DB,
        policy: policy({ ...read, Resource: '*', Principal: { AWS: 'arn:aws:iam::444455556666:root' } }),
      },
    });
    expect(ways(stack)).toEqual([
      'inline reads prod/myapp/database',
      'prod-myapp-task reads prod/myapp/database',
      'arn:aws:iam::444455556666:root reads prod/myapp/database',
    ]);
  });

  it('knows the master secret that RDS keeps, and no database without one', () => {
    const stack = stackWith({
      'aws_db_instance.db': { identifier: 'prod-myapp', manage_master_user_password: true },
      'aws_db_instance.plain': { identifier: 'plain' },
      'aws_iam_role_policy.p': {
        role: 'rotation',
        policy: policy({ ...read, Resource: '${aws_db_instance.db.master_user_secret[0].secret_arn}' }),
      },
    });
    expect(ways(stack)).toEqual(['rotation reads master user of prod-myapp']);
  });

  it('says that it can not tell where a policy is an expression', () => {
    const stack = stackWith({
      ...secrets,
      'aws_iam_role_policy.p': { role: 'other', policy: '${jsonencode({"Statement" = []})}' },
    });
    expect(access([stack])).toMatchObject({
      readers: [],
      unknown: [{ identity: 'other', via: ['aws_iam_role_policy.p'] }],
    });
  });
});

describe('readers on Azure', () => {
  const ID = '/subscriptions/s/resourceGroups/prod-myapp/providers/Microsoft.KeyVault/vaults/prod-kv';
  const base = {
    'azurerm_resource_group.group': { name: 'prod-myapp' },
    'azurerm_key_vault.kv': { name: 'prod-kv', resource_group_name: '${azurerm_resource_group.group.name}' },
    'azurerm_user_assigned_identity.app': { name: 'prod-myapp-id' },
  };
  const values = stackWith(
    { 'azurerm_key_vault_secret.db': { name: 'database', key_vault_id: ID } },
    {},
    'prod-myapp-azure-values',
  );
  const assigned = (scope: string, role: JsonObject = { role_definition_id: SECRETS_USER }) =>
    stackWith({
      ...base,
      'azurerm_role_assignment.read': {
        scope,
        principal_id: '${azurerm_user_assigned_identity.app.principal_id}',
        ...role,
      },
    });

  it.each([
    ['the vault by reference', '${azurerm_key_vault.kv.id}'],
    ['the vault by id', ID],
    ['its resource group by reference', '${azurerm_resource_group.group.id}'],
    ['its resource group by id', '/subscriptions/s/resourceGroups/prod-myapp'],
    ['its subscription', '/subscriptions/s'],
  ])('finds an identity with a role on %s: all its secrets, those of other stacks too', (_, scope) => {
    expect(ways(assigned(scope), values)).toEqual([
      'prod-myapp-id reads all of prod-kv',
      'prod-myapp-id reads prod-kv/database',
    ]);
  });

  it.each([`${ID}/secrets/database`, '${azurerm_key_vault.kv.id}/secrets/database'])(
    'finds one on %s alone',
    (scope) => {
      expect(ways(assigned(scope), values)).toEqual(['prod-myapp-id reads prod-kv/database']);
    },
  );

  it('finds nothing on another vault, group or secret', () => {
    const other = ID.replace('prod-kv', 'other-kv');
    expect(ways(assigned(`${ID}/secrets/other`), values)).toEqual([]);
    expect(ways(assigned('/subscriptions/s/resourceGroups/other'), values)).toEqual([]);
    expect(ways(assigned(other), values)).toEqual(['prod-myapp-id reads all of other-kv']);
  });

  it.each([
    ['00482a5a-887f-4fb3-b363-3b7fe8e74483', true],
    ['b86a8fe4-44ce-4948-aee5-eccb2c155cd7', true],
    ['4633458B-17DE-408A-B874-0445C86B69E6', true],
    ['21090545-7ca7-4776-b22c-e363652d74d2', false],
  ])('knows by the id %s whether a role reads', (id, reads) => {
    expect(ways(assigned(`${ID}/secrets/database`, { role_definition_id: `/x/${id}` }), values)).toHaveLength(
      Number(reads),
    );
  });

  it('knows roles by name too, and says which one it was', () => {
    const stack = assigned('${azurerm_key_vault.kv.id}', { role_definition_name: 'Key Vault Secrets Officer' });
    expect(access([stack]).readers[0]?.via).toEqual(['azurerm_role_assignment.read', 'Key Vault Secrets Officer']);
    expect(ways(assigned(ID, { role_definition_name: 'Key Vault Reader' }))).toEqual([]);
  });

  it('finds who may get secrets by an access policy, apart or inside the vault', () => {
    const stack = stackWith({
      'azurerm_key_vault.kv': {
        name: 'prod-kv',
        access_policy: [{ object_id: 'inside', secret_permissions: ['Get'] }],
      },
      'azurerm_key_vault_access_policy.a': {
        key_vault_id: ID,
        object_id: 'apart',
        secret_permissions: ['List', 'get'],
      },
      'azurerm_key_vault_access_policy.b': { key_vault_id: ID, object_id: 'lister', secret_permissions: ['List'] },
    });
    expect(ways(stack)).toEqual(['apart reads all of prod-kv', 'inside reads all of prod-kv']);
  });
});

describe('readers on Vault', () => {
  const vault = (resources: Readonly<Record<string, JsonObject>>, id = 'prod-myapp-vault', address = 'https://vault') =>
    stackWith(resources, { provider: { vault: [{ address }] } }, id);
  const base = {
    'vault_mount.kv': { path: 'prod-secret' },
    'vault_kv_secret_v2.db': { mount: '${vault_mount.kv.path}', name: 'myapp/database' },
    'vault_database_secret_backend_role.ro': { backend: 'prod-database', name: 'readonly' },
    'vault_kubernetes_auth_backend_role.app': { role_name: 'prod-myapp', token_policies: ['${vault_policy.app.name}'] },
  };
  const withPolicy = (text: string) => vault({ ...base, 'vault_policy.app': { name: 'prod-myapp', policy: text } });

  it('finds a role by its policy: stored secrets at data/, dynamic ones at creds/', () => {
    const stack = withPolicy(`
      path "\${vault_mount.kv.path}/data/myapp/*" { capabilities = ["read"] }
      path "prod-database/creds/readonly" { capabilities = ["read"] }`);
    expect(access([stack]).readers).toMatchObject([
      {
        identity: 'prod-myapp',
        secret: { name: 'prod-secret/data/myapp/database' },
        via: ['vault_kubernetes_auth_backend_role.app', 'vault_policy.app'],
      },
      { identity: 'prod-myapp', secret: { name: 'prod-database/creds/readonly' } },
    ]);
  });

  it('finds who reads a secret whose value is put in from outside: its metadata is all that the stack has', () => {
    const external = vault({
      ...base,
      'vault_generic_endpoint.external': { path: '${vault_mount.kv.path}/metadata/myapp/external', data_json: '{}' },
      'vault_generic_endpoint.same': { path: 'prod-secret/metadata/myapp/database', data_json: '{}' },
      'vault_generic_endpoint.other': { path: 'sys/config/ui', data_json: '{}' },
      'vault_policy.app': { name: 'prod-myapp', policy: 'path "prod-secret/data/*" { capabilities = ["read"] }' },
    });
    expect(ways(external).sort()).toEqual([
      'prod-myapp reads prod-secret/data/myapp/database',
      'prod-myapp reads prod-secret/data/myapp/external',
    ]);
  });

  it.each([
    ['the path without data/', 'path "prod-secret/myapp/*" { capabilities = ["read"] }'],
    ['a list alone', 'path "prod-secret/data/myapp/*" { capabilities = ["list"] }'],
    [
      'a denial',
      'path "prod-secret/data/*" { capabilities = ["read"] }\npath "prod-secret/data/myapp/*" { capabilities = ["deny"] }',
    ],
  ])('finds nothing by %s', (_, text) => {
    expect(ways(withPolicy(text))).toEqual([]);
  });

  it('finds a policy of another stack by its name, if that stack is of the same server', () => {
    const text = 'path "prod-secret/data/*" { capabilities = ["read"] }';
    const shared = (address: string) =>
      vault({ 'vault_policy.shared': { name: 'prod-myapp', policy: text } }, 'prod-platform-vault', address);
    const user = vault({
      ...base,
      'vault_kubernetes_auth_backend_role.app': { role_name: 'r', token_policies: ['prod-myapp'] },
    });
    expect(ways(user, shared('https://vault'))).toEqual(['r reads prod-secret/data/myapp/database']);
    expect(ways(user, shared('https://elsewhere'))).toEqual([]);
  });

  it('finds no secret of another server, though it has the same path', () => {
    const text = 'path "prod-secret/data/*" { capabilities = ["read"] }';
    const far = vault({ 'vault_policy.p': { name: 'p', policy: text } }, 'far-myapp-vault', 'https://elsewhere');
    const role = { 'vault_kubernetes_auth_backend_role.app': { role_name: 'r', token_policies: ['p'] } };
    const farRole = vault(role, 'far-other-vault', 'https://elsewhere');
    expect(ways(vault(base), far, farRole)).toEqual([]);
  });

  it('finds entities and groups, which name their policies otherwise', () => {
    const stack = vault({
      ...base,
      'vault_policy.p': { name: 'p', policy: 'path "prod-secret/data/*" { capabilities = ["read"] }' },
      'vault_identity_group.ops': { name: 'ops', policies: ['p'] },
    });
    expect(ways(stack)).toEqual(['ops reads prod-secret/data/myapp/database']);
  });

  it('says that it can not tell where a policy can not be read', () => {
    expect(access([withPolicy('${file("policy.hcl")}')])).toMatchObject({
      readers: [],
      unknown: [{ identity: 'prod-myapp', via: ['vault_kubernetes_auth_backend_role.app', 'vault_policy.app'] }],
    });
  });
});
