import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internal, ServiceError } from '../../emulator/errors';
import { Deadline } from '../../rotation/deadline';
import { LEDGER_LABEL } from '../../rotation/engine';
import { handlerIn } from '../../rotation/handler';
import { quoteName, quoteText } from '../../rotation/postgres/quoting';
import { changingRole } from '../../rotation/postgres/role';
import { succeed } from './every-point';
import { Calls, rotatedOnce, STEPS } from './faults';
import { type Application, DATABASE, startWorld, type World } from './world';

/** Items of the contract that no other file shows; docs/rotation-items.md has the table of all. */
describe('the contract of a rotation function', () => {
  let world: World;
  let calls: Calls;

  beforeAll(async () => {
    world = await startWorld();
    calls = new Calls(world);
  });
  afterAll(() => world.stop());

  const lastLine = (app: Application) => JSON.parse(app.lines.at(-1) ?? '') as Record<string, unknown>;

  it('E13 E14 one warm function rotates two secrets at once, and mixes nothing up', async () => {
    const [one, other] = [
      await rotatedOnce(world, 'postgres-single-user'),
      await rotatedOnce(world, 'postgres-single-user'),
    ];
    const before = [await one.value(), await other.value()];
    const both = { ...one.variables, STRONGROOM_SECRETS: JSON.stringify([one.arn, other.arn]) };
    const shared = handlerIn({ variables: both, store: world.store, write: () => {} });
    for (const app of [one, other]) app.handle = shared;
    await Promise.all([succeed(one), succeed(other)]);
    for (const [index, app] of [one, other].entries()) {
      expect(await app.value()).toMatchObject({ username: app.role });
      expect((await app.value()).password).not.toBe(before[index]?.password);
      expect(await world.opens(await app.value())).toBe(true);
    }
  });

  it('E16 every step leaves one line with who, what, how and how long, and no rotation token', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    const RotationToken = randomUUID();
    await app.handle({ Step: 'createSecret', SecretId: app.arn, ClientRequestToken: token, RotationToken });
    expect(lastLine(app)).toEqual({
      level: 'info',
      step: 'createSecret',
      secret: app.arn,
      token,
      rotator: 'postgres-single-user',
      outcome: 'done',
      attempt: 'normal',
      logins: { tried: 0, failed: 0 },
      milliseconds: expect.any(Number),
    });
    expect(app.lines.join('')).not.toContain(RotationToken);
  });

  it.each([
    ['an error of the service', () => internal(), 'SecretsManagerUnavailable'],
    ['a denial', () => new ServiceError('AccessDeniedException', 'not authorized'), 'SecretsManagerDenied'],
  ])('C4 createSecret takes %s for no missing value, and puts nothing', async (_, make, name) => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    const seen: string[] = [];
    const before = (operation: string, __: number, input: Readonly<Record<string, unknown>>) => {
      seen.push(operation);
      if (operation === 'GetSecretValue' && input.VersionId === token) throw make();
    };
    await calls.during([app.arn], { before }, async () => {
      await expect(app.step('createSecret', token)).rejects.toMatchObject({ name });
    });
    expect(seen).not.toContain('PutSecretValue');
  });

  it.each(['username', 'host', 'port', 'dbname', 'engine', 'ssl', 'masterarn'])(
    'S1 S3 setSecret refuses a pending value with another %s before it logs in anywhere',
    async (key) => {
      const app = await rotatedOnce(world, 'postgres-single-user');
      const token = await app.begin();
      const value = { ...(await app.value()), password: randomUUID(), [key]: key === 'port' ? 1 : 'another' };
      await world.manager.service.call('PutSecretValue', {
        SecretId: app.arn,
        ClientRequestToken: token,
        SecretString: JSON.stringify(value),
        VersionStages: ['AWSPENDING'],
      });
      await expect(app.step('setSecret', token)).rejects.toMatchObject({
        name: 'PendingMismatch',
        message: expect.stringContaining(key),
      });
      expect(lastLine(app)).toMatchObject({ logins: { tried: 0 } });
    },
  );

  it('C13 a pending value with the current password is refused', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    const stored = await world.manager.service.call('GetSecretValue', { SecretId: app.arn });
    await world.manager.service.call('PutSecretValue', {
      SecretId: app.arn,
      ClientRequestToken: token,
      SecretString: stored.SecretString,
      VersionStages: ['AWSPENDING'],
    });
    await expect(app.step('setSecret', token)).rejects.toMatchObject({
      name: 'PendingMismatch',
      message: expect.stringContaining('password (which must differ)'),
    });
  });

  it('S4 a masterarn that is not the superuser of the stack is refused before a login', async () => {
    const masterarn = `${world.masterSecret.slice(0, -6)}aaaaaa`;
    const app = await world.application({ keys: { masterarn } });
    expect(await app.rotate()).toMatchObject({ error: { name: 'SuperuserMismatch' } });
    expect(app.lines.map((line) => JSON.parse(line).logins.tried)).not.toContain(1);
  });

  it('S11 names and texts are quoted for any character, and a zero byte is refused', () => {
    expect(quoteName('a"b\\c%`')).toBe('"a""b\\c%`"');
    expect(quoteText("a'b\\")).toBe(" E'a''b\\\\'");
    expect(() => quoteName('a\0b')).toThrow('no zero byte');
    expect(() => quoteText('a\0b')).toThrow('no zero byte');
  });

  it('S13 a server before PostgreSQL 10 is refused before anything changes', async () => {
    // No such server can be had; what it answers to the first two statements is all that counts.
    const sent: string[] = [];
    const old = {
      query: async (_: string, sql: string) => {
        sent.push(sql);
        return [{ version: 90_624 }];
      },
      close: async () => {},
    };
    await expect(changingRole(old, 'app', async () => sent.push('changed'))).rejects.toMatchObject({
      name: 'ServerTooOld',
    });
    expect(sent).toHaveLength(2);
  });

  it('S16 setSecret proves the new password by a connection of its own', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    await app.step('createSecret', token);
    await app.step('setSecret', token);
    expect(lastLine(app)).toMatchObject({ step: 'setSecret', logins: { tried: 2, failed: 0 } });
  });

  it('S17 T4 testSecret tries a refused password again, as a proxy may lag, and moves no label', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    for (const step of ['createSecret', 'setSecret']) await app.step(step, token);
    const { password } = await app.value(token);
    await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'not-yet-the-new-one'`);
    const labels = await app.labels();
    const testing = app.step('testSecret', token);
    await expect.poll(() => world.postgres.log().split(`failed for user "${app.role}"`).length).toBeGreaterThan(1);
    await world.unlogged(`ALTER ROLE ${app.role} PASSWORD '${password}'`);
    await testing;
    expect(lastLine(app)).toMatchObject({ logins: { failed: 1 } });
    expect(await app.labels()).toEqual(labels);
  });

  it.each(['postgres-single-user', 'postgres-alternating-users'] as const)(
    'S20 sessions that are open go on through a rotation of %s',
    async (rotator) => {
      const app = await rotatedOnce(world, rotator);
      const { username, password } = await app.value();
      const client = await world.postgres.connect(String(username), String(password), DATABASE);
      await client.query('CREATE TEMPORARY TABLE kept (id int)');
      await succeed(app);
      await succeed(app);
      expect((await client.query('SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 0 }]);
      await client.end();
    },
  );

  it('P7 P8 the base is never made a member of the clone, and neither changes its own password', async () => {
    const app = await rotatedOnce(world, 'postgres-alternating-users');
    await succeed(app);
    const lines = world.postgres
      .log()
      .split('\n')
      .filter((line) => line.includes(app.role));
    expect(lines.some((line) => line.includes(`GRANT "${app.role}" TO "${app.role}_clone"`))).toBe(true);
    expect(lines.filter((line) => line.includes(`GRANT "${app.role}_clone" TO`))).toEqual([]);
    const rows = await world.postgres.query(
      `SELECT FROM pg_auth_members WHERE roleid = '${app.role}_clone'::regrole AND member = '${app.role}'::regrole`,
    );
    expect(rows).toEqual([]);
  });

  it.each(['REPLICATION', 'BYPASSRLS', 'CREATEROLE'])(
    'P11 a base with %s is refused, and never copied',
    async (attribute) => {
      const app = await rotatedOnce(world, 'postgres-alternating-users');
      await world.postgres.query(`ALTER ROLE ${app.role} ${attribute}`);
      const record = await app.rotate();
      expect(record).toMatchObject({ name: 'RotationFailed', error: { name: 'RoleTooPowerful' } });
      const clone = `SELECT rolreplication OR rolbypassrls OR rolcreaterole AS powerful FROM pg_roles WHERE rolname = '${app.role}_clone'`;
      expect(await world.postgres.query(clone)).toEqual([{ powerful: false }]);
    },
  );

  it('T6 testSecret sends nothing that writes', async () => {
    const app = await rotatedOnce(world, 'postgres-alternating-users');
    const token = await app.begin();
    for (const step of ['createSecret', 'setSecret']) await app.step(step, token);
    const from = world.postgres.log().length;
    await app.step('testSecret', token);
    const sql = [
      ...world.postgres
        .log()
        .slice(from)
        .matchAll(/(?:statement|execute \S+): (\s*\w+)/g),
    ].map(([, word]) => word?.trim());
    expect(sql.length).toBeGreaterThan(2);
    expect([...new Set(sql)]).toEqual(['SELECT']);
  });

  it('F1 F5 AWSCURRENT is moved in exactly one call, and AWSPENDING by none', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const moved: unknown[] = [];
    const before = (operation: string, _: number, input: Readonly<Record<string, unknown>>) => {
      if (operation === 'UpdateSecretVersionStage') moved.push(input.VersionStage);
    };
    await calls.during([app.arn], { before }, () => succeed(app));
    expect(moved).toEqual([LEDGER_LABEL, 'AWSCURRENT', LEDGER_LABEL]);
  });

  it('F3 finishSecret looks again when AWSCURRENT has moved since it looked', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    for (const step of STEPS.slice(0, 3)) await app.step(step, token);
    const labels = await app.labels();
    const holder = (label: string) => Object.keys(labels).find((id) => labels[id]?.includes(label));
    let done = false;
    const before = async (operation: string) => {
      if (operation !== 'UpdateSecretVersionStage' || done) return;
      done = true;
      await world.manager.service.call('UpdateSecretVersionStage', {
        SecretId: app.arn,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: holder('AWSPREVIOUS'),
        RemoveFromVersionId: holder('AWSCURRENT'),
      });
    };
    await calls.during([app.arn], { before }, () => app.step('finishSecret', token));
    expect(done).toBe(true);
    expect((await app.labels())[token]).toEqual(['AWSCURRENT']);
  });

  it('F6 a ledger label that cannot be taken away is a note, no failure, and goes with the next rotation', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const before = (operation: string, _: number, input: Readonly<Record<string, unknown>>) => {
      if (operation === 'UpdateSecretVersionStage' && input.MoveToVersionId === undefined) throw internal();
    };
    await calls.during([app.arn], { before }, () => succeed(app));
    expect(lastLine(app)).toMatchObject({ outcome: 'done', notes: [expect.stringContaining(LEDGER_LABEL)] });
    expect(Object.values(await app.labels()).flat()).toContain(LEDGER_LABEL);
    await succeed(app);
    expect(Object.values(await app.labels()).flat()).not.toContain(LEDGER_LABEL);
  });

  it('E11 a step is given less time than Lambda leaves, with two seconds kept back', () => {
    const step = Deadline.ofStep({ getRemainingTimeInMillis: () => 10_000 });
    expect(step.left()).toBeLessThanOrEqual(8_000);
    expect(Deadline.ofStep({}).left()).toBeLessThanOrEqual(20_000);
    expect(() => Deadline.ofStep({ getRemainingTimeInMillis: () => 2_400 })).toThrow(
      expect.objectContaining({ name: 'OutOfTime' }),
    );
  });
});
