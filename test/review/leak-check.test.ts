import { describe, expect, it } from 'vitest';
import { findLeaks, leakLine } from '../../review/leak-check';
import type { JsonObject } from '../../review/model';
import { stackWith } from './support';

/** Put together so that no scanner takes this file for a leak itself. */
const VALUE = ['hunter', '2'].join('');
const PRIVATE_KEY = ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ');

const codes = (resources: Readonly<Record<string, JsonObject>>, rest: JsonObject = {}) =>
  findLeaks([stackWith(resources, rest)]).map(({ code, place }) => `${code} ${place}`);

describe('findLeaks finds a literal', () => {
  it.each<[string, string, JsonObject, string]>([
    ['in a write-only argument', 'aws_db_instance.a', { password_wo: VALUE }, 'password_wo'],
    ['in an argument that is called so', 'example_thing.a', { client_secret: VALUE }, 'client_secret'],
    ['in a nested block', 'example_thing.a', { auth: [{ apiKey: VALUE }] }, 'auth.0.apiKey'],
    [
      'in an environment map',
      'aws_lambda_function.a',
      { environment: { variables: { DB_PASSWORD: VALUE } } },
      'environment.variables.DB_PASSWORD',
    ],
    ['in app settings', 'azurerm_linux_web_app.a', { app_settings: { API_TOKEN: VALUE } }, 'app_settings.API_TOKEN'],
    [
      'in a list of names and values',
      'example_job.a',
      { env: [{ name: 'DB_PASSWORD', value: VALUE }] },
      'env.0.DB_PASSWORD',
    ],
    [
      'in JSON inside a text',
      'aws_ecs_task_definition.a',
      { container_definitions: JSON.stringify([{ environment: [{ name: 'TOKEN', value: VALUE }] }]) },
      'container_definitions.0.environment.0.TOKEN',
    ],
    [
      'inside jsonencode',
      'vault_kv_secret_v2.a',
      { data_json_wo: `\${jsonencode({"password" = "${VALUE}"})}` },
      'data_json_wo',
    ],
    ['in SQL', 'example_sql.a', { statement: `ALTER ROLE app PASSWORD '${VALUE}'` }, 'statement'],
    ['in a URL', 'example_thing.a', { url: `postgresql://app:${VALUE}@db.example.com/app` }, 'url'],
    ['that is a private key by its form', 'example_thing.a', { text: `${PRIVATE_KEY}\nMII` }, 'text'],
    ['that is a token of Vault by its form', 'example_thing.a', { text: `hvs.${'A'.repeat(24)}` }, 'text'],
  ])('%s', (_, address, body, argument) => {
    expect(codes({ [address]: body })).toEqual([`SR-LEAK-LITERAL ${address}.${argument}`]);
  });

  it.each<[string, JsonObject, string]>([
    ['a provider', { provider: { vault: [{ token: VALUE }] } }, 'provider.vault.0.token'],
    ["a variable's default", { variable: { db_password: { default: VALUE } } }, 'variable.db_password.default'],
    ['an output', { output: { db_password: { value: VALUE } } }, 'output.db_password.value'],
    ['a local', { locals: { db_password: VALUE } }, 'locals.db_password'],
    ['a backend', { terraform: { backend: { s3: { secret_key: VALUE } } } }, 'terraform.backend.s3.secret_key'],
  ])('in %s', (_, rest, place) => {
    expect(codes({}, rest)).toEqual([`SR-LEAK-LITERAL ${place}`]);
  });
});

describe('findLeaks finds a value that would be kept in state', () => {
  it.each<[string, JsonObject, string]>([
    ['aws_secretsmanager_secret_version.a', { secret_string: '${jsonencode({})}' }, '.secret_string'],
    ['aws_secretsmanager_secret_version.a', { secret_binary: '${var.x}' }, '.secret_binary'],
    ['aws_db_instance.a', { password: '${var.x}' }, '.password'],
    ['aws_ssm_parameter.a', { value: VALUE }, '.value'],
    ['azurerm_key_vault_secret.a', { value: '${var.x}' }, '.value'],
    ['vault_kv_secret_v2.a', { data_json: '${jsonencode({})}' }, '.data_json'],
    [
      'vault_database_secret_backend_connection.a',
      { postgresql: [{ password: '${var.x}' }] },
      '.postgresql.0.password',
    ],
    ['vault_jwt_auth_backend.a', { oidc_client_secret: VALUE }, '.oidc_client_secret'],
    ['kubernetes_secret.a', { data: { anything: VALUE } }, '.data.anything'],
    ['random_password.a', { length: 32 }, ''],
    ['tls_private_key.a', {}, ''],
  ])('%s %j', (address, body, argument) => {
    expect(codes({ [address]: body })).toEqual([`SR-LEAK-STORED ${address}${argument}`]);
  });

  it('a data source that reads a value', () => {
    const rest = { data: { azurerm_key_vault_secret: { a: { name: 'x' } } } };
    expect(codes({}, rest)).toEqual(['SR-LEAK-STORED data.azurerm_key_vault_secret.a']);
  });

  it('a connection URL with an address alone is none', () => {
    const url = 'postgresql://{{username}}:{{password}}@db.example.com:5432/app';
    expect(codes({ 'vault_database_secret_backend_connection.a': { postgresql: [{ connection_url: url }] } })).toEqual(
      [],
    );
  });
});

describe('findLeaks finds a reference that copies a value', () => {
  it.each([
    '${random_password.a.result}',
    '${data.aws_secretsmanager_secret_version.a.secret_string}',
    '${azurerm_key_vault_secret.a.value}',
    '${azurerm_log_analytics_workspace.a.primary_shared_key}',
    '${aws_iam_access_key.a.secret}',
    '${jsondecode(data.vault_kv_secret_v2.a.data_json)["password"]}',
    '${tls_private_key.a.private_key_pem}',
  ])('%s into an output, and into an argument', (reference) => {
    expect(codes({}, { output: { plain: { value: reference } } })).toEqual(['SR-LEAK-REFERENCE output.plain.value']);
    expect(codes({ 'example_thing.a': { text: reference } })).toEqual(['SR-LEAK-REFERENCE example_thing.a.text']);
  });

  it('and none in a name, an ARN, an id or a version', () => {
    const text =
      '${aws_secretsmanager_secret.a.arn} ${azurerm_key_vault_secret.a.versionless_id} ${aws_kms_key.a.key_id}';
    expect(codes({ 'example_thing.a': { text, list: ['${aws_secretsmanager_secret_version.a.version_id}'] } })).toEqual(
      [],
    );
  });
});

describe('findLeaks follows ephemeral values', () => {
  const reference = '${ephemeral.random_password.a.result}';

  it('into write-only arguments, providers and other ephemeral blocks, where they may end', () => {
    const rest = {
      provider: { postgresql: [{ password: reference }] },
      ephemeral: { example_login: { a: { password: reference } } },
    };
    expect(codes({ 'aws_db_instance.a': { password_wo: reference, password_wo_version: 1 } }, rest)).toEqual([]);
    expect(
      codes({ 'vault_kv_secret_v2.a': { data_json_wo: '${jsonencode({"p" = ephemeral.random_password.a.result})}' } }),
    ).toEqual([]);
  });

  it.each<[string, JsonObject, string]>([
    ['an output', { output: { a: { value: reference } } }, 'output.a.value'],
    ['a local', { locals: { a: reference } }, 'locals.a'],
    ['an argument', { resource: { example_thing: { a: { text: reference } } } }, 'example_thing.a.text'],
  ])('into %s, where they may not', (_, rest, place) => {
    expect(codes({}, rest)).toEqual([`SR-LEAK-EPHEMERAL ${place}`]);
  });

  it('by an ephemeral variable too', () => {
    const variable = { admin: { ephemeral: true, default: null }, plain: {} };
    const thing = { 'example_thing.a': { text: '${var.admin}', other: '${var.plain}', password_wo: '${var.admin}' } };
    expect(codes(thing, { variable })).toEqual(['SR-LEAK-EPHEMERAL example_thing.a.text']);
  });
});

describe('findLeaks finds a quoted reference', () => {
  it('anywhere, as Terraform would store its text', () => {
    const thing = {
      'example_thing.a': { data_json_wo: '${jsonencode({"p" = "$${ephemeral.random_password.a.result}"})}' },
    };
    expect(codes(thing, { output: { a: { value: 'x $${y}' } } })).toEqual([
      'SR-LEAK-QUOTED example_thing.a.data_json_wo',
      'SR-LEAK-QUOTED output.a.value',
    ]);
  });
});

describe('findLeaks is silent about', () => {
  it.each<[string, JsonObject]>([
    [
      'a reference to where a value is',
      { password_secret: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:a-AbCdEf' },
    ],
    [
      'a Key Vault reference',
      { app_settings: { DB_PASSWORD: '@Microsoft.KeyVault(SecretUri=https://a.vault.azure.net/secrets/b)' } },
    ],
    ['an address', { app_settings: { VAULT_TOKEN: 'https://vault.example.com/v1/auth/token' } }],
    ['numbers and switches', { manage_master_user_password: true, token_ttl: 3600, password_wo_version: 2 }],
    [
      'names that only look alike',
      { password_policy: 'strong', secret_id: 'a', token_policies: ['a'], kms_key_id: 'b' },
    ],
    ["a template of Vault's", { creation_statements: [`CREATE ROLE "{{name}}" LOGIN PASSWORD '{{password}}'`] }],
    [
      'references',
      { secret: '${aws_secretsmanager_secret.a.arn}', secrets: [{ name: 'DB_PASSWORD', valueFrom: '${x_y.z.arn}' }] },
    ],
    ['a null that stands for nothing', { password_wo: null }],
  ])('%s', (_, body) => {
    expect(codes({ 'example_thing.a': body })).toEqual([]);
  });
});

describe('a leak', () => {
  it('is told with place, construct and code, and without the value', () => {
    const body = { password_wo: VALUE, '//': { metadata: { path: 'prod-myapp-aws/db/instance' } } };
    const lines = findLeaks([stackWith({ 'aws_db_instance.a': body })]).map(leakLine);
    expect(lines).toEqual([
      'prod-myapp-aws: aws_db_instance.a.password_wo (prod-myapp-aws/db/instance) has a literal value; let it be generated, put it in from outside, or refer to the secret [SR-LEAK-LITERAL]',
    ]);
    expect(lines.join()).not.toContain(VALUE);
  });
});

describe("findLeaks takes a KV secret's metadata", () => {
  const endpoint = (path: string, data: JsonObject) =>
    codes({ 'vault_generic_endpoint.a': { path, data_json: JSON.stringify(data) } });

  it('for what it is, and not for a value', () => {
    expect(endpoint('secret/metadata/myapp/database', { custom_metadata: { owner: 'payments' } })).toEqual([]);
  });

  it('for a value where it holds anything else', () => {
    expect(endpoint('secret/metadata/myapp/database', { password: VALUE })).not.toEqual([]);
  });

  it('for a value on any other path', () => {
    expect(endpoint('secret/data/myapp/database', { custom_metadata: { owner: 'payments' } })).not.toEqual([]);
  });
});
