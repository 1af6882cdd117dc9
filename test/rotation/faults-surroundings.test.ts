import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { succeed } from './every-point';
import { ROTATORS, resume, rotatedOnce, STEPS, sound, whole } from './faults';
import { startWorld, type World } from './world';

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
