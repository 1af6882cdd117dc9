import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { succeed } from './every-point';
import { ROTATORS } from './faults';
import type { Subject } from './subject';
import { type SqlWorld, startSqlWorld } from './suites/sql-world';
import { startWorld, type World } from './world';

/** More than there are users to take turns. */
const ROUNDS = 3;

/** What a server says to a plugin that it has no file of. */
const NO_LIBRARY = 1126;

async function rotateOften(subject: Subject): Promise<string> {
  for (let round = 0; round < ROUNDS; round++) await succeed(subject);
  return String((await subject.value()).password);
}

describe('PostgreSQL with passwordcheck', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ settings: { shared_preload_libraries: 'passwordcheck' } });
  });
  afterAll(() => world.stop());

  const create = (password: string) => world.unlogged(`CREATE ROLE "who-${randomUUID()}" LOGIN PASSWORD '${password}'`);

  it.each(ROTATORS)('lets %s rotate, and would take its password in clear too', async (rotator) => {
    const app = await world.application({ variables: { STRONGROOM_ROTATOR: rotator } });
    const password = await rotateOften(app);
    expect(await world.opens(await app.value())).toBe(true);
    await create(password);
    await expect(create('onlyletters')).rejects.toThrow('password must contain both letters and nonletters');
  });
});

const PLUGINS = ['simple_password_check', 'password_reuse_check'];

describe.skipIf(!canRun('mariadb', mariadbMissing()))('MariaDB with plugins that check passwords', () => {
  let world: SqlWorld;
  let missing: string | undefined;

  beforeAll(async () => {
    world = await startSqlWorld(await startMariadb(), ROOT_PASSWORD, { engine: 'mariadb', rotator: 'unset' });
    try {
      await installing();
      await uninstalling();
    } catch (error) {
      if ((error as { errno?: number }).errno !== NO_LIBRARY) throw error;
      missing = `MariaDB ${world.server.version} came without ${PLUGINS.join(' or ')}`;
    }
  });
  beforeEach(({ skip }) => skip(!canRun('mariadb-plugins', missing)));
  afterAll(() => world.stop());

  const installing = async () => {
    for (const plugin of PLUGINS) await world.server.query(`INSTALL SONAME '${plugin}'`);
  };
  const uninstalling = async () => {
    for (const plugin of PLUGINS) await world.server.query(`UNINSTALL SONAME '${plugin}'`);
  };

  /** A user from before the policy, and the policy. */
  async function underPolicy(rotator: string, strict: 'ON' | 'OFF', act: (subject: Subject) => Promise<void>) {
    const subject = await world.user({ variables: { STRONGROOM_ROTATOR: rotator } });
    await world.server.query(`SET GLOBAL strict_password_validation = ${strict}`);
    await installing();
    try {
      await act(subject);
    } finally {
      await uninstalling();
    }
  }

  describe.each(['mariadb-two-passwords', 'mariadb-alternating-users'])('%s', (rotator) => {
    it('rotates where hashes are taken, and its password would be taken in clear too', () =>
      underPolicy(rotator, 'OFF', async (subject) => {
        const password = await rotateOften(subject);
        expect(await world.opens(await subject.value())).toBe(true);
        const create = (who: string, secret: string) =>
          world.server.query(`CREATE USER '${who}' IDENTIFIED BY '${secret}'`);
        const who = randomUUID();
        await create(who, password);
        await expect(world.server.query(`SET PASSWORD FOR '${who}' = PASSWORD('${password}')`)).rejects.toMatchObject({
          errno: 1819,
        });
        await expect(create(randomUUID(), 'only-letters')).rejects.toMatchObject({ errno: 1819 });
      }));

    it('ends with PasswordHashesRefused where they are not, and the same token ends well once they are', () =>
      underPolicy(rotator, 'ON', async (subject) => {
        const old = await subject.value();
        const record = await subject.rotate();
        expect(record.error).toMatchObject({
          name: 'PasswordHashesRefused',
          message: expect.stringContaining('SET GLOBAL strict_password_validation = OFF'),
        });
        expect(await world.opens(old)).toBe(true);
        const labels = Object.values(await subject.labels()).flat();
        expect(labels.sort()).toEqual(['AWSCURRENT', 'AWSPENDING']);
        await world.server.query('SET GLOBAL strict_password_validation = OFF');
        for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) {
          await subject.step(step, record.token);
        }
        expect((await subject.labels())[record.token]).toContain('AWSCURRENT');
        expect(await world.opens(await subject.value())).toBe(true);
      }));
  });
});

describe.skipIf(!canRun('mysql', mysqlMissing()))(
  'MySQL with validate_password and rules for what was used before',
  () => {
    let world: SqlWorld;

    beforeAll(async () => {
      world = await startSqlWorld(await startMysql(), ROOT_PASSWORD, { engine: 'mysql', rotator: 'unset' });
    });
    afterAll(() => world.stop());

    const RULES = {
      'validate_password.policy': 'STRONG',
      'validate_password.changed_characters_percentage': 50,
      password_history: 5,
      password_reuse_interval: 30,
      password_require_current: 'ON',
    };

    it.each(['mysql-dual-password', 'mysql-alternating-users'])(
      'lets %s rotate, whose password it finds strong',
      async (rotator) => {
        const subject = await world.user({ variables: { STRONGROOM_ROTATOR: rotator } });
        const query = (sql: string) => world.server.query(sql);
        await query("INSTALL COMPONENT 'file://component_validate_password'");
        for (const [name, value] of Object.entries(RULES)) await query(`SET GLOBAL ${name} = ${value}`);
        try {
          const password = await rotateOften(subject);
          expect(await world.opens(await subject.value())).toBe(true);
          expect(await query(`SELECT VALIDATE_PASSWORD_STRENGTH('${password}') AS strength`)).toEqual([
            { strength: 100 },
          ]);
          await query(`CREATE USER '${rotator}' IDENTIFIED BY '${password}'`);
          const again = `ALTER USER '${rotator}' IDENTIFIED BY '${password}'`;
          await expect(query(again)).rejects.toMatchObject({ errno: 3638 });
          await expect(query(`ALTER USER '${rotator}' IDENTIFIED BY 'onlyletters'`)).rejects.toMatchObject({
            errno: 1819,
          });
        } finally {
          await query("UNINSTALL COMPONENT 'file://component_validate_password'");
        }
      },
    );
  },
);
