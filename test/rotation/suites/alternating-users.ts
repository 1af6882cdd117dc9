import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { succeed } from '../every-point';
import type { Subject } from '../subject';
import { alternatingUsersCrashes } from './alternating-users-crashes';
import { shadowingAccounts } from './shadowing-accounts';
import { account, baseOf, type Flavour, ODD_DATABASE, pairsIn, prepareServer } from './sql-pairs';
import { type SqlWorld, sqlName, startSqlWorld } from './sql-world';

/** What alternating users must do on either server. Gives the world to the caller's own tests. */
export function alternatingUsersSuite(flavour: Flavour, more: (world: () => SqlWorld) => void): void {
  let world: SqlWorld;

  beforeAll(async () => {
    const server = await flavour.start();
    console.log(`${flavour.engine} ${server.version}`);
    world = await startSqlWorld(server, flavour.rootPassword, flavour);
    await prepareServer(world);
  });
  afterAll(() => world.stop());

  const query = (sql: string) => world.server.query(sql);
  const pairs = pairsIn(() => world, flavour);
  const { pair, same, said, run } = pairs;
  const failure = async (subject: Subject) => (await subject.rotate()).error;
  const set = async (subject: Subject) => {
    const token = await subject.begin();
    for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
    return token;
  };

  it('goes from the base to the clone and back, and the old value works until the next rotation', async () => {
    const subject = await pair();
    const base = baseOf(subject);
    const values = [await subject.value()];
    for (const username of [`${base}_clone`, base, `${base}_clone`]) {
      await succeed(subject);
      values.unshift(await subject.value());
      expect(values[0]).toMatchObject({ username, baseusername: base });
      const opened = await Promise.all(values.map((value) => world.opens(value)));
      expect(opened).toEqual(values.map((_, age) => age < 2));
    }
  });

  it('causes no failed login', async () => {
    const subject = await pair();
    for (let round = 0; round < 3; round++) await succeed(subject);
    expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).toEqual(Array(12).fill(0));
  });

  it('is never seen by clients that read the secret, or that keep the value of before', async () => {
    const subject = await pair();
    let over = false;
    let tried = 0;
    const client = async (cached: boolean) => {
      let value = await subject.value();
      for (let old = value; !over; old = value) {
        value = await subject.value();
        await run(cached ? old : value, 'SELECT id FROM shop.item');
        tried++;
        await sleep(2);
      }
    };
    const clients = [false, false, true, true].map((cached) => client(cached));
    for (let round = 0; round < 3; round++) await succeed(subject);
    over = true;
    await Promise.all(clients);
    expect(tried).toBeGreaterThan(4);
  });

  it('gives the clone every right, role, default role, limit and rule of the base', async () => {
    const subject = await pair();
    await succeed(subject);
    await same(subject);
    const now = await subject.value();
    expect(now.username).toBe(`${baseOf(subject)}_clone`);
    // Only by the default role.
    expect(await run(now, 'SELECT id FROM archive.old')).toEqual([]);
    expect(await run(now, `SELECT id FROM ${sqlName(ODD_DATABASE)}.\`100%\``)).toEqual([]);
    expect(await run(now, 'CALL shop.count_items()')).not.toEqual([]);
  });

  it.each([
    ['a privilege', ['REVOKE INSERT ON shop.* FROM WHO']],
    ['the right to pass on', ['REVOKE GRANT OPTION ON shop.* FROM WHO']],
    ['all of a database', ['REVOKE ALL ON shop.* FROM WHO', 'REVOKE GRANT OPTION ON shop.* FROM WHO']],
    ['all but one', ['REVOKE ALL ON `arch\\_%`.* FROM WHO', 'GRANT SELECT ON `arch\\_%`.* TO WHO']],
    ['a column', ['REVOKE UPDATE (id) ON ODD FROM WHO']],
    ['a routine', ['REVOKE EXECUTE ON PROCEDURE shop.count_items FROM WHO']],
    ['a role that is the default', ['DEFAULT NONE', 'REVOKE reader FROM WHO']],
    ['administration of a role', ['REVOKE writer FROM WHO', 'GRANT writer TO WHO']],
    ['a proxy', ["REVOKE PROXY ON `some one`@'%' FROM WHO"]],
    ['limits and rules', ['ALTER USER WHO WITH MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE NEVER']],
    ['nothing, and given a whole database', ['GRANT ALL ON shop.* TO WHO', 'GRANT INSERT ON archive.old TO WHO']],
    ['nothing, and given global rights', ['GRANT SELECT, PROCESS ON *.* TO WHO WITH GRANT OPTION']],
  ])('brings the clone to what the base has, when that has lost %s', async (_, statements) => {
    const subject = await pair();
    await succeed(subject);
    const user = account(baseOf(subject));
    for (const sql of statements) {
      await query(
        sql === 'DEFAULT NONE'
          ? flavour.setDefaultRole(user, 'NONE')
          : sql.replace('WHO', user).replace('ODD', `${sqlName(ODD_DATABASE)}.\`100%\``),
      );
    }
    await succeed(subject);
    await same(subject);
    await succeed(subject);
    await same(subject);
  });

  it('takes from the clone what somebody gave to it alone', async () => {
    const subject = await pair();
    await succeed(subject);
    await query(`GRANT ALL ON archive.* TO ${account(`${baseOf(subject)}_clone`)}`);
    await query(`GRANT CREATE USER, RELOAD ON *.* TO ${account(`${baseOf(subject)}_clone`)} WITH GRANT OPTION`);
    await succeed(subject);
    await same(subject);
  });

  it.each([
    ['lost a right', 'REVOKE INSERT ON shop.* FROM CLONE', 'lacks INSERT on `shop`.*'],
    ['got a right', 'GRANT DELETE ON shop.* TO CLONE', 'has besides DELETE on `shop`.*'],
    ['lost a role', 'REVOKE reader FROM CLONE', 'lacks role `reader`'],
    ['got a limit', 'ALTER USER CLONE WITH MAX_USER_CONNECTIONS 29', 'MAX_USER_CONNECTIONS 30'],
  ])('does not promote a clone that logs in, but %s after it was set', async (_, sql, difference) => {
    const subject = await pair();
    const token = await set(subject);
    await query(sql.replace('CLONE', account(`${baseOf(subject)}_clone`)));
    await expect(subject.step('testSecret', token)).rejects.toMatchObject({
      name: 'PrivilegesDiffer',
      message: expect.stringContaining(difference),
    });
    await subject.step('setSecret', token);
    await subject.step('testSecret', token);
  });

  it('gives the rights to a clone that has its password already, but none of them', async () => {
    const subject = await pair();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    const { username, password } = await subject.value(token);
    await query(`CREATE USER ${account(String(username))} IDENTIFIED BY '${password}'`);
    await expect(subject.step('testSecret', token)).rejects.toMatchObject({ name: 'PrivilegesDiffer' });
    await subject.step('setSecret', token);
    await same(subject);
  });

  it('takes the host from the account that the current password opens, and leaves others of that name alone', async () => {
    const subject = await pair({ host: '127.0.%' });
    const base = baseOf(subject);
    for (const name of [base, `${base}_clone`]) {
      await query(`CREATE USER ${account(name, '10.%')} IDENTIFIED BY 'of-another'`);
      await query(`GRANT DELETE ON shop.* TO ${account(name, '10.%')}`);
    }
    const others = async () => [await said(base, '10.%'), await said(`${base}_clone`, '10.%')];
    const before = await others();
    await succeed(subject);
    await succeed(subject);
    await same(subject, '127.0.%');
    expect(await others()).toEqual(before);
  });

  it.each([
    ['INSERT on `shop`.*', 'GRANT SELECT ON mysql.* TO ADMIN'],
    ['role `reader`', 'GRANT SELECT, INSERT, UPDATE, EXECUTE ON *.* TO ADMIN WITH GRANT OPTION'],
  ])('names the right that the superuser may not pass on: %s', async (right, sql) => {
    const name = `admin_${right.length}`;
    await query(`CREATE USER ${account(name)} IDENTIFIED BY 'of-the-admin'`);
    await query(`GRANT CREATE USER ON *.* TO ${account(name)}`);
    await query(sql.replace('ADMIN', account(name)));
    const subject = await world.user({ master: await world.superuser(name, 'of-the-admin') });
    const user = account(baseOf(subject));
    await query(`GRANT SELECT, INSERT ON shop.* TO ${user}`);
    if (right.startsWith('role')) await query(`GRANT reader TO ${user}`);
    await query(`GRANT SELECT ON mysql.* TO ${account(name)}`);
    const error = await failure(subject);
    expect(error).toMatchObject({ name: 'PrivilegeMissing', message: expect.stringContaining(right) });
    expect(await world.opens(await subject.value())).toBe(true);
  });

  it.each(['base', 'clone'])('leaves the lock of a person on the %s, and changes nothing', async (which) => {
    const subject = await pair();
    await succeed(subject);
    await succeed(subject);
    if (which === 'base') await succeed(subject);
    const name = which === 'base' ? baseOf(subject) : `${baseOf(subject)}_clone`;
    await query(`ALTER USER ${account(name)} ACCOUNT LOCK`);
    expect(await failure(subject)).toMatchObject({ name: 'AccountDisabled' });
    expect(await world.opens(await subject.value())).toBe(true);
  });

  it('makes a clone again that was dropped while clients used it, with the password that they have', async () => {
    const subject = await pair();
    await succeed(subject);
    const current = await subject.value();
    await query(`DROP USER ${account(String(current.username))}`);
    await succeed(subject);
    await same(subject);
    expect(await world.opens(current)).toBe(true);
    expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).toEqual(Array(8).fill(0));
  });

  it('refuses a clone that was there before the first rotation, and leaves it alone', async () => {
    const subject = await pair();
    const username = `${baseOf(subject)}_clone`;
    await query(`CREATE USER ${account(username)} IDENTIFIED BY 'of-somebody'`);
    expect(await failure(subject)).toMatchObject({ name: 'RoleNotOurs' });
    expect(await world.opens({ username, password: 'of-somebody' })).toBe(true);
  });

  it('names a base that is missing', async () => {
    const subject = await pair();
    await succeed(subject);
    await query(`DROP USER ${account(baseOf(subject))}`);
    expect(await failure(subject)).toMatchObject({ name: 'UserMissing' });
    expect(await world.opens(await subject.value())).toBe(true);
  });

  it('says how to make a base that was never there, where somebody else has its clone', async () => {
    const subject = await pair();
    await query(`DROP USER ${account(baseOf(subject))}`);
    for (const host of ['10.8.%', '10.9.%']) {
      await query(`CREATE USER ${account(`${baseOf(subject)}_clone`, host)} IDENTIFIED BY 'of-somebody'`);
    }
    expect(await failure(subject)).toMatchObject({
      name: 'UserMissing',
      message: expect.stringContaining(
        `CREATE USER ${account(baseOf(subject), '%').replaceAll("'", '`')} IDENTIFIED BY '…'; and grant what the application needs`,
      ),
    });
  });

  it('puts the current password right when somebody changed it, and after an abandoned rotation', async () => {
    const subject = await pair();
    await succeed(subject);
    const current = await subject.value();
    await query(`ALTER USER ${account(String(current.username))} IDENTIFIED BY 'of-a-person'`);
    await succeed(subject);
    expect(await world.opens(current)).toBe(true);
    await set(subject);
    await subject.put({ note: 'put by a person' });
    await succeed(subject);
    expect(await world.opens(await subject.value())).toBe(true);
    await same(subject);
  });

  it('does not promote when the current password is refused at the test', async () => {
    const subject = await pair();
    const token = await set(subject);
    await query(`ALTER USER ${account(baseOf(subject))} IDENTIFIED BY 'of-a-person'`);
    await expect(subject.step('testSecret', token)).rejects.toMatchObject({ name: 'CurrentRefused' });
  });

  it('quotes names with every kind of quote in them', async () => {
    const subject = await pair({ name: 'it\'s "a\\b" `x` %@ TO ü' });
    await succeed(subject);
    await succeed(subject);
    await succeed(subject);
    await same(subject);
    expect(await world.opens(await subject.value())).toBe(true);
  });

  it('runs two at once without an error or a wrong end', async () => {
    const subject = await pair();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    await Promise.all([1, 2, 3].map(() => subject.step('setSecret', token)));
    await subject.step('testSecret', token);
    await same(subject);
  });

  it('passes the test of RotateImmediately=false before there is a clone', async () => {
    const subject = await pair();
    world.manager.service.registerFunction(subject.functionArn, (event) => subject.handle(event));
    await world.manager.service.call('RotateSecret', {
      SecretId: subject.arn,
      RotationLambdaARN: subject.functionArn,
      RotateImmediately: false,
    });
    await world.manager.service.driver.settled(subject.arn);
    const record = world.manager.service.driver.records.filter(({ secretArn }) => secretArn === subject.arn).at(-1);
    expect(record, String(record?.error)).toMatchObject({ name: 'TestRotationSucceeded' });
  });

  it.each([
    ['another user', { username: 'root' }, 'UserNotDeclared'],
    ['another base', { baseusername: 'root' }, 'UserNotDeclared'],
    ['a clone of another', { username: 'root_clone', baseusername: 'root' }, 'UserNotDeclared'],
    ['another engine', { engine: 'postgres' }, 'EngineNotAccepted'],
  ])('refuses %s in the secret before it calls the database', async (_, keys, name) => {
    const subject = await world.user({ keys, variables: { STRONGROOM_PORT: '1' } });
    const token = await subject.begin();
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({ name });
  });

  it('refuses a name that is too long for its clone, with the numbers', async () => {
    const name = 'n'.repeat(flavour.longestName - 5);
    const subject = await world.user({ name });
    const token = await subject.begin();
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({
      name: 'InvalidSecretValue',
      message: expect.stringContaining(`has ${flavour.longestName + 1} characters`),
    });
  });

  it('rotates a user whose real name ends as a clone does, because the stack declares it', async () => {
    const subject = await pair({ name: `robot_${flavour.engine}_clone` });
    await succeed(subject);
    expect((await subject.value()).username).toBe(`robot_${flavour.engine}_clone_clone`);
  });

  describe('with probes', () => {
    const probing = (...probes: readonly string[]) =>
      pair({ variables: { STRONGROOM_PROBES: JSON.stringify(probes) } });

    it('promotes what can run them', async () => {
      const subject = await probing('SELECT name FROM item', 'SELECT id FROM archive.old', 'CALL count_items()');
      await succeed(subject);
      expect(subject.lines.join('\n')).not.toContain('row-of-the-item');
    });

    it.each([
      ['is denied', 'DELETE FROM item', 'probe 2 of 2'],
      ['is wrong', 'SELECT secret-word FROM nowhere', 'probe 2 of 2'],
      ['writes', 'INSERT INTO item VALUES (2, "two")', 'probe 2 of 2'],
      ['makes a table', 'CREATE TABLE arch_1.made (id INT)', 'probe 2 of 2'],
    ])('names the number of one that %s, and nothing of it', async (__, sql, number) => {
      const subject = await probing('SELECT 1', sql);
      const token = await set(subject);
      const error = await subject.step('testSecret', token).catch((caught: unknown) => caught);
      expect(error).toMatchObject({ name: 'ProbeFailed', message: expect.stringContaining(number) });
      expect(String(error)).not.toMatch(/item|secret-word|made/);
    });
  });

  it('never lets a password into the log of the server, which logs every statement, or into its own', async () => {
    const subject = await pair();
    const values = [await subject.value()];
    for (let round = 0; round < 2; round++) {
      await succeed(subject);
      values.push(await subject.value());
    }
    const written = `${world.server.log()}\n${subject.lines.join('\n')}`;
    expect(written).toMatch(flavour.passwordStatement);
    expect(values.filter(({ password }) => written.includes(String(password)))).toEqual([]);
  });

  more(() => world);

  shadowingAccounts(flavour, () => world, pairs);

  alternatingUsersCrashes(flavour, () => world, pairs);
}
