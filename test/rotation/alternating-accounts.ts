import { randomUUID } from 'node:crypto';
import type { Connection } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { connect } from '../../rotation/mysql/connection';
import { secretsManager } from '../../rotation/secrets-manager';
import type { CrashPlan } from './crash';
import { crashAtEveryPoint, succeed } from './every-point';
import { makeSubject, type Subject } from './subject';
import { clientOf } from './world';

const LONG = 600_000;
const HOST = '127.%';

/** A server that runs, of either product. */
export interface AccountServer {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  connect(user?: string, password?: string): Promise<Connection>;
  query(sql: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  log(): string;
  stop(): Promise<void>;
}

/** What differs between the two products. */
export interface Product {
  readonly name: string;
  readonly rotator: string;
  readonly engine: string;
  readonly rootPassword: string;
  /** Between the roles and the account in `SET DEFAULT ROLE`. */
  readonly defaultRole: 'TO' | 'FOR';
  start(): Promise<AccountServer>;
  /** Tests of what only this product has. */
  readonly more?: (world: AlternatingWorld) => void;
}

/** What tests of alternating accounts work with. */
export interface AlternatingWorld {
  server(): AccountServer;
  user(options?: UserOptions): Promise<Subject>;
  opens(value: Readonly<Record<string, unknown>>): Promise<boolean>;
  /** The rights of a user in the order of their text, with its name left out. */
  rights(user: string): Promise<readonly string[]>;
  nameOf(subject: Subject): Promise<string>;
}

export interface UserOptions {
  readonly plan?: CrashPlan;
  readonly name?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly grants?: readonly string[];
}

export const quoted = (user: string, host = HOST) => `\`${user.replaceAll('`', '``')}\`@\`${host}\``;

/** Everything that holds for two users in turn on both products, on a real server. */
export function describeAlternatingAccounts(product: Product, skip: boolean): void {
  describe.skipIf(skip)(`${product.name} alternating users`, () => {
    let server: AccountServer;
    let manager: SecretsManagerServer;
    let master: string;

    beforeAll(async () => {
      server = await product.start();
      console.log(`${product.name} ${server.version}`);
      manager = await startSecretsManager();
      master = await superuser('root', product.rootPassword);
      await server.query('CREATE DATABASE shop');
      await server.query('CREATE DATABASE `odd TO ``%`');
      await server.query('CREATE TABLE shop.orders (id INT PRIMARY KEY, text VARCHAR(9), amount INT)');
      await server.query('CREATE PROCEDURE shop.tidy() SELECT 1');
      await server.query('CREATE ROLE readers');
      await server.query('GRANT SELECT ON shop.orders TO readers');
    });
    afterAll(async () => {
      await manager.close();
      await server.stop();
    });

    let users = 0;
    const SOME = ['SELECT, INSERT (`id`, `text`) ON shop.orders', 'ALL PRIVILEGES ON `odd TO ``%`.*'];

    async function superuser(username: string, password: string): Promise<string> {
      const created = await manager.service.call('CreateSecret', {
        Name: `master-${username}`,
        SecretString: JSON.stringify({ username, password }),
      });
      return String(created.ARN);
    }

    async function user({ plan, name = `app_${++users}`, variables, grants = SOME }: UserOptions = {}) {
      const password = randomUUID();
      const store = secretsManager(clientOf(manager));
      const { host, port } = server;
      await server.query(`CREATE USER ${quoted(name)} IDENTIFIED BY '${password}'`);
      for (const grant of grants)
        await server.query(`GRANT ${grant.replace(/( WITH GRANT OPTION)?$/, ` TO ${quoted(name)}$1`)}`);
      return makeSubject(manager, {
        seed: { engine: product.engine, host, port, dbname: 'shop', username: name, password },
        variables: {
          STRONGROOM_ROTATOR: product.rotator,
          STRONGROOM_HOST: host,
          STRONGROOM_PORT: String(port),
          STRONGROOM_DATABASE: 'shop',
          STRONGROOM_TLS: 'disabled',
          STRONGROOM_SUPERUSER_SECRET: master,
          ...variables,
        },
        store: plan?.store(store) ?? store,
        reach: { connectToMysql: plan?.connect(connect) ?? connect },
      });
    }

    async function opens({ username, password }: Readonly<Record<string, unknown>>): Promise<boolean> {
      try {
        await (await server.connect(String(username), String(password))).end();
        return true;
      } catch (error) {
        if ((error as { errno?: number }).errno === 1045) return false;
        throw error;
      }
    }

    async function run(subject: Subject, sql: string): Promise<unknown> {
      const { username, password } = await subject.value();
      const connection = await server.connect(String(username), String(password));
      return connection.query(sql).finally(() => connection.end());
    }

    async function rights(name: string): Promise<readonly string[]> {
      const lines = await server.query(`SHOW GRANTS FOR ${quoted(name)}`);
      return lines
        .map((line) => String(Object.values(line)[0]).replaceAll(`\`${name.replaceAll('`', '``')}\``, 'USER'))
        .map((line) => line.replace(/ IDENTIFIED (BY PASSWORD|VIA \w+ USING) '[^']*'/, ''))
        .map((line) =>
          line.replace(/\(([^)]*)\)/g, (_, columns: string) => `(${columns.split(', ').sort().join(', ')})`),
        )
        .sort();
    }

    const nameOf = async (subject: Subject) => String((await subject.value()).username);

    it('goes from the base to the clone and back, and the old value works until the next rotation', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      let oldest: Readonly<Record<string, unknown>> | undefined;
      for (const username of [`${base}_clone`, base, `${base}_clone`]) {
        const before = await subject.value();
        await succeed(subject);
        expect(await subject.value()).toMatchObject({ username, baseusername: base });
        expect(await opens(await subject.value())).toBe(true);
        expect(await opens(before)).toBe(true);
        if (oldest !== undefined) expect(await opens(oldest)).toBe(false);
        oldest = before;
      }
    });

    it('causes no failed login', async () => {
      const subject = await user();
      for (let round = 0; round < 3; round++) await succeed(subject);
      expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).toEqual(Array(12).fill(0));
    });

    it('A3 gives the clone every right of the base: columns, routines, odd names, and what may be granted on', async () => {
      const grants = [...SOME, 'EXECUTE ON PROCEDURE shop.tidy', 'UPDATE ON shop.* WITH GRANT OPTION'];
      const subject = await user({ grants });
      const base = await nameOf(subject);
      await succeed(subject);
      expect(await rights(`${base}_clone`)).toEqual(await rights(base));
      expect((await rights(base)).join('\n')).toContain('WITH GRANT OPTION');
    });

    it('A3 takes from the clone what the base no longer has, and gives it what the base has got', async () => {
      const subject = await user({ grants: [...SOME, 'INSERT, DELETE ON shop.* WITH GRANT OPTION'] });
      const base = await nameOf(subject);
      await succeed(subject);
      await server.query(`REVOKE DELETE, GRANT OPTION ON shop.* FROM ${quoted(base)}`);
      await server.query(`REVOKE INSERT (id) ON shop.orders FROM ${quoted(base)}`);
      await server.query(`GRANT ALL PRIVILEGES ON shop.* TO ${quoted(`${base}_clone`)}`);
      await server.query(`GRANT UPDATE ON shop.orders TO ${quoted(base)}`);
      await succeed(subject);
      await succeed(subject);
      expect(await nameOf(subject)).toBe(`${base}_clone`);
      expect(await rights(`${base}_clone`)).toEqual(await rights(base));
    });

    it('A3 lets the clone act through a role that is active after a login', async () => {
      const subject = await user({ grants: ['readers'] });
      const base = await nameOf(subject);
      await server.query(`SET DEFAULT ROLE readers ${product.defaultRole} ${quoted(base)}`);
      await succeed(subject);
      expect(await nameOf(subject)).toBe(`${base}_clone`);
      await run(subject, 'SELECT * FROM shop.orders');
      await server.query(`REVOKE readers FROM ${quoted(base)}`);
      await succeed(subject);
      await succeed(subject);
      await expect(run(subject, 'SELECT * FROM shop.orders')).rejects.toThrow(/denied/);
    });

    it('A2 does not take a login for a proof: rights that an interrupted run left out come at the next try', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      const token = await subject.begin();
      for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
      await server.query(`REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${quoted(`${base}_clone`)}`);
      await expect(subject.step('testSecret', token)).rejects.toMatchObject({
        name: 'PrivilegesDiffer',
        message: expect.stringContaining('the next user lacks SELECT ON'),
      });
      await subject.step('setSecret', token);
      await subject.step('testSecret', token);
      expect(await rights(`${base}_clone`)).toEqual(await rights(base));
    });

    it('A4 makes the clone at the host of the account that clients use', async () => {
      const subject = await user();
      await succeed(subject);
      const hosts = await server.query(`SELECT Host AS host FROM mysql.user WHERE User = '${await nameOf(subject)}'`);
      expect(hosts.map(({ host }) => String(host))).toEqual([HOST]);
    });

    it('A5 names the right that the superuser may not pass on', async () => {
      const password = randomUUID();
      const weak = `weak_${++users}`;
      await server.query(`CREATE USER ${quoted(weak)} IDENTIFIED BY '${password}'`);
      for (const grant of ['CREATE USER ON *.*', 'SELECT ON mysql.*', 'SELECT ON shop.* WITH GRANT OPTION']) {
        await server.query(`GRANT ${grant.replace(/( WITH GRANT OPTION)?$/, ` TO ${quoted(weak)}$1`)}`);
      }
      const subject = await user({
        grants: ['SELECT, DELETE ON shop.*'],
        variables: { STRONGROOM_SUPERUSER_SECRET: await superuser(weak, password) },
      });
      expect(await subject.rotate()).toMatchObject({
        error: { name: 'PrivilegeMissing', message: expect.stringMatching(/copying the right .*DELETE ON `shop`\.\*/) },
      });
    });

    it('A6 leaves another account of the same name alone', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      for (const name of [base, `${base}_clone`])
        await server.query(`CREATE USER ${quoted(name, '10.%')} IDENTIFIED BY 'x'`);
      const others = () =>
        server.query(
          `SELECT User, HEX(authentication_string) AS hash FROM mysql.user WHERE User LIKE '${base}%' AND Host = '10.%'`,
        );
      const before = await others();
      await succeed(subject);
      await succeed(subject);
      expect(await others()).toEqual(before);
    });

    it('A1 copies what TLS a login needs, and the limits', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      await server.query(
        `ALTER USER ${quoted(base)} WITH MAX_QUERIES_PER_HOUR 900 MAX_USER_CONNECTIONS 7 PASSWORD EXPIRE INTERVAL 90 DAY`,
      );
      await succeed(subject);
      const [row] = await server.query(
        `SELECT max_questions, max_user_connections FROM mysql.user WHERE User = '${base}_clone'`,
      );
      expect(row).toEqual({ max_questions: 900, max_user_connections: 7 });
      // Last, because this connection has no TLS.
      await server.query(`ALTER USER ${quoted(base)} REQUIRE SSL`);
      const token = await subject.begin();
      await subject.step('createSecret', token);
      await expect(subject.step('setSecret', token)).rejects.toThrow();
      const [tls] = await server.query(`SELECT ssl_type AS type FROM mysql.user WHERE User = '${base}_clone'`);
      expect(String(tls?.type)).toBe('ANY');
    });

    it('refuses a user who has the clone’s name and is not ours', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      await server.query(`CREATE USER ${quoted(`${base}_clone`)} IDENTIFIED BY 'of-somebody'`);
      expect(await subject.rotate()).toMatchObject({ error: { name: 'RoleNotOurs' } });
      expect(await opens({ username: `${base}_clone`, password: 'of-somebody' })).toBe(true);
    });

    it('makes the clone again after somebody dropped it', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      await succeed(subject);
      await succeed(subject);
      await server.query(`DROP USER ${quoted(`${base}_clone`)}`);
      await succeed(subject);
      expect(await rights(`${base}_clone`)).toEqual(await rights(base));
    });

    it('names the base when it is missing', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      await succeed(subject);
      await server.query(`DROP USER ${quoted(base)}`);
      expect(await subject.rotate()).toMatchObject({ error: { name: 'UserMissing' } });
    });

    it('does not open a clone while somebody has locked the base', async () => {
      const subject = await user();
      const base = await nameOf(subject);
      await succeed(subject);
      await server.query(`ALTER USER ${quoted(base)} ACCOUNT LOCK`);
      expect(await subject.rotate()).toMatchObject({ error: { name: 'AccountDisabled' } });
    });

    it('puts the current password right in the database when somebody changed it there', async () => {
      const subject = await user();
      await succeed(subject);
      const current = await subject.value();
      await server.query(`ALTER USER ${quoted(String(current.username))} IDENTIFIED BY 'of-a-person'`);
      await succeed(subject);
      expect(await opens(current)).toBe(true);
      expect(await opens(await subject.value())).toBe(true);
    });

    it('does not promote when the current password is refused at the test', async () => {
      const subject = await user();
      const token = await subject.begin();
      for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
      await server.query(`ALTER USER ${quoted(await nameOf(subject))} IDENTIFIED BY 'of-a-person'`);
      await expect(subject.step('testSecret', token)).rejects.toMatchObject({ name: 'CurrentRefused' });
    });

    it('goes on after an abandoned rotation', async () => {
      const subject = await user();
      const current = await subject.value();
      const token = await subject.begin();
      for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
      await subject.put({ note: 'written by a person' });
      await succeed(subject);
      expect(await opens(current)).toBe(true);
      expect(await opens(await subject.value())).toBe(true);
    });

    it('tests the present value without a second user', async () => {
      const subject = await user();
      const token = randomUUID();
      const value = JSON.stringify(await subject.value());
      await manager.service.call('PutSecretValue', {
        SecretId: subject.arn,
        SecretString: value,
        ClientRequestToken: token,
        VersionStages: ['AWSPENDING'],
      });
      await subject.step('testSecret', token);
    });

    it('quotes names with every kind of quote in them', async () => {
      const subject = await user({ name: 'it\'s "a\\b" `x` %@ TO ü' });
      for (let round = 0; round < 3; round++) await succeed(subject);
      expect(await opens(await subject.value())).toBe(true);
    });

    it('counts the clone’s name too before it changes anything', async () => {
      const longest = product.engine === 'mysql' ? 32 : 80;
      const subject = await user({ name: `${'n'.repeat(longest - 6)}${++users}`.slice(0, longest - 5) });
      expect(await subject.rotate()).toMatchObject({
        error: { name: 'InvalidSecretValue', message: expect.stringContaining(`allows ${longest}`) },
      });
    });

    it('never lets a password into the log of the server, which logs every statement, or into its own', async () => {
      const subject = await user();
      const values = [await subject.value()];
      for (let round = 0; round < 2; round++) {
        await succeed(subject);
        values.push(await subject.value());
      }
      const written = `${server.log()}\n${subject.lines.join('\n')}`;
      expect(written).toMatch(/CREATE USER .* ACCOUNT LOCK/);
      expect(values.filter(({ password }) => written.includes(String(password)))).toEqual([]);
    });

    it.each([
      ['a first rotation, which makes the clone', 0],
      ['the way back to the base', 1],
      ['a later rotation to the clone', 2],
    ])(
      'survives a crash at any point of %s; no user ever gets in with fewer rights',
      async (name, earlier) => {
        const count = await crashAtEveryPoint<Subject>(`${product.rotator}, ${name}`, {
          make: async (plan) => {
            const subject = await user({ plan, grants: [...SOME, 'UPDATE ON shop.* WITH GRANT OPTION', 'readers'] });
            await server.query(`SET DEFAULT ROLE readers ${product.defaultRole} ${quoted(await nameOf(subject))}`);
            return subject;
          },
          prepare: async (subject) => {
            for (let round = 0; round < earlier; round++) await succeed(subject);
          },
          check: async (subject, before) => {
            const current = await subject.value();
            expect(await opens(current)).toBe(true);
            expect(await opens(before)).toBe(true);
            const base = String(before.baseusername ?? before.username);
            expect(await rights(String(current.username))).toEqual(await rights(base));
          },
        });
        expect(count).toBeGreaterThan(60);
      },
      LONG,
    );

    product.more?.({ server: () => server, user, opens, rights, nameOf });
  });
}
