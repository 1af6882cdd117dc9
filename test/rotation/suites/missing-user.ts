import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlServer, SqlServerOptions } from '../../../drill/servers/sql-server';
import { makeAuthority } from '../../support/certificates';
import { canRun } from '../../support/required';
import { crashAtEveryPoint, succeed } from '../every-point';
import { STEPS } from '../faults';
import type { Subject } from '../subject';
import { account, baseOf } from './sql-pairs';
import { type SqlWorld, type SubjectOptions, sqlName, startSqlWorld } from './sql-world';

const LONG = 600_000;

/**
 * What RDS gives its master user on both products, with GRANT OPTION: no SUPER, and little of what newer versions have.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.MasterAccounts.html
 */
const OF_A_MASTER =
  'SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, SHOW DATABASES, CREATE TEMPORARY TABLES, LOCK TABLES, EXECUTE, REPLICATION SLAVE, REPLICATION CLIENT, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER';
const OF_A_MASTER_OF_MYSQL = 'CREATE ROLE, DROP ROLE, APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN, XA_RECOVER_ADMIN';

/** Taken for a pattern, it would stand for the other one as well. */
const DATABASE = 'o_d';
const ALIKE = 'odd';

export interface Product {
  readonly part: 'mariadb' | 'mysql';
  missing(): string | undefined;
  readonly rootPassword: string;
  start(options: SqlServerOptions): Promise<SqlServer>;
  readonly rotators: readonly { readonly rotator: string; readonly alternates: boolean }[];
}

/** What each rotator of a product does where the user that the stack declares is not there. */
export function missingUserSuite(product: Product): void {
  describe.skipIf(!canRun(product.part, product.missing())).each(product.rotators)(
    'a user that is missing, $rotator',
    (way) => {
      const authority = makeAuthority();
      const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
      let world: SqlWorld;

      beforeAll(async () => {
        writeFileSync(join(folder, 'ca.pem'), authority.certificate);
        const server = await product.start({ tls: authority.issue('localhost') });
        world = await startSqlWorld(server, product.rootPassword, {
          engine: product.part,
          rotator: way.rotator,
          database: DATABASE,
        });
        for (const sql of [
          ...[DATABASE, ALIKE].map((name) => `CREATE DATABASE ${name}`),
          ...[DATABASE, ALIKE].map((name) => `CREATE TABLE ${name}.item (id INT)`),
          'CREATE ROLE reader, writer',
          `GRANT SELECT ON ${ALIKE}.* TO reader`,
        ]) {
          await server.query(sql);
        }
      });
      afterAll(async () => {
        await world.stop();
        rmSync(folder, { recursive: true, force: true });
      });
      scenarios({ ...way, mysql: product.part === 'mysql' }, () => world, join(folder, 'ca.pem'));

      it.runIf(product.part === 'mysql')('has its database alone where names are no patterns, too', async () => {
        const subject = await world.user({ missing: true });
        await world.server.query('SET GLOBAL partial_revokes = ON');
        try {
          await succeed(subject);
          await succeed(subject);
          const { username, password } = await subject.value();
          const connection = await world.server.connect(String(username), String(password));
          const [rows] = await connection.query('SHOW DATABASES');
          await connection.query(`SELECT id FROM ${DATABASE}.item`);
          await connection.end();
          expect(JSON.stringify(rows)).not.toContain(ALIKE);
        } finally {
          await world.server.query('SET GLOBAL partial_revokes = OFF');
        }
      });
    },
  );
}

function scenarios(
  { alternates, mysql }: Product['rotators'][number] & { readonly mysql: boolean },
  world: () => SqlWorld,
  caFile: string,
): void {
  const query = (sql: string) => world().server.query(sql);
  const missing = (options: SubjectOptions = {}) => world().user({ missing: true, ...options });
  const attempts = (subject: Subject) => subject.lines.map((line) => JSON.parse(line).attempt);
  const said = async (sql: string) => (await query(sql)).map((row) => String(Object.values(row)[0])).join('\n');
  const accounts = async (user: string) =>
    (await query(`SELECT Host AS host FROM mysql.user WHERE User = '${user.replaceAll("'", "''")}'`)).map(({ host }) =>
      String(host),
    );
  const setUp = async (subject: Subject) => {
    const token = await subject.begin();
    for (const step of STEPS.slice(0, 2)) await subject.step(step, token);
    return token;
  };

  async function run(value: Readonly<Record<string, unknown>>, ...statements: readonly string[]): Promise<unknown[]> {
    const connection = await world().server.connect(String(value.username), String(value.password));
    try {
      const answers: unknown[] = [];
      for (const sql of statements) answers.push((await connection.query(sql))[0]);
      return answers;
    } finally {
      await connection.end();
    }
  }

  it('is made by the first rotation, without a failed login, and seed and new value work', async () => {
    const subject = await missing();
    const seed = await subject.value();
    await succeed(subject);
    expect(attempts(subject)).toEqual(['normal', 'role-created', 'normal', 'normal']);
    expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).toEqual([0, 0, 0, 0]);
    expect(subject.lines[1]).toContain(`it was made at host %, with all of the database`);
    const now = await subject.value();
    expect(now.username).toBe(alternates ? `${seed.username}_clone` : seed.username);
    expect(await accounts(baseOf(subject))).toEqual(['%']);
    for (const value of [seed, now]) expect(await world().opens(value)).toBe(true);
    for (let round = 0; round < 2; round++) await succeed(subject);
    expect(await world().opens(await subject.value())).toBe(true);
    expect(await world().opens(seed)).toBe(false);
  });

  it('has all of the database of the stack and nothing of any other, and can pass nothing on', async () => {
    const subject = await missing();
    await succeed(subject);
    const now = await subject.value();
    await run(
      now,
      `CREATE TABLE ${DATABASE}.kept (id INT)`,
      `CREATE VIEW ${DATABASE}.seen AS SELECT id FROM ${DATABASE}.kept`,
      `CREATE PROCEDURE ${DATABASE}.count_kept() SELECT COUNT(*) FROM ${DATABASE}.kept`,
      `CALL ${DATABASE}.count_kept()`,
      `CREATE TRIGGER ${DATABASE}.before_kept BEFORE INSERT ON ${DATABASE}.kept FOR EACH ROW SET @made = 1`,
      `DROP PROCEDURE ${DATABASE}.count_kept`,
      `DROP VIEW ${DATABASE}.seen`,
      `DROP TABLE ${DATABASE}.kept`,
    );
    for (const sql of [
      `SELECT id FROM ${ALIKE}.item`,
      'SELECT User FROM mysql.user',
      'CREATE DATABASE another',
      `CREATE USER another@'%'`,
      `GRANT SELECT ON ${sqlName('o\\_d')}.* TO ${account(String(now.username), '%')}`,
    ]) {
      await expect(run(now, sql), sql).rejects.toMatchObject({ code: expect.stringContaining('DENIED') });
    }
    const grants = await said(`SHOW GRANTS FOR ${account(baseOf(subject), '%')}`);
    expect(grants).not.toContain('GRANT OPTION');
    expect(grants).toMatch(/^GRANT USAGE ON \*\.\* /m);
    expect(grants).toContain('ON `o\\_d`.*');
  });

  it.each([
    ['the database', {}],
    ['a role', { STRONGROOM_GRANTS: '["master_made"]' }],
  ])('is made by an administrator like the master of RDS, with %s', async (_, variables) => {
    const name = `master_${randomUUID().slice(0, 8)}`;
    await query(`CREATE USER ${account(name)} IDENTIFIED BY 'of-the-master'`);
    await query(`GRANT ${OF_A_MASTER} ON *.* TO ${account(name)} WITH GRANT OPTION`);
    if (mysql) await query(`GRANT ${OF_A_MASTER_OF_MYSQL} ON *.* TO ${account(name)} WITH GRANT OPTION`);
    const master = { username: name, password: 'of-the-master' };
    await query('DROP ROLE IF EXISTS master_made');
    await run(master, 'CREATE ROLE master_made', `GRANT SELECT ON ${DATABASE}.* TO master_made`);
    const subject = await missing({ variables, master: await world().superuser(name, 'of-the-master') });
    await succeed(subject);
    await succeed(subject);
    expect(await run(await subject.value(), `SELECT id FROM ${DATABASE}.item`)).toEqual([[]]);
  });

  it('has the roles that the stack names, in force at every login, and then nothing besides', async () => {
    const subject = await missing({ variables: { STRONGROOM_GRANTS: '["reader"]' } });
    await succeed(subject);
    const now = await subject.value();
    expect(await run(now, `SELECT id FROM ${ALIKE}.item`)).toEqual([[]]);
    await expect(run(now, `SELECT id FROM ${DATABASE}.item`)).rejects.toMatchObject({
      code: expect.stringContaining('DENIED'),
    });
  });

  it('is made at the host that the stack names', async () => {
    const subject = await missing({ variables: { STRONGROOM_USER_HOST: '127.0.%' } });
    await succeed(subject);
    expect(await accounts(baseOf(subject))).toEqual(['127.0.%']);
    expect(await accounts(String((await subject.value()).username))).toEqual(['127.0.%']);
  });

  it('is not made at a host that the function itself is not of', async () => {
    const subject = await missing({ variables: { STRONGROOM_USER_HOST: '10.0.0.0/255.0.0.0' } });
    expect((await subject.rotate()).error).toMatchObject({
      name: 'ConnectionNotAllowed',
      message: expect.stringMatching(
        /would not let this function in, which comes from .*; correct STRONGROOM_USER_HOST/,
      ),
    });
    expect(await accounts(baseOf(subject))).toEqual([]);
  });

  it('must use TLS where the function does', async () => {
    const subject = await missing({
      variables: { STRONGROOM_HOST: 'localhost', STRONGROOM_TLS: 'verify-full', STRONGROOM_CA_FILE: caFile },
    });
    await succeed(subject);
    for (const user of new Set([baseOf(subject), String((await subject.value()).username)])) {
      expect(await said(`SHOW CREATE USER ${account(user, '%')}`)).toContain('REQUIRE SSL');
    }
  });

  it('may have every kind of quote in its name', async () => {
    const subject = await missing({ name: 'it\'s "a\\b" `x` %@ TO ü' });
    await succeed(subject);
    expect(await world().opens(await subject.value())).toBe(true);
    await query(`DROP USER ${account(baseOf(subject), '%')}`);
  });

  it('is not made while an account of its name is at another host, which gets no right', async () => {
    const subject = await missing();
    const other = account(baseOf(subject), '10.9.%');
    await query(`CREATE USER ${other} IDENTIFIED BY 'of-another'`);
    await query(`GRANT SELECT ON ${ALIKE}.* TO ${other}`);
    const before = await said(`SHOW GRANTS FOR ${other}`);
    expect(await subject.rotate()).toMatchObject({ name: 'RotationFailed' });
    expect(await accounts(baseOf(subject))).toEqual(['10.9.%']);
    // With MariaDB's password, which is set anew, as of any account that is the only one of its name.
    const rights = (text: string) => text.split('\n').filter((line) => !line.startsWith('GRANT USAGE'));
    expect(rights(await said(`SHOW GRANTS FOR ${other}`))).toEqual(rights(before));
  });

  it('is not made when it is another than the stack declares', async () => {
    const subject = await missing({ variables: { STRONGROOM_USERNAME: 'declared' } });
    expect((await subject.rotate()).error).toMatchObject({ name: 'UserNotDeclared' });
    expect(await accounts(String((await subject.value()).username))).toEqual([]);
    expect(await accounts('declared')).toEqual([]);
  });

  it('is made again when it was dropped between two rotations', async () => {
    const subject = await missing();
    for (let round = 0; round < 2; round++) await succeed(subject);
    const users = [baseOf(subject), ...(alternates ? [`${baseOf(subject)}_clone`] : [])];
    for (const user of users) await query(`DROP USER ${account(user, '%')}`);
    const before = await subject.value();
    await succeed(subject);
    expect(attempts(subject).slice(-4)).toEqual(['normal', 'role-created', 'normal', 'normal']);
    for (const value of [before, await subject.value()]) {
      expect(await world().opens(value)).toBe(true);
      expect(await run(value, `SELECT id FROM ${DATABASE}.item`)).toEqual([[]]);
    }
  });

  it('is repaired, not made, when it is there and nobody knows its password', async () => {
    const subject = await world().user();
    const own = account(baseOf(subject));
    await query(`GRANT SELECT ON ${ALIKE}.* TO ${own}`);
    await query(`ALTER USER ${own} IDENTIFIED BY '${randomUUID()}'`);
    const before = await subject.value();
    await succeed(subject);
    // With users in turn it is the clone that was made.
    expect(attempts(subject)[1]).toBe(alternates ? 'role-created' : 'role-repaired');
    expect(await accounts(baseOf(subject))).toEqual(['127.%']);
    for (const value of [before, await subject.value()]) {
      expect(await run(value, `SELECT id FROM ${ALIKE}.item`)).toEqual([[]]);
      await expect(run(value, `SELECT id FROM ${DATABASE}.item`)).rejects.toMatchObject({
        code: expect.stringContaining('DENIED'),
      });
    }
  });

  it.each([
    ['the database', {}, 'giving the user the database "o_d"'],
    ['a role', { STRONGROOM_GRANTS: '["reader"]' }, 'making the user a member of "reader"'],
  ])('can not be used when the superuser may not give it %s, and the right is named', async (_, variables, right) => {
    const name = `admin_${randomUUID().slice(0, 8)}`;
    await query(`CREATE USER ${account(name)} IDENTIFIED BY 'of-the-admin'`);
    await query(`GRANT CREATE USER ON *.* TO ${account(name)}`);
    await query(`GRANT SELECT ON mysql.* TO ${account(name)}`);
    const subject = await missing({ variables, master: await world().superuser(name, 'of-the-admin') });
    const error = (await subject.rotate()).error;
    expect(error).toMatchObject({ name: 'PrivilegeMissing', message: expect.stringContaining(right) });
    expect(await said(`SHOW CREATE USER ${account(baseOf(subject), '%')}`)).toContain('ACCOUNT LOCK');
    expect(await world().opens(await subject.value())).toBe(false);
  });

  it('names a role that the stack names and that does not exist', async () => {
    const subject = await missing({ variables: { STRONGROOM_GRANTS: '["nobody"]' } });
    expect((await subject.rotate()).error).toMatchObject({
      name: 'StatementRefused',
      message: expect.stringMatching(/making the user a member of "nobody": that does not exist .*; make it/),
    });
  });

  it('is made again from the start with what the stack says by then, where a try was interrupted', async () => {
    const subject = await missing({ variables: { STRONGROOM_GRANTS: '["nobody"]', STRONGROOM_USER_HOST: '127.%' } });
    const token = await subject.begin();
    await subject.step('createSecret', token);
    await expect(subject.step('setSecret', token)).rejects.toMatchObject({ name: 'StatementRefused' });
    expect(await accounts(baseOf(subject))).toEqual(['127.%']);
    await query(`GRANT DROP ON ${ALIKE}.* TO ${account(baseOf(subject))}`);
    Object.assign(subject.variables, { STRONGROOM_GRANTS: '["writer"]', STRONGROOM_USER_HOST: '%' });
    for (const step of STEPS.slice(1)) await subject.step(step, token);
    expect(await accounts(baseOf(subject))).toEqual(['%']);
    expect(await said(`SHOW GRANTS FOR ${account(baseOf(subject), '%')}`)).not.toContain('DROP');
  });

  it('is left to a person who has made it meanwhile, and the rest of an interrupted try is dropped', async () => {
    const subject = await missing({ variables: { STRONGROOM_GRANTS: '["nobody"]' } });
    const token = await subject.begin();
    await subject.step('createSecret', token);
    await expect(subject.step('setSecret', token)).rejects.toMatchObject({ name: 'StatementRefused' });
    const { password } = await subject.value();
    await query(`CREATE USER ${account(baseOf(subject))} IDENTIFIED BY '${password}'`);
    for (const step of STEPS.slice(1)) await subject.step(step, token);
    expect(await accounts(baseOf(subject))).toEqual(['127.%']);
    expect(await said(`SHOW GRANTS FOR ${account(baseOf(subject))}`)).not.toContain('nobody');
  });

  it('is not what a person has locked and let expire', async () => {
    const subject = await world().user();
    const own = account(baseOf(subject));
    await query(`ALTER USER ${own} PASSWORD EXPIRE ACCOUNT LOCK`);
    const before = await said(`SHOW CREATE USER ${own}`);
    expect((await subject.rotate()).error).toMatchObject({ name: 'AccountDisabled' });
    expect(await said(`SHOW CREATE USER ${own}`)).toBe(before);
    expect(await said(`SHOW GRANTS FOR ${own}`)).not.toContain(DATABASE);
  });

  it('is made once by steps that come three times at once', async () => {
    const subject = await missing();
    const seed = await subject.value();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    await Promise.all([1, 2, 3].map(() => subject.step('setSecret', token)));
    for (const step of STEPS.slice(2)) await subject.step(step, token);
    for (const value of [seed, await subject.value()]) expect(await world().opens(value)).toBe(true);
  });

  if (alternates) {
    it('is not made as long as its clone has its rights, and the statements that make it are in the message', async () => {
      const subject = await missing();
      await succeed(subject);
      await query(`DROP USER ${account(baseOf(subject), '%')}`);
      expect((await subject.rotate()).error).toMatchObject({
        name: 'UserMissing',
        message: expect.stringMatching(/CREATE USER .* ON `o\\_d`\.\* TO .*; then rotate again$/),
      });
      expect(await accounts(baseOf(subject))).toEqual([]);
    });
  }

  it('never lets a password into the log of the server, which logs every statement, or into its own', async () => {
    const subject = await missing();
    const values = [await subject.value()];
    const token = await setUp(subject);
    for (const step of STEPS.slice(2)) await subject.step(step, token);
    values.push(await subject.value());
    const written = `${world().server.log()}\n${subject.lines.join('\n')}`;
    expect(written).toContain(`CREATE USER ${sqlName(baseOf(subject))}@\`%\``);
    expect(values.filter(({ password }) => written.includes(String(password)))).toEqual([]);
  });

  it(
    'is not there or whole after a crash at any point of the first rotation',
    async () => {
      const count = await crashAtEveryPoint<Subject>(`a user that is missing, ${alternates ? 'two users' : 'one'}`, {
        make: (plan) => missing({ plan }),
        log: () => world().server.log(),
        prepare: async () => {},
        check: async (subject, before) => {
          const labels = Object.entries(await subject.labels());
          const pending = labels.find(([, held]) => held.includes('AWSPENDING'))?.[0];
          const next = pending === undefined ? undefined : await subject.value(pending).catch(() => undefined);
          for (const value of [before, await subject.value(), next]) {
            if (value === undefined || !(await world().opens(value))) continue;
            expect(await run(value, `SELECT id FROM ${DATABASE}.item`)).toEqual([[]]);
          }
        },
        end: async (subject, before) => {
          for (const value of [before, await subject.value()]) expect(await world().opens(value)).toBe(true);
          expect(await accounts(baseOf(subject))).toEqual(['%']);
        },
      });
      expect(count).toBeGreaterThan(60);
    },
    LONG,
  );
}
