import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../rotation/deadline';
import { connect } from '../../rotation/mysql/connection';
import { changingUser } from '../../rotation/mysql/lock';
import { type Mariadb, mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { type Mysql, mysqlMissing, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { STEPS } from './faults';
import { lets, type SqlWorld, startSqlWorld } from './suites/sql-world';

const SERVERS = [
  {
    part: 'mariadb',
    rotators: ['mariadb-two-passwords', 'mariadb-alternating-users'],
    missing: mariadbMissing,
    start: () => startMariadb({ settings: { ssl: '0' } }),
    readOnly: ['read_only'],
  },
  {
    part: 'mysql',
    rotators: ['mysql-dual-password', 'mysql-alternating-users'],
    missing: mysqlMissing,
    start: () => startMysql({ settings: { 'tls-version': '' } }),
    readOnly: ['read_only', 'super_read_only'],
  },
] as const;

describe.each(SERVERS)('$part, two passwords', ({ part, rotators, missing, start, readOnly }) => {
  const [rotator] = rotators;

  describe.skipIf(!canRun(part, missing()))('on a real server', () => {
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
    let server: Mariadb | Mysql;
    let world: SqlWorld;

    beforeAll(async () => {
      server = await start();
      world = await startSqlWorld(server, ROOT_PASSWORD, { engine: part, rotator, database: 'app' });
    });
    afterAll(async () => {
      await world.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const user = (rules = '', variables: Readonly<Record<string, string>> = {}) => world.user({ rules, variables });

    const opens = (value: Readonly<Record<string, unknown>>) => lets(server, value);

    it('M5 the rotator of the other product refuses this server before it changes anything', async () => {
      const other = rotator === 'mysql-dual-password' ? 'mariadb-two-passwords' : 'mysql-dual-password';
      const subject = await user('', { STRONGROOM_ROTATOR: other });
      const before = await subject.value();
      await subject.put({ engine: other === 'mysql-dual-password' ? 'mysql' : 'mariadb' });
      expect(await subject.rotate()).toMatchObject({ error: { name: 'ServerTooOld' } });
      expect(await opens(before)).toBe(true);
    });

    it('S14 N2 steps that come three times at once end as one would, and both passwords work', async () => {
      const subject = await user();
      const old = await subject.value();
      const token = await subject.begin();
      for (const step of STEPS) {
        const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => subject.step(step, token)));
        expect(outcomes.map((one) => (one.status === 'rejected' ? String(one.reason) : 'done'))).toEqual(
          Array(3).fill('done'),
        );
      }
      expect((await subject.labels())[token]).toContain('AWSCURRENT');
      expect(await Promise.all([opens(old), opens(await subject.value())])).toEqual([true, true]);
    });

    const asRoot = (deadline = Deadline.ofStep({})) =>
      connect(
        { host: server.host, port: server.port, database: 'app', tls: { mode: 'disabled' } },
        { username: 'root', password: ROOT_PASSWORD },
        deadline,
      );

    it('sends nothing when the time of the step is over', async () => {
      // Two seconds of it are kept back.
      const session = await asRoot(Deadline.ofStep({ getRemainingTimeInMillis: () => 3_000 }));
      await session.query('in time', 'SELECT "in time"');
      await wait(1_100);
      await expect(session.query('too late', 'SELECT "too late"')).rejects.toMatchObject({ name: 'OutOfTime' });
      await session.close();
      await expect.poll(() => server.log()).toContain('in time');
      expect(server.log()).not.toContain('too late');
    });

    describe('the lock on a user', () => {
      it('S14 goes to the next one when the session that has it falls silent', async () => {
        const [frozen, next] = [await asRoot(), await asRoot()];
        const order: string[] = [];
        let wake = () => {};
        const thaws = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const first = changingUser(
          frozen,
          'app',
          async () => {
            order.push('frozen has it');
            await thaws;
            await frozen.query('going on', 'SELECT 1');
            order.push('frozen went on');
          },
          1,
        );
        await expect.poll(() => order).toEqual(['frozen has it']);
        await changingUser(next, 'app', async () => order.push('next has it'));
        wake();
        await expect(first).rejects.toMatchObject({ name: 'ConnectionLost' });
        expect(order).toEqual(['frozen has it', 'next has it']);
        await Promise.all([frozen.close(), next.close()]);
      });

      it('S14 is limited in every rotation, long before the server would end the session by itself', async () => {
        const session = await asRoot();
        await changingUser(session, 'app', async () => {
          const [row] = await session.query('the limit', 'SELECT @@SESSION.wait_timeout AS seconds');
          expect(Number(row?.seconds)).toBe(15);
        });
        await session.close();
      });
    });

    it('S8 a locked account is told as such, by one login, and no other password is tried', async () => {
      const subject = await user('ACCOUNT LOCK');
      const record = await subject.rotate();
      expect(record).toMatchObject({ error: { name: 'AccountDisabled' } });
      expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).not.toContain(1);
    });

    it('R3 N13 a password that a person has set is replaced, and the current one works again', async () => {
      const subject = await user();
      expect(await subject.rotate()).toMatchObject({ name: 'RotationSucceeded' });
      const current = await subject.value();
      const { username } = current;
      const hash = part === 'mariadb' ? "PASSWORD('of-a-person')" : "'of-a-person'";
      await server.query(`SET PASSWORD FOR ${username}@'127.%' = ${hash}`);
      expect(await subject.rotate()).toMatchObject({ name: 'RotationSucceeded' });
      expect(await Promise.all([opens(current), opens(await subject.value())])).toEqual([true, true]);
      expect(await opens({ username, password: 'of-a-person' })).toBe(false);
    });

    const replicas = rotators.flatMap((name) => readOnly.map((variable) => [name, variable] as const));

    it.each(replicas)(
      'S6 %s ends with ReadOnlyTarget under %s, though root may write there, and the same token ends well on a primary',
      async (name, variable) => {
        const subject = await user('', { STRONGROOM_ROTATOR: name });
        const old = await subject.value();
        const account = () => server.query(`SHOW CREATE USER ${old.username}@'127.%'`);
        const before = await account();
        const token = await subject.begin();
        await subject.step('createSecret', token);
        await server.query(`SET GLOBAL ${variable} = ON`);
        try {
          await expect(subject.step('setSecret', token)).rejects.toMatchObject({ name: 'ReadOnlyTarget' });
          expect(await account()).toEqual(before);
        } finally {
          await server.query('SET GLOBAL read_only = OFF');
        }
        for (const step of STEPS) await subject.step(step, token);
        expect(await Promise.all([opens(old), opens(await subject.value())])).toEqual([true, true]);
      },
    );

    it('N16 a server without TLS is named TlsNotOffered, and nobody logs in', async () => {
      const ca = join(folder, 'ca.pem');
      writeFileSync(ca, String(rootCertificates[0]));
      const overTls = { STRONGROOM_HOST: 'localhost', STRONGROOM_TLS: 'verify-full', STRONGROOM_CA_FILE: ca };
      const subject = await user('', overTls);
      const before = server.log().length;
      expect(await subject.rotate()).toMatchObject({ error: { name: 'TlsNotOffered' } });
      expect(server.log().slice(before)).not.toContain('Connect');
    });

    if (part === 'mysql') {
      it('M2 a password history does not stop the rotation, because it cannot recognise a hash with a new salt', async () => {
        const subject = await user('PASSWORD HISTORY 5');
        const current = await subject.value();
        for (let round = 0; round < 2; round++) {
          const record = await subject.rotate();
          expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
        }
        expect(await opens(await subject.value())).toBe(true);
        expect(await opens(current)).toBe(false);
      });

      it('M3 an account with another login method is refused, and keeps it', async () => {
        const subject = await user();
        const { username, password } = await subject.value();
        const plugin = () => server.query(`SELECT plugin FROM mysql.user WHERE User = '${username}'`);
        await server.query(`ALTER USER ${username}@'127.%' IDENTIFIED WITH sha256_password BY '${password}'`);
        const record = await subject.rotate();
        expect(record, String(record.error)).toMatchObject({ error: { name: 'LoginMethodNotSupported' } });
        expect(await plugin()).toEqual([{ plugin: 'sha256_password' }]);
      });
    }
  });
});
