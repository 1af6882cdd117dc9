import { existsSync } from 'node:fs';
import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DynamicStatements,
  type GroupRoles,
  ownerSql,
  readOnlyStatements,
  readWriteStatements,
} from '../../../constructs/vault/postgres-sql';
import { type Postgres, startPostgres } from '../../support/postgres';

/** Where Debian and Ubuntu put a PostgreSQL older than 16, whose rules of membership are others. */
const OLDER = '/usr/lib/postgresql/15/bin';
const SERVERS = [
  { title: 'PostgreSQL 18', binaries: undefined },
  ...(existsSync(OLDER) ? [{ title: 'PostgreSQL 15', binaries: OLDER }] : []),
];

const GROUPS: GroupRoles = { owner: 'myapp_owner', reader: 'myapp_readonly' };
const ADMIN_PASSWORD = 'admin-of-vault';
const USER_PASSWORD = 'user-of-vault';
const LATER = '2099-01-01 00:00:00+0000';
const STATEMENTS = { readonly: readOnlyStatements(GROUPS), readwrite: readWriteStatements(GROUPS) };

describe.each(SERVERS)('users that Vault makes on $title', ({ binaries }) => {
  let postgres: Postgres;
  let admin: Client;
  let users = 0;

  beforeAll(async () => {
    postgres = await startPostgres({
      ...(binaries === undefined ? {} : { binaries }),
      initSql: ["CREATE ROLE dba LOGIN CREATEROLE CREATEDB PASSWORD 'dba'", 'CREATE DATABASE myapp OWNER dba'],
    });
    // Tables of two owners: the guide's GRANT ON ALL TABLES would fail at the second one.
    await sql(
      'CREATE TABLE public.existing (id int); INSERT INTO existing VALUES (1); ALTER TABLE existing OWNER TO dba',
    );
    await sql(ownerSql({ database: 'myapp', schema: 'public', admin: 'vault_admin', groups: GROUPS }));
    await sql(
      'CREATE ROLE stranger; CREATE TABLE public.foreign_table (id int); ALTER TABLE foreign_table OWNER TO stranger',
    );
    await sql(`ALTER ROLE vault_admin PASSWORD '${ADMIN_PASSWORD}'`);
    admin = await postgres.connect('vault_admin', ADMIN_PASSWORD, 'myapp');
  });

  afterAll(async () => {
    await postgres.stop();
  });

  const sql = (text: string) => postgres.query(text, undefined, 'myapp');

  /** Does what Vault does when credentials are read. */
  async function make(kind: keyof typeof STATEMENTS): Promise<string> {
    users += 1;
    const name = `v-${kind}-${users}`;
    await runAsVault(admin, STATEMENTS[kind].creation, name);
    return name;
  }

  const revoke = (kind: keyof typeof STATEMENTS, name: string) => runAsVault(admin, STATEMENTS[kind].revocation, name);
  const login = (name: string) => postgres.connect(name, USER_PASSWORD, 'myapp');
  const exists = async (name: string) => (await sql(`SELECT 1 FROM pg_roles WHERE rolname = '${name}'`)).length > 0;
  const ownerOf = async (table: string) =>
    (await sql(`SELECT tableowner FROM pg_tables WHERE tablename = '${table}'`))[0]?.tableowner;

  it('are made by an admin that is no superuser', async () => {
    const [row] = await sql("SELECT rolsuper, rolcreaterole FROM pg_roles WHERE rolname = 'vault_admin'");
    expect(row).toEqual({ rolsuper: false, rolcreaterole: true });
  });

  it('read what is there and what comes, when they may read', async () => {
    const reader = await login(await make('readonly'));
    expect((await reader.query('SELECT id FROM existing')).rows).toEqual([{ id: 1 }]);
    const writer = await login(await make('readwrite'));
    await writer.query('CREATE TABLE from_writer (id int); INSERT INTO from_writer VALUES (2)');
    expect((await reader.query('SELECT id FROM from_writer')).rows).toEqual([{ id: 2 }]);
  });

  it('read what the one who ran the SQL makes later', async () => {
    await sql('CREATE TABLE from_runner (id int)');
    const reader = await login(await make('readonly'));
    expect((await reader.query('SELECT id FROM from_runner')).rows).toEqual([]);
  });

  it.each([
    'INSERT INTO existing VALUES (3)',
    'UPDATE existing SET id = 4',
    'DELETE FROM existing',
    'CREATE TABLE mine (id int)',
    'CREATE TEMPORARY TABLE mine (id int)',
    'SET ROLE myapp_owner',
    'CREATE ROLE mine',
  ])('are refused "%s", when they may only read', async (statement) => {
    const reader = await login(await make('readonly'));
    await expect(reader.query(statement)).rejects.toThrow(/permission denied/);
  });

  it('write, and what they make belongs to the owner group', async () => {
    const writer = await login(await make('readwrite'));
    await writer.query(
      'INSERT INTO existing VALUES (5); UPDATE existing SET id = 6 WHERE id = 5; DELETE FROM existing WHERE id = 6',
    );
    await writer.query('CREATE TABLE of_group (id serial)');
    expect(await ownerOf('of_group')).toBe('myapp_owner');
    await writer.query('DROP TABLE of_group');
  });

  it('live longer when their lease is renewed', async () => {
    const name = await make('readonly');
    await runAsVault(admin, STATEMENTS.readonly.renew ?? [], name, '2100-01-01 00:00:00+0000');
    const [row] = await sql(
      `SELECT extract(year from rolvaliduntil AT TIME ZONE 'UTC') AS year FROM pg_roles WHERE rolname = '${name}'`,
    );
    expect(Number(row?.year)).toBe(2100);
  });

  it.each(['readonly', 'readwrite'] as const)('are gone after revocation: %s', async (kind) => {
    const name = await make(kind);
    await revoke(kind, name);
    expect(await exists(name)).toBe(false);
    await expect(login(name)).rejects.toThrow(/authentication failed/);
  });

  it('leave what they own to the owner group, even what they made outside it', async () => {
    const name = await make('readwrite');
    const writer = await login(name);
    await writer.query('SET ROLE NONE');
    await writer.query('CREATE TABLE left_behind (id int)');
    await writer.query('GRANT SELECT ON left_behind TO myapp_readonly');
    expect(await ownerOf('left_behind')).toBe(name);
    await revoke('readwrite', name);
    expect(await ownerOf('left_behind')).toBe('myapp_owner');
    expect(await exists(name)).toBe(false);
  });

  it('stay, loudly, while another role gave them rights by name, and go once those are taken away', async () => {
    const name = await make('readonly');
    await sql(`GRANT SELECT ON foreign_table TO "${name}"`);
    await expect(revoke('readonly', name)).rejects.toThrow(/cannot be dropped because some objects depend on it/);
    await sql(`REVOKE SELECT ON foreign_table FROM "${name}"`);
    await revoke('readonly', name);
    expect(await exists(name)).toBe(false);
  });

  it('leave no membership behind', async () => {
    const before = (await sql('SELECT count(*)::int AS n FROM pg_auth_members'))[0]?.n;
    const name = await make('readwrite');
    await revoke('readwrite', name);
    expect((await sql('SELECT count(*)::int AS n FROM pg_auth_members'))[0]?.n).toBe(before);
  });

  it('lose their open session when they are revoked', async () => {
    const name = await make('readonly');
    const session = await login(name);
    await session.query('SELECT 1');
    await revoke('readonly', name);
    await expect
      .poll(
        async () =>
          session.query('SELECT 1').then(
            () => 'alive',
            () => 'cut',
          ),
        { timeout: 10_000 },
      )
      .toBe('cut');
  });

  it('do not hold their revocation up with an open transaction', async () => {
    const name = await make('readwrite');
    const writer = await login(name);
    await writer.query('SET ROLE NONE');
    await writer.query('CREATE TABLE held (id int)');
    await writer.query('BEGIN; LOCK TABLE held');
    await revoke('readwrite', name);
    expect(await ownerOf('held')).toBe('myapp_owner');
  });

  it('are made by an admin whose password Vault can change', async () => {
    await admin.query('BEGIN');
    await admin.query(`ALTER USER "vault_admin" WITH PASSWORD 'another'`);
    await admin.query('ROLLBACK');
  });

  it('can be revoked again after somebody dropped them by hand', async () => {
    const name = await make('readonly');
    await sql(`DROP ROLE "${name}"`);
    await expect(revoke('readonly', name)).resolves.toBeUndefined();
    await expect(revoke('readonly', name)).resolves.toBeUndefined();
  });

  it('survive that the owner runs the SQL again', async () => {
    const name = await make('readonly');
    await sql(ownerSql({ database: 'myapp', schema: 'public', admin: 'vault_admin', groups: GROUPS }));
    const reader = await login(name);
    expect((await reader.query('SELECT count(*)::int AS n FROM existing')).rows).toEqual([{ n: 1 }]);
    await revoke('readonly', name);
  });

  it('can be made where the owner of the database, and no superuser, ran the SQL', async () => {
    await postgres.query('CREATE DATABASE other OWNER dba');
    const dba = await postgres.connect('dba', 'dba', 'other');
    const groups = { owner: 'other_owner', reader: 'other_readonly' };
    await dba.query(ownerSql({ database: 'other', schema: 'orders', admin: 'other_admin', groups }));
    await dba.query(`ALTER ROLE other_admin PASSWORD '${ADMIN_PASSWORD}'`);
    const other = await postgres.connect('other_admin', ADMIN_PASSWORD, 'other');
    const name = 'v-readwrite-other';
    await runAsVault(other, readWriteStatements(groups).creation, name);
    const writer = await postgres.connect(name, USER_PASSWORD, 'other');
    await writer.query('CREATE TABLE orders.one (id int); SET ROLE NONE; CREATE TABLE orders.two (id int)');
    await runAsVault(other, readWriteStatements(groups).revocation, name);
    expect(await exists(name)).toBe(false);
  });
});

/** Substitutes and runs statements as Vault's PostgreSQL plugin does: in one transaction, cut at semicolons unless END is in them. */
async function runAsVault(
  admin: Client,
  statements: DynamicStatements['creation'],
  name: string,
  expiration = LATER,
): Promise<void> {
  const single = statements.flatMap((text) =>
    text.includes('END') ? [text] : text.split(';').filter((one) => one.trim() !== ''),
  );
  await admin.query('BEGIN');
  try {
    for (const text of single) {
      const filled = text
        .replaceAll('{{name}}', name)
        .replaceAll('{{password}}', USER_PASSWORD)
        .replaceAll('{{expiration}}', expiration);
      await admin.query(filled);
    }
    await admin.query('COMMIT');
  } catch (error) {
    await admin.query('ROLLBACK');
    throw error;
  }
}
