import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { type SqlWorld, startSqlWorld } from './suites/sql-world';

const SERVERS = [
  ['mariadb', mariadbMissing, startMariadb, ['mariadb-two-passwords', 'mariadb-alternating-users'], ['read_only']],
  [
    'mysql',
    mysqlMissing,
    startMysql,
    ['mysql-dual-password', 'mysql-alternating-users'],
    ['super_read_only', 'read_only'],
  ],
] as const;

describe.each(SERVERS)('%s', (engine, missing, start, rotators, switches) => {
  describe.skipIf(!canRun(engine, missing()))('on a real server that is a replica', () => {
    let world: SqlWorld;

    beforeAll(async () => {
      world = await startSqlWorld(await start(), ROOT_PASSWORD, { engine, rotator: 'unset' });
    });
    afterAll(() => world.stop());

    const cases = rotators.flatMap((rotator) => switches.map((variable) => [rotator, variable] as const));

    it.each(cases)(
      'ends %s with ReadOnlyTarget under %s, though root may write there, and the same token ends well on a primary',
      async (rotator, variable) => {
        const subject = await world.user({ variables: { STRONGROOM_ROTATOR: rotator } });
        const old = await subject.value();
        const account = `${old.username}@'127.%'`;
        const before = await world.server.query(`SHOW CREATE USER ${account}`);
        const token = await subject.begin();
        await subject.step('createSecret', token);
        await world.server.query(`SET GLOBAL ${variable} = ON`);
        try {
          await expect(subject.step('setSecret', token)).rejects.toMatchObject({ name: 'ReadOnlyTarget' });
          expect(await world.server.query(`SHOW CREATE USER ${account}`)).toEqual(before);
        } finally {
          await world.server.query('SET GLOBAL read_only = OFF');
        }
        for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await subject.step(step, token);
        expect(await world.opens(await subject.value())).toBe(true);
        expect(await world.opens(old)).toBe(true);
      },
    );
  });
});
