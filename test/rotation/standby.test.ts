import { type AddressInfo, createServer, connect as openSocket, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, startPostgres } from '../support/postgres';
import { succeed } from './every-point';
import { ROTATORS, rotatedOnce, STEPS, sound } from './faults';
import { DATABASE, startWorld, type World } from './world';

describe('PostgreSQL with a hot standby', () => {
  let world: World;
  let standby: Postgres;
  /** What the name of the database leads to. */
  let leadsTo: Postgres;
  let name: { readonly port: number; readonly server: Server };

  beforeAll(async () => {
    world = await startWorld({
      hba: ['all', 'replication'].map((what) => `host ${what} all 127.0.0.1/32 scram-sha-256`),
    });
    standby = await startPostgres({ standbyOf: world.postgres });
    leadsTo = world.postgres;
    name = await startName(() => leadsTo.port);
  });
  afterAll(async () => {
    await new Promise((resolve) => name.server.close(resolve));
    await standby.stop();
    await world.stop();
  });

  /** Waits until the standby has all that the primary has. */
  async function followed(): Promise<void> {
    const [row] = await world.postgres.query('SELECT pg_current_wal_lsn() AS end');
    const there = () => standby.query('SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS there', [row?.end]);
    await expect.poll(there, { timeout: 30_000 }).toEqual([{ there: true }]);
  }

  const letsIn = async ({ username, password }: Readonly<Record<string, unknown>>) => {
    const client = await standby.connect(String(username), String(password), DATABASE);
    const { rows } = await client.query('SELECT pg_is_in_recovery() AS standby');
    await client.end();
    return rows;
  };

  it.each(ROTATORS)('ends %s with ReadOnlyTarget, and the same token ends well on the primary', async (rotator) => {
    const app = await rotatedOnce(world, rotator, { variables: { STRONGROOM_PORT: String(name.port) } });
    const old = await app.value();
    await followed();
    expect(await letsIn(old)).toEqual([{ standby: true }]);
    const token = await app.begin();
    leadsTo = standby;
    await app.step('createSecret', token);
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'ReadOnlyTarget' });
    expect(await world.opens(old)).toBe(true);
    leadsTo = world.postgres;
    for (const step of STEPS) await app.step(step, token);
    await sound(world, app);
  });

  it('goes on after the stack was corrected, once AWSPENDING is taken from the value with the old place', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    await followed();
    Object.assign(app.variables, { STRONGROOM_PORT: String(standby.port) });
    const { token, error } = await app.rotate();
    expect(error).toMatchObject({ name: 'ReadOnlyTarget' });
    Object.assign(app.variables, { STRONGROOM_PORT: String(world.postgres.port) });
    await expect(app.step('createSecret', token)).rejects.toMatchObject({
      name: 'PendingMismatch',
      message: expect.stringContaining('take AWSPENDING away from that version and rotate again'),
    });
    await world.manager.service.call('UpdateSecretVersionStage', {
      SecretId: app.arn,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: token,
    });
    await succeed(app);
    await sound(world, app);
  });

  it('ends the first rotation with ReadOnlyTarget too, where the superuser was to make the role', async () => {
    const app = await world.application({ variables: { STRONGROOM_PORT: String(name.port) } });
    leadsTo = standby;
    expect((await app.rotate()).error).toMatchObject({ name: 'ReadOnlyTarget' });
    expect(await world.postgres.query('SELECT FROM pg_roles WHERE rolname = $1', [app.role])).toEqual([]);
  });

  // The last one: after it there is no primary but the standby.
  it('survives a fail-over after setSecret that loses the new password', async () => {
    leadsTo = world.postgres;
    const app = await rotatedOnce(world, 'postgres-single-user', {
      variables: { STRONGROOM_PORT: String(name.port) },
    });
    await followed();
    let over = false;
    world.manager.service.driver.beforeStep = async (step) => {
      if (over || (step !== 'setSecret' && step !== 'testSecret')) return;
      if (step === 'setSecret') return cutOff(standby);
      over = true;
      await world.postgres.stop();
      await standby.query('SELECT pg_promote()');
      leadsTo = standby;
    };
    const begun = app.lines.length;
    const old = await app.value();
    await succeed(app);
    expect(over).toBe(true);
    expect(app.lines.slice(begun).map((line) => JSON.parse(line).error ?? 'done')).toContain('NewPasswordRefused');
    expect(await letsIn(await app.value())).toEqual([{ standby: false }]);
    await expect(letsIn(old)).rejects.toMatchObject({ code: '28P01' });
  });
});

/** The standby gets nothing more from the primary. */
async function cutOff(standby: Postgres): Promise<void> {
  await standby.query("ALTER SYSTEM SET primary_conninfo = ''");
  await standby.query('SELECT pg_reload_conf()');
  const receivers = () => standby.query('SELECT FROM pg_stat_wal_receiver');
  await expect.poll(receivers, { timeout: 30_000 }).toEqual([]);
}

/** A port that leads to one server or the other, as a name does. */
async function startName(target: () => number): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((socket) => {
    const onward = openSocket(target(), '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const one of [socket, onward]) one.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, server };
}
