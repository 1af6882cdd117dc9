import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ReplyLost } from '../../emulator/server';
import { LEDGER_LABEL } from '../../rotation/engine';
import { ownershipMark } from '../../rotation/ownership-mark';
import { secretsManager } from '../../rotation/secrets-manager';
import { type Application, clientOf, DATABASE, MASTER, startWorld, type World } from './world';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

describe('PostgreSQL single user, on an empty server', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  async function succeed(app: Application): Promise<void> {
    const record = await app.rotate();
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
  }

  it('creates the missing role at the first rotation, and its password works', async () => {
    const app = await world.application();
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('changes the password at the second rotation, and the old one is refused', async () => {
    const app = await world.application();
    await succeed(app);
    const old = await app.password();
    await succeed(app);
    expect(await app.password()).not.toBe(old);
    expect(await app.logsIn(await app.password())).toBe(true);
    expect(await app.logsIn(old)).toBe(false);
  });

  it('causes no failed login and needs no more than 13 calls and 3 connections', async () => {
    const app = await world.application();
    await succeed(app);
    const failures = () =>
      world.postgres.log().split(`password authentication failed for user "${app.role}"`).length - 1;
    const connections = () => world.postgres.log().split(`connection authorized: user=${app.role} `).length - 1;
    const { calls } = world.manager.service;
    const before = { calls: calls.length, connections: connections() };
    await succeed(app);
    expect(failures()).toBe(0);
    await expect.poll(() => connections() - before.connections).toBe(3);
    // One of them is RotateSecret itself.
    expect(calls.length - before.calls - 1).toBe(13);
  });

  it('leaves AWSCURRENT and AWSPREVIOUS, and nothing that would stop the next rotation', async () => {
    const app = await world.application();
    await succeed(app);
    await succeed(app);
    expect(Object.values(await app.labels()).map((labels) => [...labels].sort())).toEqual(
      expect.arrayContaining([['AWSCURRENT'], ['AWSPREVIOUS']]),
    );
    expect(Object.keys(await app.labels())).toHaveLength(2);
  });

  it('gives the new role a schema in which it can work, and no other rights', async () => {
    const app = await world.application();
    await succeed(app);
    const client = await world.postgres.connect(app.role, await app.password(), DATABASE);
    await client.query('CREATE TABLE note (text text)');
    await client.query("INSERT INTO note VALUES ('kept')");
    const { rows } = await client.query(
      'SELECT schemaname, tableowner FROM pg_tables WHERE tablename = $1 AND schemaname = $2',
      ['note', app.role],
    );
    await expect(client.query('CREATE TABLE public.other (text text)')).rejects.toMatchObject({ code: '42501' });
    await expect(client.query('CREATE ROLE other')).rejects.toMatchObject({ code: '42501' });
    await client.end();
    expect(rows).toEqual([{ schemaname: app.role, tableowner: app.role }]);
    const [attributes] = await world.postgres.query(
      'SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles WHERE rolname = $1',
      [app.role],
    );
    expect(Object.values(attributes ?? {})).toEqual([false, false, false, false, false]);
  });

  it('leaves the administrator without the right to act as the new role', async () => {
    const app = await world.application();
    await succeed(app);
    const master = await world.postgres.connect(MASTER, world.masterPassword, DATABASE);
    await expect(master.query(`SET ROLE ${app.role}`)).rejects.toMatchObject({ code: '42501' });
    await expect(master.query(`SELECT * FROM ${app.role}.anything`)).rejects.toMatchObject({ code: '42501' });
    await master.end();
  });

  it('gives the configured schema and group roles, and finds tables in that schema by default', async () => {
    const schema = `schema ${randomUUID()}`;
    const group = `group "${randomUUID()}"`;
    const master = await world.postgres.connect(MASTER, world.masterPassword, DATABASE);
    await master.query(`CREATE ROLE "${group.replaceAll('"', '""')}"`);
    await master.end();
    const app = await world.application({
      variables: { STRONGROOM_SCHEMA: schema, STRONGROOM_GRANTS: JSON.stringify([group]) },
    });
    await succeed(app);
    const client = await world.postgres.connect(app.role, await app.password(), DATABASE);
    const { rows } = await client.query("SELECT current_schema() AS schema, pg_has_role($1, 'MEMBER') AS member", [
      group,
    ]);
    await client.end();
    expect(rows).toEqual([{ schema, member: true }]);
  });

  it('quotes names with every kind of quote in them', async () => {
    const app = await world.application({ role: `it's "a\\b" %s $1 ü` });
    await succeed(app);
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('keeps what it does not know in the secret, byte for byte', async () => {
    const app = await world.application();
    await succeed(app);
    const answer = await world.manager.service.call('GetSecretValue', { SecretId: app.arn });
    const odd = String(answer.SecretString).replace(
      '{',
      '{ "id": 12345678901234567890, "ratio":1.0,\n "nested": {"password":"kept"}, ',
    );
    await world.manager.service.call('PutSecretValue', { SecretId: app.arn, SecretString: odd });
    const old = await app.password();
    await succeed(app);
    const rotated = await world.manager.service.call('GetSecretValue', { SecretId: app.arn });
    expect(String(rotated.SecretString)).toBe(odd.replace(old, await app.password()));
  });

  it('writes where the stack has the database into the new value', async () => {
    const app = await world.application({ keys: { host: 'restored-from.example', port: 1 } });
    await succeed(app);
    const answer = await world.manager.service.call('GetSecretValue', { SecretId: app.arn });
    expect(JSON.parse(String(answer.SecretString))).toMatchObject({
      host: world.postgres.host,
      port: world.postgres.port,
    });
  });

  it('rotates by the role itself when there is no superuser secret', async () => {
    const app = await world.application({ superuser: false });
    await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('changes the password of a role that acts as another one and is read-only by default', async () => {
    const app = await world.application();
    await succeed(app);
    await world.postgres.query(
      `CREATE ROLE ${app.role}_owner; GRANT ${app.role}_owner TO ${app.role};
       ALTER ROLE ${app.role} SET role = '${app.role}_owner'; ALTER ROLE ${app.role} SET default_transaction_read_only = on`,
    );
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it.each(STEPS)('does nothing when %s is delivered again after the end', async (step) => {
    const app = await world.application();
    const token = await app.begin();
    for (const name of STEPS) await app.step(name, token);
    const before = { labels: await app.labels(), password: await app.password(), log: world.postgres.log().length };
    await app.step(step, token);
    expect(await app.labels()).toEqual(before.labels);
    expect(await app.password()).toBe(before.password);
    expect(world.postgres.log().slice(before.log)).not.toContain('connection authorized');
    expect(JSON.parse(app.lines.at(-1) ?? '')).toMatchObject({ step, attempt: 'replay', outcome: 'done' });
  });

  it('ends the same when every step is delivered twice at once', async () => {
    const app = await world.application();
    await succeed(app);
    const token = await app.begin();
    for (const step of STEPS) {
      const outcomes = await Promise.allSettled([app.step(step, token), app.step(step, token)]);
      expect(
        outcomes.map(({ status }) => status),
        step,
      ).toEqual(['fulfilled', 'fulfilled']);
    }
    expect((await app.labels())[token]).toContain('AWSCURRENT');
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('keeps the first value when two createSecret store one at the same moment', async () => {
    const app = await world.application();
    const token = await app.begin();
    let arrived = 0;
    let release = () => {};
    const both = new Promise<void>((resolve) => {
      release = resolve;
    });
    world.manager.service.before = async (operation) => {
      if (operation !== 'PutSecretValue') return;
      if (++arrived === 2) release();
      await both;
    };
    try {
      await Promise.all([app.step('createSecret', token), app.step('createSecret', token)]);
    } finally {
      world.manager.service.before = undefined;
    }
    expect(arrived).toBe(2);
    for (const step of STEPS) await app.step(step, token);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('sets one password when five setSecret run at once', async () => {
    const app = await world.application();
    await succeed(app);
    const token = await app.begin();
    await app.step('createSecret', token);
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => app.step('setSecret', token)));
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'done'))).toEqual(
      Array(5).fill('done'),
    );
    expect(await app.logsIn(await app.password(token))).toBe(true);
  });

  it('creates one role when three first setSecret run at once', async () => {
    const app = await world.application();
    const token = await app.begin();
    await app.step('createSecret', token);
    const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => app.step('setSecret', token)));
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'done'))).toEqual(
      Array(3).fill('done'),
    );
    expect(await app.logsIn(await app.password(token))).toBe(true);
  });

  it('finds the password of an abandoned rotation by its ledger label', async () => {
    const app = await world.application();
    await succeed(app);
    const token = await app.begin();
    await app.step('createSecret', token);
    await app.step('setSecret', token);
    await app.put({ password: 'put-by-a-person-during-the-rotation' });
    expect((await app.labels())[token]).toEqual([LEDGER_LABEL]);
    await expect(app.step('testSecret', token)).rejects.toMatchObject({ name: 'RotationAbandoned' });
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
    expect(app.lines.map((line) => JSON.parse(line).attempt)).toContain('recovered-from-ledger');
  });

  it('goes on from AWSPREVIOUS when the current password was never set', async () => {
    const app = await world.application({ superuser: false });
    await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
    await app.put({ password: 'put-into-the-secret-only' });
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
    expect(app.lines.map((line) => JSON.parse(line).attempt)).toContain('recovered-from-previous');
  });

  it('repairs by the superuser a role that it made and whose password nobody knows', async () => {
    const app = await world.application();
    await succeed(app);
    await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
    expect(app.lines.map((line) => JSON.parse(line).attempt)).toContain('role-repaired');
  });

  it('makes the role again after somebody dropped it', async () => {
    const app = await world.application();
    await succeed(app);
    await world.postgres.query(`DROP OWNED BY ${app.role} CASCADE; DROP ROLE ${app.role}`, undefined, DATABASE);
    await succeed(app);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('leaves alone a role that belongs to somebody else, whatever the secret says', async () => {
    const app = await world.application();
    const master = await world.postgres.connect(MASTER, world.masterPassword, DATABASE);
    await master.query(`CREATE ROLE ${app.role} LOGIN`);
    expect(await app.rotate()).toMatchObject({ name: 'RotationFailed', error: { name: 'RoleNotOurs' } });
    await master.query(`COMMENT ON ROLE ${app.role} IS '${ownershipMark(app.arn)}'`);
    await master.end();
    await expect(app.rotate()).rejects.toThrow('That rotation will be reattempted');
    await world.manager.service.driver.settled(app.arn);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('never touches a powerful role as superuser', async () => {
    const app = await world.application();
    await world.postgres.query(
      `CREATE ROLE ${app.role} LOGIN CREATEROLE; COMMENT ON ROLE ${app.role} IS '${ownershipMark(app.arn)}'`,
    );
    expect(await app.rotate()).toMatchObject({ name: 'RotationFailed', error: { name: 'RoleTooPowerful' } });
  });

  it('succeeds at the first try although the answer to any one call is lost', async () => {
    const { service } = world.manager;
    const patient = secretsManager(clientOf(world.manager, 3));
    for (const operation of ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage']) {
      for (let lost = 1; lost <= (operation === 'PutSecretValue' ? 1 : 3); lost++) {
        const app = await world.application({ store: patient });
        let seen = 0;
        service.after = (called, _, { SecretId }) => {
          if (called === operation && SecretId === app.arn && ++seen === lost) throw new ReplyLost();
        };
        try {
          await succeed(app);
        } finally {
          service.after = undefined;
        }
        expect(seen, `${operation} ${lost}`).toBeGreaterThanOrEqual(lost);
        expect(
          app.lines.filter((line) => JSON.parse(line).outcome !== 'done'),
          `${operation} ${lost}`,
        ).toEqual([]);
        expect(await app.logsIn(await app.password())).toBe(true);
      }
    }
  });

  it('reads the superuser secret again when it was rotated in between', async () => {
    const app = await world.application();
    const fresh = randomUUID();
    let reads = 0;
    world.manager.service.after = async (operation, _, input) => {
      if (operation !== 'GetSecretValue' || input.SecretId !== world.masterSecret || ++reads !== 1) return;
      await world.unlogged(`ALTER ROLE ${MASTER} PASSWORD '${fresh}'`);
      await world.manager.service.call('PutSecretValue', {
        SecretId: world.masterSecret,
        SecretString: JSON.stringify({ username: MASTER, password: fresh }),
      });
    };
    try {
      await succeed(app);
    } finally {
      world.manager.service.after = undefined;
      await world.unlogged(`ALTER ROLE ${MASTER} PASSWORD '${world.masterPassword}'`);
      await world.manager.service.call('PutSecretValue', {
        SecretId: world.masterSecret,
        SecretString: JSON.stringify({ username: MASTER, password: world.masterPassword }),
      });
    }
    expect(reads).toBeGreaterThan(1);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('passes the test of RotateImmediately=false, where pending equals current', async () => {
    const app = await world.application();
    await succeed(app);
    await world.manager.service.call('RotateSecret', { SecretId: app.arn, RotateImmediately: false });
    await world.manager.service.driver.settled(app.arn);
    expect(world.manager.service.driver.records.at(-1)).toMatchObject({ name: 'TestRotationSucceeded' });
    expect((await app.labels())[Object.keys(await app.labels())[0] ?? '']).not.toContain('AWSPENDING');
  });

  it('runs the probes at the test, read-only, and names the number of one that fails', async () => {
    const probed = (...probes: readonly string[]) =>
      world.application({ variables: { STRONGROOM_PROBES: JSON.stringify(probes) } });
    expect(await (await probed('SELECT 1', 'TABLE pg_roles')).rotate()).toMatchObject({ name: 'RotationSucceeded' });
    const app = await probed('SELECT 1', 'CREATE TABLE made (id int)');
    const before = await app.labels();
    const { error } = await app.rotate();
    expect(error).toMatchObject({ name: 'ProbeFailed', message: expect.stringContaining('probe 2 of 2') });
    expect(`${error}${app.lines}`).not.toContain('made');
    expect(await app.labels()).toMatchObject(before);
  });

  it('never lets a password into the log of the server, which logs every statement, or into its own', async () => {
    const app = await world.application();
    await succeed(app);
    const first = await app.password();
    await succeed(app);
    const written = `${world.postgres.log()}\n${app.lines.join('\n')}`;
    expect(written).toContain(`ALTER ROLE "${app.role}" PASSWORD 'SCRAM-SHA-256$`);
    const passwords = [first, await app.password(), world.masterPassword];
    expect(passwords.filter((password) => written.includes(password))).toEqual([]);
  });
});
