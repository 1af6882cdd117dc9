import { describe, expect, it } from 'vitest';
import { DatabaseMount, type IDatabaseMount } from '../../../constructs/vault/database-mount';
import { Duration } from '../../../constructs/vault/duration';
import { DynamicRole, type DynamicRoleProps } from '../../../constructs/vault/dynamic-role';
import { PasswordPolicy } from '../../../constructs/vault/password-policy';
import { PostgresConnection, type PostgresConnectionProps } from '../../../constructs/vault/postgres-connection';
import { readOnlyStatements, readWriteStatements } from '../../../constructs/vault/postgres-sql';
import type { VaultStack } from '../../../constructs/vault/vault-stack';
import { VAULT, vaultEnvironment } from '../../support/vault-environment';
import { onlyResource, refusal, resources, synthesized, vaultStack } from '../../support/vault-stack';

const GROUPS = { owner: 'myapp_owner', reader: 'myapp_readonly' };

const databases = (stack: VaultStack): IDatabaseMount => DatabaseMount.shared(stack, { name: 'database' });

function connect(stack: VaultStack, props: Partial<PostgresConnectionProps> = {}): PostgresConnection {
  return new PostgresConnection(stack, 'connection', { mount: databases(stack), name: 'mydb', ...props });
}

function role(stack: VaultStack, props: Partial<DynamicRoleProps> = {}): DynamicRole {
  const connection = props.connection ?? connect(stack);
  return new DynamicRole(stack, 'role', { connection, name: 'readonly', access: 'read-only', ...props });
}

const refusedConnection = (props: Partial<PostgresConnectionProps>) =>
  refusal(() => connect(vaultStack(), props)).join('\n');
const refusedRole = (props: Partial<DynamicRoleProps>) => refusal(() => role(vaultStack(), props)).join('\n');

describe('a connection to PostgreSQL', () => {
  it('checks the server’s certificate and name, and its own password when it is written', () => {
    const stack = vaultStack();
    connect(stack);
    const { lifecycle: _, ...body } = onlyResource(stack, 'vault_database_secret_backend_connection');
    expect(body).toEqual({
      backend: 'prod-database',
      name: 'mydb',
      plugin_name: 'postgresql-database-plugin',
      allowed_roles: [],
      verify_connection: true,
      postgresql: {
        connection_url:
          'postgresql://{{username}}:{{password}}@db.example.com:5432/myapp?sslmode=verify-full&sslrootcert=/vault/tls/postgres-ca.pem',
        username: 'vault_admin',
        password_wo: '${var.mydb_admin_password}',
        password_wo_version: 1,
        password_authentication: 'scram-sha-256',
        max_open_connections: 4,
        max_idle_connections: 2,
        max_connection_lifetime: 300,
        username_template: '{{ printf "v-%s-%s-%s" (.RoleName | truncate 15) (random 12) (unix_time) | truncate 63 }}',
      },
    });
  });

  it('is given its password once, by a variable that is kept nowhere and asked for never', () => {
    const stack = vaultStack();
    expect(connect(stack, { name: 'my-db.1' }).adminPasswordVariable).toBe('my_db_1_admin_password');
    const { description: _, ...variable } = synthesized(stack).variable?.my_db_1_admin_password ?? {};
    expect(variable).toEqual({ type: 'string', default: null, ephemeral: true, sensitive: true, nullable: true });
  });

  it('is guarded: a changed name or mount replaces it, which the tier refuses', () => {
    const stack = vaultStack();
    connect(stack);
    const [guard] = Object.keys(synthesized(stack).resource?.terraform_data ?? {});
    expect(onlyResource(stack, 'terraform_data')).toEqual({ triggers_replace: 'prod-database/mydb' });
    expect(onlyResource(stack, 'vault_database_secret_backend_connection').lifecycle).toEqual({
      prevent_destroy: true,
      replace_triggered_by: [`terraform_data.${guard}`],
    });
  });

  it('allows exactly the roles that exist', () => {
    const stack = vaultStack();
    const connection = connect(stack);
    new DynamicRole(stack, 'b', { connection, name: 'readwrite', access: 'read-write' });
    new DynamicRole(stack, 'a', { connection, name: 'readonly', access: 'read-only' });
    expect(onlyResource(stack, 'vault_database_secret_backend_connection').allowed_roles).toEqual([
      'readonly',
      'readwrite',
    ]);
  });

  it('takes another server, port and version of the password', () => {
    const stack = vaultStack();
    const server = { ...VAULT.postgres, host: '10.0.0.5', port: 6432, database: 'orders' };
    connect(stack, { server, adminPasswordVersion: 2 });
    expect(onlyResource(stack, 'vault_database_secret_backend_connection').postgresql).toMatchObject({
      connection_url: expect.stringContaining('@10.0.0.5:6432/orders?'),
      password_wo_version: 2,
    });
  });

  it('comes after a mount of the same stack', () => {
    const stack = vaultStack();
    connect(stack, { mount: new DatabaseMount(stack, 'databases', { name: 'database' }) });
    const [mount] = Object.keys(synthesized(stack).resource?.vault_mount ?? {});
    expect(onlyResource(stack, 'vault_database_secret_backend_connection').depends_on).toEqual([
      `vault_mount.${mount}`,
    ]);
  });

  it('says what a person does once: the owner’s SQL, the password, its rotation', () => {
    const stack = vaultStack();
    const connection = connect(stack);
    expect(stack.nextSteps.map(({ run }) => run)).toEqual([
      connection.ownerSql(),
      'read -rs TF_VAR_mydb_admin_password && export TF_VAR_mydb_admin_password\n',
      'vault write -address=https://vault.example.com:8200 -f prod-database/rotate-root/mydb\n',
    ]);
    expect(connection.ownerSql()).toContain('CREATE ROLE "myapp_readonly" NOLOGIN');
    expect(connection.ownerSql()).toContain('ALL TABLES IN SCHEMA "public"');
  });

  it('says how its users are ended before it goes', () => {
    const stack = vaultStack();
    const connection = connect(stack);
    role(stack, { connection });
    expect(connection.revokeLeases()).toBe(
      'vault lease revoke -address=https://vault.example.com:8200 -prefix prod-database/creds/readonly\n',
    );
  });

  it.each([
    [{ name: 'My-DB' }, 'name', 'SR-NAME-ILLEGAL'],
    [{ name: 'mydb/' }, 'name', 'SR-NAME-ILLEGAL'],
    [{ adminPasswordVersion: 0 }, 'adminPasswordVersion', 'SR-VALUE-VERSION'],
    [{ adminPasswordVersion: 1.5 }, 'adminPasswordVersion', 'SR-VALUE-VERSION'],
    [{ server: { ...VAULT.postgres, host: 'vault_admin:hunter2@db' } }, 'server.host', 'SR-VAULT-POSTGRES-HOST'],
    [{ server: { ...VAULT.postgres, host: 'db?sslmode=disable' } }, 'server.host', 'SR-VAULT-POSTGRES-HOST'],
    [{ server: { ...VAULT.postgres, database: 'a?b' } }, 'server.database', 'SR-VAULT-POSTGRES'],
    [{ server: { ...VAULT.postgres, caFile: '/a&sslmode=disable' } }, 'server.caFile', 'SR-VAULT-POSTGRES'],
    [{ schema: 'my schema' }, 'schema', 'SR-VAULT-POSTGRES'],
    [{ groups: { owner: 'Owner', reader: 'reader' } }, 'groups.owner', 'SR-VAULT-POSTGRES'],
    [{ groups: { owner: 'same', reader: 'same' } }, 'groups', 'SR-VAULT-POSTGRES-GROUPS'],
    [{ groups: { owner: 'vault_admin', reader: 'reader' } }, 'groups', 'SR-VAULT-POSTGRES-GROUPS'],
  ])('is refused: %#', (props, property, code) => {
    const lines = refusedConnection(props);
    expect(lines).toContain(`prod-myapp-vault/connection: ${property} `);
    expect(lines).toContain(`[${code}]`);
    expect(lines).not.toContain('hunter2');
  });

  it('has its name alone on its mount', () => {
    const stack = vaultStack();
    const mount = databases(stack);
    new PostgresConnection(stack, 'one', { mount, name: 'mydb' });
    expect(refusal(() => new PostgresConnection(stack, 'two', { mount, name: 'mydb' })).join()).toContain(
      '[SR-NAME-TAKEN]',
    );
  });

  it('has its variable alone in its stack', () => {
    const stack = vaultStack();
    new PostgresConnection(stack, 'one', { mount: databases(stack), name: 'mydb' });
    const other = DatabaseMount.shared(stack, { name: 'other' });
    expect(refusal(() => new PostgresConnection(stack, 'two', { mount: other, name: 'mydb' })).join()).toContain(
      '[SR-NAME-TAKEN]',
    );
  });
});

describe('a dynamic role', () => {
  it('gives users for an hour, a day at most, after its connection', () => {
    const stack = vaultStack();
    role(stack);
    const statements = readOnlyStatements(GROUPS);
    const { db_name, ...body } = onlyResource(stack, 'vault_database_secret_backend_role');
    expect(db_name).toMatch(/^\$\{vault_database_secret_backend_connection\.[\w-]+\.name\}$/);
    expect(body).toEqual({
      backend: 'prod-database',
      name: 'readonly',
      creation_statements: statements.creation,
      revocation_statements: statements.revocation,
      rollback_statements: statements.revocation,
      renew_statements: statements.renew,
      default_ttl: 3600,
      max_ttl: 86_400,
      lifecycle: { prevent_destroy: true },
    });
  });

  it('makes users that write members of the owner group', () => {
    const stack = vaultStack();
    role(stack, { access: 'read-write', connection: connect(stack, { groups: { owner: 'o', reader: 'r' } }) });
    expect(onlyResource(stack, 'vault_database_secret_backend_role').creation_statements).toEqual(
      readWriteStatements({ owner: 'o', reader: 'r' }).creation,
    );
  });

  it('has its passwords made by a policy, named where Vault looks for it', () => {
    const stack = vaultStack();
    role(stack, { passwordPolicy: new PasswordPolicy(stack, 'passwords', { name: 'strong' }) });
    const [policy] = Object.keys(synthesized(stack).resource?.vault_password_policy ?? {});
    expect(onlyResource(stack, 'vault_database_secret_backend_role')).toMatchObject({
      credential_config: { password_policy: 'prod-strong' },
      depends_on: [`vault_password_policy.${policy}`],
    });
    expect(onlyResource(stack, 'vault_database_secret_backend_connection')).not.toHaveProperty('data');
  });

  it('takes TTLs, and shortens its defaults to what the mount allows', () => {
    const stack = vaultStack();
    const mount = DatabaseMount.shared(stack, { name: 'short', defaultTtl: 300, maxTtl: 1800 });
    const connection = connect(stack, { mount });
    new DynamicRole(stack, 'a', { connection, name: 'a', access: 'read-only' });
    new DynamicRole(stack, 'b', {
      connection,
      name: 'b',
      access: 'read-only',
      defaultTtl: 60,
      maxTtl: Duration.minutes(5),
    });
    expect(
      resources(stack, 'vault_database_secret_backend_role').map((body) => [body.default_ttl, body.max_ttl]),
    ).toEqual([
      [1800, 1800],
      [60, 300],
    ]);
  });

  it('can be destroyed outside the protected tiers', () => {
    const stack = vaultStack(vaultEnvironment({}, { tier: 'development' }));
    role(stack);
    expect(onlyResource(stack, 'vault_database_secret_backend_role').lifecycle).toEqual({ prevent_destroy: false });
  });

  const SQL = readOnlyStatements(GROUPS);
  it.each([
    [{ name: 'ReadOnly' }, 'name', 'SR-NAME-ILLEGAL'],
    [{ defaultTtl: Duration.hours(2), maxTtl: Duration.hours(1) }, 'defaultTtl', 'SR-VAULT-TTL-INVERTED'],
    [{ maxTtl: Duration.days(2) }, 'maxTtl', 'SR-VAULT-TTL-MOUNT'],
    [{ defaultTtl: 0 }, 'defaultTtl', 'SR-VAULT-TTL'],
    [
      { access: { ...SQL, creation: ["CREATE ROLE x PASSWORD '{{password}}' VALID UNTIL '{{expiration}}'"] } },
      'access.creation',
      'SR-VAULT-STATEMENT-PLACEHOLDER',
    ],
    [{ access: { ...SQL, creation: ['CREATE ROLE "{{name}}"'] } }, 'access.creation', 'SR-VAULT-STATEMENT-PLACEHOLDER'],
    [{ access: { ...SQL, creation: [] } }, 'access.creation', 'SR-VAULT-STATEMENT-PLACEHOLDER'],
    [{ access: { ...SQL, revocation: [] } }, 'access.revocation', 'SR-VAULT-STATEMENT-PLACEHOLDER'],
    [{ access: { ...SQL, renew: ['SELECT 1'] } }, 'access.renew', 'SR-VAULT-STATEMENT-PLACEHOLDER'],
    [{ access: { ...SQL, creation: [`${SQL.creation[0]} SUPERUSER`] } }, 'access.creation', 'SR-VAULT-STATEMENT-POWER'],
    [
      { access: { ...SQL, revocation: ['DO $$ begin DROP ROLE "{{name}}"; end $$'] } },
      'access',
      'SR-VAULT-STATEMENT-SPLIT',
    ],
    [
      { access: { ...SQL, renew: [`DO $$ BEGIN ALTER ROLE "{{name}}" VALID UNTIL '{{expiration}}'; END $$`] } },
      'access.renew',
      'SR-VAULT-STATEMENT-SPLIT',
    ],
    [{ access: { ...SQL, creation: [`${SQL.creation[0]}`, 'SELECT ${x}'] } }, 'access', 'SR-VAULT-STATEMENT-TEMPLATE'],
  ] as const)('is refused: %#', (props, property, code) => {
    const lines = refusedRole(props);
    expect(lines).toContain(`prod-myapp-vault/role: ${property} `);
    expect(lines).toContain(`[${code}]`);
  });

  it('may say that a user is no superuser', () => {
    const [first] = SQL.creation;
    expect(refusedRole({ access: { ...SQL, creation: [`${first} NOSUPERUSER NOCREATEROLE`] } })).toBe('');
  });

  it('has its name alone on its mount', () => {
    const stack = vaultStack();
    const connection = connect(stack);
    role(stack, { connection });
    expect(
      refusal(() => new DynamicRole(stack, 'two', { connection, name: 'readonly', access: 'read-write' })).join(),
    ).toContain('[SR-NAME-TAKEN]');
  });
});
