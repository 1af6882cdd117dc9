import dns from 'node:dns';
import { createServer, connect as openSocket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tracked } from './at-every-call';
import { succeed } from './every-point';
import { ROTATORS, resume, rotatedOnce, STEPS, sound, whole } from './faults';
import { type Application, DATABASE, startWorld, type World } from './world';

let world: World;

beforeAll(async () => {
  world = await startWorld({ settings: { max_connections: '100' } });
});
afterAll(() => world.stop());

describe.each(ROTATORS)('%s', (rotator) => {
  describe('N13 the password is changed in the database before each step', () => {
    it.each(STEPS)('survives: before %s, to one that nobody knows, and the superuser repairs it', async (at) => {
      // The role is made by the superuser, so that it may be repaired.
      const app = await world.application({ variables: { STRONGROOM_ROTATOR: rotator } });
      await succeed(app);
      await succeed(app);
      const current = await app.value();
      let done = false;
      world.manager.service.driver.beforeStep = async (step) => {
        if (step !== at || done) return;
        done = true;
        await world.unlogged(`ALTER ROLE ${String(current.username)} PASSWORD 'unknown-to-all'`);
      };
      const record = await app.rotate();
      world.manager.service.driver.beforeStep = undefined;
      expect(done).toBe(true);
      // After the last proof nothing is left to notice it; the next rotation puts it right.
      expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
      await succeed(app);
      await sound(world, app);
    });
  });
});

describe('N18 two secrets for one user', () => {
  it('fails safe with AllCredentialsRefused, and the secret that was rotated last works', async () => {
    const one = await rotatedOnce(world, 'postgres-single-user');
    const other = await world.application({ role: one.role, superuser: false, keys: await one.value() });
    await succeed(other);
    expect(await one.rotate()).toMatchObject({ name: 'RotationFailed', error: { name: 'AllCredentialsRefused' } });
    expect(await world.opens(await other.value())).toBe(true);
    // Nothing was set by the one that failed: put right by hand, it goes on where it was.
    await world.unlogged(`ALTER ROLE ${one.role} PASSWORD '${await one.password()}'`);
    await resume(world, one);
    await whole(world, one);
  });
});

describe('N22 the name of the database leads to another server between two steps', () => {
  const NAME = 'database.example.internal';
  const real = dns.lookup;
  let heir: World;
  let address = '127.0.0.1';
  const bridge = createServer((socket) => {
    const onward = openSocket(heir.postgres.port, '127.0.0.1');
    socket.pipe(onward).pipe(socket);
    for (const one of [socket, onward]) one.on('error', () => {});
  });

  beforeAll(async () => {
    heir = await startWorld();
    // The same port at another address of this machine, as a new primary has.
    await new Promise<void>((resolve) => bridge.listen(world.postgres.port, '127.0.0.2', resolve));
    dns.lookup = ((host: string, options: object, done: (...found: unknown[]) => void) => {
      if (host !== NAME) return (real as (...all: unknown[]) => void)(host, options, done);
      done(null, 'all' in options && options.all ? [{ address, family: 4 }] : address, 4);
    }) as typeof dns.lookup;
  });
  afterAll(async () => {
    dns.lookup = real;
    await new Promise((resolve) => bridge.close(resolve));
    await heir.stop();
  });

  it.each(STEPS)('survives: a new primary before %s that has not got what was set since', async (at) => {
    address = '127.0.0.1';
    const app: Application = await world.application({ superuser: false, variables: { STRONGROOM_HOST: NAME } });
    await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
    await succeed(app);
    await heir.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
    world.manager.service.driver.beforeStep = (step) => {
      if (step === at) address = '127.0.0.2';
    };
    const running = tracked(app);
    const record = await app.rotate();
    await running();
    world.manager.service.driver.beforeStep = undefined;
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
    // Past testSecret nothing is left to notice the loss, and the next rotation goes on from AWSPREVIOUS.
    if (at === 'finishSecret') await succeed(app);
    await (await heir.postgres.connect(app.role, await app.password(), DATABASE)).end();
  });
});
