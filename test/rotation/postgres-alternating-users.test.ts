import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CrashJourney, succeed } from './every-point';
import type { Value } from './place';
import { type Application, type ApplicationOptions, DATABASE, MASTER, startWorld, type World } from './world';

const LONG = 600_000;

describe('PostgreSQL alternating users', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  const pair = (options: ApplicationOptions = {}) =>
    world.application({
      ...options,
      variables: { STRONGROOM_ROTATOR: 'postgres-alternating-users', ...options.variables },
    });

  const opens = (value: Readonly<Record<string, unknown>>) => world.opens(value);

  async function run(app: Application, sql: string): Promise<readonly Record<string, unknown>[]> {
    const value = await app.value();
    const client = await world.postgres.connect(String(value.username), String(value.password), DATABASE);
    try {
      return (await client.query(sql)).rows ?? [];
    } finally {
      await client.end();
    }
  }

  const settings = (role: string) =>
    world.postgres.query(
      `SELECT unnest(setconfig) AS line FROM pg_db_role_setting JOIN pg_roles r ON r.oid = setrole
        WHERE rolname = $1 ORDER BY 1`,
      [role],
    );

  it('goes from the base to the clone and back, and the old value works until the next rotation', async () => {
    const app = await pair();
    let old = await app.value();
    for (const username of [`${app.role}_clone`, app.role, `${app.role}_clone`]) {
      const before = await app.value();
      await succeed(app);
      const now = await app.value();
      expect(now).toMatchObject({ username, baseusername: app.role });
      expect(await opens(now)).toBe(true);
      expect(await opens(before)).toBe(true);
      if (old.password !== before.password) expect(await opens(old)).toBe(false);
      old = before;
    }
  });

  it('causes no failed login', async () => {
    const app = await pair();
    for (let round = 0; round < 3; round++) await succeed(app);
    expect(app.lines.map((line) => JSON.parse(line).logins.failed)).toEqual(Array(12).fill(0));
  });

  it('makes the base the owner of what the clone creates, so that both can use and change it', async () => {
    const app = await pair();
    await succeed(app);
    await run(app, "CREATE TABLE note (text text); INSERT INTO note VALUES ('of the clone')");
    await run(app, 'DISCARD ALL');
    await succeed(app);
    expect((await app.value()).username).toBe(app.role);
    expect(await run(app, 'SELECT text FROM note')).toEqual([{ text: 'of the clone' }]);
    await run(app, 'ALTER TABLE note ADD COLUMN more int; CREATE TABLE of_base (id int)');
    await succeed(app);
    await run(app, 'ALTER TABLE of_base ADD COLUMN more int; DROP TABLE note');
  });

  it('copies settings, also lists of names and of one database, and the connection limit, and takes away old ones', async () => {
    const app = await pair();
    await succeed(app);
    await world.postgres.query(
      `ALTER ROLE ${app.role} SET search_path = "$user", public, "it's, ""odd"""; ALTER ROLE ${app.role} CONNECTION LIMIT 7;
       ALTER ROLE ${app.role} SET statement_timeout = '7s'; ALTER ROLE ${app.role} IN DATABASE ${DATABASE} SET work_mem = '5MB';
       ALTER ROLE ${app.role}_clone SET lock_timeout = '1s'`,
    );
    await succeed(app);
    await succeed(app);
    const base = (await settings(app.role)).map(({ line }) => line);
    const clone = (await settings(`${app.role}_clone`)).map(({ line }) => line);
    expect(clone).toEqual([...base, `role=${app.role}`].sort());
    expect(await world.postgres.query(`SELECT rolconnlimit FROM pg_roles WHERE rolname = '${app.role}_clone'`)).toEqual(
      [{ rolconnlimit: 7 }],
    );
  });

  it('repairs a lost membership and a membership that the base has not', async () => {
    const app = await pair();
    await succeed(app);
    const master = await world.postgres.connect(MASTER, world.masterPassword, DATABASE);
    const extra = `extra_${randomUUID().slice(0, 8)}`;
    await master.query(
      `REVOKE ${app.role} FROM ${app.role}_clone; CREATE ROLE ${extra}; GRANT ${extra} TO ${app.role}_clone`,
    );
    await master.end();
    await succeed(app);
    const members = await world.postgres.query(
      `SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = '${app.role}_clone'::regrole`,
    );
    expect(members.map(({ name }) => name)).toEqual([app.role]);
  });

  it.each(['base', 'clone'])('makes the %s again after somebody dropped it', async (which) => {
    const app = await pair();
    await succeed(app);
    const role = which === 'base' ? app.role : `${app.role}_clone`;
    await world.postgres.query(`DROP OWNED BY ${role} CASCADE; DROP ROLE ${role}`, undefined, DATABASE);
    await succeed(app);
    expect(await opens(await app.value())).toBe(true);
  });

  it('puts the current password right in the database when somebody changed it there', async () => {
    const app = await pair();
    await succeed(app);
    const current = await app.value();
    await world.unlogged(`ALTER ROLE ${current.username} PASSWORD 'unknown-to-all'`);
    await succeed(app);
    expect(await opens(current)).toBe(true);
    expect(await opens(await app.value())).toBe(true);
  });

  it('does not promote when the current password is refused at the test', async () => {
    const app = await pair();
    await succeed(app);
    const token = await app.begin();
    for (const step of ['createSecret', 'setSecret']) await app.step(step, token);
    await world.unlogged(`ALTER ROLE ${app.role}_clone PASSWORD 'unknown-to-all'`);
    await expect(app.step('testSecret', token)).rejects.toMatchObject({ name: 'CurrentRefused' });
  });

  it('does not promote a clone that is not the base under another name, though it logs in', async () => {
    const app = await pair();
    const token = await app.begin();
    for (const step of ['createSecret', 'setSecret']) await app.step(step, token);
    await world.postgres.query(`ALTER ROLE ${app.role} CONNECTION LIMIT 9`);
    await expect(app.step('testSecret', token)).rejects.toMatchObject({
      name: 'PrivilegesDiffer',
      message: expect.stringContaining('connection limits'),
    });
    await app.step('setSecret', token);
    await app.step('testSecret', token);
  });

  it('passes the test of RotateImmediately=false before there is a clone', async () => {
    const app = await pair();
    await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${(await app.value()).password}'`);
    world.manager.service.registerFunction(app.functionArn, (event) => app.handle(event));
    await world.manager.service.call('RotateSecret', {
      SecretId: app.arn,
      RotationLambdaARN: app.functionArn,
      RotateImmediately: false,
    });
    await world.manager.service.driver.settled(app.arn);
    const record = world.manager.service.driver.records.filter(({ secretArn }) => secretArn === app.arn).at(-1);
    expect(record, String(record?.error)).toMatchObject({ name: 'TestRotationSucceeded' });
  });

  it.each([
    ['a name that ends as a clone does', { role: 'robot_clone' }, 'AmbiguousUsername'],
    ['a clone name of 64 bytes', { role: 'a'.repeat(58) }, 'InvalidSecretValue'],
    ['a user that is neither', { keys: { baseusername: 'somebody_else' } }, 'AmbiguousUsername'],
  ])('refuses %s before it changes anything', async (_, options, name) => {
    const app = await pair(options);
    const token = await app.begin();
    await expect(app.step('createSecret', token)).rejects.toMatchObject({ name });
  });

  it('rotates a user whose real name ends as a clone does, when the secret says so', async () => {
    const app = await pair({ role: 'droid_clone', keys: { baseusername: 'droid_clone' } });
    await succeed(app);
    expect((await app.value()).username).toBe('droid_clone_clone');
  });

  it.each([
    ['another user', 'other'],
    ['a base whose clone it is not', 'other_clone'],
  ])('refuses %s than the one that the stack declares', async (_, declared) => {
    const app = await pair({ variables: { STRONGROOM_USERNAME: declared, STRONGROOM_PORT: '1' } });
    expect(await app.rotate()).toMatchObject({ error: { name: 'UserNotDeclared' } });
  });

  it('runs the probes as the base, read-only, and names the number of one that fails', async () => {
    const probes = ['SELECT current_user', 'CREATE TABLE made (id int)'];
    const app = await pair({ variables: { STRONGROOM_PROBES: JSON.stringify(probes) } });
    const error = (await app.rotate()).error;
    expect(error).toMatchObject({ name: 'ProbeFailed', message: expect.stringContaining('probe 2 of 2') });
    expect(String(error)).not.toContain('made');
    const right = await pair({ variables: { STRONGROOM_PROBES: JSON.stringify(['SELECT 1', 'TABLE pg_roles']) } });
    await succeed(right);
    await succeed(right);
  });

  it('leaves a base alone that belongs to somebody else, and makes no clone of it', async () => {
    const app = await pair();
    await world.postgres.query(`CREATE ROLE ${app.role} LOGIN`);
    expect(await app.rotate()).toMatchObject({ error: { name: 'RoleNotOurs' } });
    expect(await world.postgres.query(`SELECT FROM pg_roles WHERE rolname = '${app.role}_clone'`)).toEqual([]);
  });

  it('names the grant that an administrator lacks on a base made by somebody else', async () => {
    const app = await pair();
    const [version] = await world.postgres.query("SELECT current_setting('server_version_num')::int AS number");
    await world.postgres.query(
      `CREATE ROLE ${app.role} LOGIN; COMMENT ON ROLE ${app.role} IS 'strongroom:${app.arn.replace(/-.{6}$/, '')}';
       CREATE SCHEMA ${app.role} AUTHORIZATION ${app.role}`,
    );
    await world.postgres.query(`ALTER SCHEMA ${app.role} OWNER TO ${app.role}`, undefined, DATABASE).catch(() => {});
    const record = await app.rotate();
    if (Number(version?.number) >= 160_000) expect(record).toMatchObject({ error: { name: 'PrivilegeMissing' } });
    else expect(record).toMatchObject({ name: 'RotationSucceeded' });
  });

  it('never lets a password into the log of the server, which logs every statement, or into its own', async () => {
    const app = await pair();
    const values = [await app.value()];
    for (let round = 0; round < 2; round++) {
      await succeed(app);
      values.push(await app.value());
    }
    const written = `${world.postgres.log()}\n${app.lines.join('\n')}`;
    expect(written).toContain(`ALTER ROLE "${app.role}_clone" PASSWORD 'SCRAM-SHA-256$`);
    expect(values.filter(({ password }) => written.includes(String(password)))).toEqual([]);
  });

  describe('a crash before or after any call, connection or statement', () => {
    // A server of its own: with every role that the administrator may change, the next change gets slower.
    beforeAll(async () => {
      await world.stop();
      world = await startWorld({ settings: { max_connections: '100' } });
    });

    /** One after the other, of the same users. */
    const preparations: Readonly<Record<string, (app: Application) => Promise<void>>> = {
      'the first rotation': async () => {},
      'the second, to the base': async () => {},
      'the third, to the clone': async () => {},
      'after the clone lost its membership': async (app) => {
        await succeed(app);
        const master = await world.postgres.connect(MASTER, world.masterPassword, DATABASE);
        await master.query(`REVOKE ${app.role} FROM ${app.role}_clone`);
        await master.end();
      },
    };
    const check = async (app: Application, before: Value) => {
      const current = await app.value();
      // Before the first rotation there is no user yet.
      if (before.baseusername === undefined && current.username === before.username) return;
      // Which fails where the current value does not log in.
      expect((await run(app, 'SELECT current_user AS acting'))[0]).toEqual({ acting: app.role });
      if (current.password !== before.password) expect(await opens(before)).toBe(true);
    };
    const journey = new CrashJourney<Application>('postgres-alternating-users', {
      make: (plan) => pair({ plan }),
      log: () => world.postgres.log(),
      legs: Object.fromEntries(Object.entries(preparations).map(([name, prepare]) => [name, { prepare, check }])),
    });

    it.each(Object.keys(preparations))(
      'is survived in %s, and both the current and the old value log in at every instant',
      async (name) => {
        expect(await journey.crashAtEveryPoint(name)).toBeGreaterThan(60);
      },
      LONG,
    );

    it(
      'is survived where a process is frozen that has the lock, and the next try gets it from the server',
      async () => {
        const count = await journey.freezeWhileLocked('the third, to the clone', world.manager.service.driver);
        expect(count).toBeGreaterThan(20);
      },
      LONG,
    );
  });
});
