import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { STEPS } from './faults';
import type { Subject } from './subject';
import { type SqlWorld, type SubjectOptions, startSqlWorld } from './suites/sql-world';

const SERVERS = [
  { part: 'mariadb', rotator: 'mariadb-two-passwords', missing: mariadbMissing, start: () => startMariadb() },
  { part: 'mysql', rotator: 'mysql-dual-password', missing: mysqlMissing, start: () => startMysql() },
] as const;

/** Brings a cause about; returns what ends it. */
type Arrange = (world: SqlWorld, username: string, password: string) => Promise<() => Promise<unknown>>;

interface Refusal extends SubjectOptions {
  readonly cause: string;
  readonly error: string;
  /** What the message names, so that no neighbour of the cause passes for it. */
  readonly says: RegExp;
  readonly arrange?: Arrange;
}

const nothing = async () => {};

/** A session of the user's own stays open. */
const heldLogin: Arrange = async ({ server }, username, password) => {
  const session = await server.connect(username, password);
  return () => session.end();
};

const spentLogin: Arrange = async ({ server }, username, password) => {
  await (await server.connect(username, password)).end();
  return nothing;
};

/** A root session that holds what `sql` takes. */
const holding =
  (sql: (username: string) => string): Arrange =>
  async ({ server }, username) => {
    const session = await server.connect('root', ROOT_PASSWORD);
    await session.query(sql(username));
    return () => session.end();
  };

const lockOf = (user: string) => `strongroom ${createHash('sha256').update(user).digest('hex').slice(0, 40)}`;

const probing = (database: string): SubjectOptions => ({
  keys: { dbname: database },
  variables: { STRONGROOM_DATABASE: database, STRONGROOM_PROBES: '["SELECT 1"]' },
});

const readsAll: Arrange = async ({ server }, username) => {
  await server.query(`GRANT SELECT ON *.* TO ${username}@'127.%'`);
  return nothing;
};

const REFUSALS: readonly Refusal[] = [
  {
    cause: 'its connections are all in use',
    rules: 'WITH MAX_USER_CONNECTIONS 1',
    arrange: heldLogin,
    error: 'TooManyConnections',
    says: /1226/,
  },
  {
    cause: 'its connections of the hour are used up',
    rules: 'WITH MAX_CONNECTIONS_PER_HOUR 1',
    arrange: spentLogin,
    error: 'TooManyConnections',
    says: /1226/,
  },
  { cause: 'its password has expired', rules: 'PASSWORD EXPIRE', error: 'AccountDisabled', says: /1820|1862/ },
  { cause: 'its account is locked', rules: 'ACCOUNT LOCK', error: 'AccountDisabled', says: /3118|4151/ },
  {
    cause: 'another session changes it',
    arrange: holding((user) => `SELECT GET_LOCK('${lockOf(user)}', 0)`),
    error: 'DatabaseBusy',
    says: /another rotation holds the user/,
  },
  {
    cause: 'the table of users is locked',
    arrange: holding(() => 'LOCK TABLES mysql.user WRITE'),
    error: 'DatabaseBusy',
    says: /1205/,
  },
  {
    cause: 'its database is missing',
    ...probing('nowhere'),
    arrange: readsAll,
    error: 'DatabaseMissing',
    says: /DATABASE/,
  },
  { cause: 'its database is denied', ...probing('mysql'), error: 'PrivilegeMissing', says: /1044/ },
];

describe.each(SERVERS)('what $part says to a user', ({ part, rotator, missing, start }) => {
  describe.skipIf(!canRun(part, missing()))('on a real server', () => {
    let world: SqlWorld;

    beforeAll(async () => {
      world = await startSqlWorld(await start(), ROOT_PASSWORD, { engine: part, rotator, database: 'app' });
    });
    afterAll(() => world.stop());

    it.each(REFUSALS)('S8 is told as $error when $cause', async ({ arrange, error, says, ...options }) => {
      const subject = await world.user(options);
      const { username, password } = await subject.value();
      const release = (await arrange?.(world, String(username), String(password))) ?? nothing;
      try {
        await expect(steps(subject)).rejects.toMatchObject({ name: error, message: expect.stringMatching(says) });
        expect(await subject.value()).toMatchObject({ username, password });
      } finally {
        await release();
      }
    });

    it('S8 an expired password that is set again is rotated as any other', async () => {
      const subject = await world.user({ rules: 'PASSWORD EXPIRE' });
      const { username, password } = await subject.value();
      await world.server.query(`ALTER USER ${username}@'127.%' IDENTIFIED BY '${password}'`);
      await steps(subject);
      expect((await subject.value()).password).not.toBe(password);
    });

    if (part === 'mariadb') {
      it('S8 an expired password is told at the login when the server lets nobody in with one', async () => {
        const subject = await world.user({ rules: 'PASSWORD EXPIRE' });
        await world.server.query('SET GLOBAL disconnect_on_expired_password = ON');
        try {
          await expect(steps(subject)).rejects.toMatchObject({
            name: 'AccountDisabled',
            message: expect.stringContaining('1862'),
          });
        } finally {
          await world.server.query('SET GLOBAL disconnect_on_expired_password = OFF');
        }
      });
    }
  });
});

/** Every step once: a repeated one would only wait for the same again. */
async function steps(subject: Subject): Promise<void> {
  const token = await subject.begin();
  for (const step of STEPS) await subject.step(step, token);
}
