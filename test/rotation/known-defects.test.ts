import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { succeed } from './every-point';
import { rotatedOnce } from './faults';
import { DATABASE, startWorld, type World } from './world';

/**
 * Defects that were measured in the rotation functions that AWS publishes; the same story ends well here. The third, a user
 * who is promoted without rights, needs MariaDB or MySQL: `suites/alternating-users.ts`, “gives the rights to a clone that
 * has its password already, but none of them”, and the crashes at every point beside it.
 */
describe('a defect of the functions that AWS publishes', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  // There the live password is left in a version without a label, which no later rotation tries: every one of them ends
  // with "unable to log into database".
  it('is not here: a rotation that was abandoned after setSecret leaves no dead end', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    for (const step of ['createSecret', 'setSecret']) await app.step(step, token);
    const live = await app.value(token);
    await app.put({ password: 'put-by-a-person' });
    expect(await world.opens(live)).toBe(true);
    expect(await world.opens(await app.value())).toBe(false);
    await succeed(app);
    expect(await world.opens(await app.value())).toBe(true);
  });

  // There the clone owns what it creates, and after the next rotation the base is denied it.
  it('is not here: what the second of two alternating users creates, the first can read, change and drop', async () => {
    const app = await rotatedOnce(world, 'postgres-alternating-users');
    const run = async (sql: string) => {
      const { username, password } = await app.value();
      const client = await world.postgres.connect(String(username), String(password), DATABASE);
      try {
        return (await client.query(sql)).rows ?? [];
      } finally {
        await client.end();
      }
    };
    expect((await app.value()).username).toBe(`${app.role}_clone`);
    await run('CREATE TABLE made_by_clone (id int)');
    await succeed(app);
    expect((await app.value()).username).toBe(app.role);
    expect(await run('SELECT * FROM made_by_clone')).toEqual([]);
    await run('ALTER TABLE made_by_clone ADD COLUMN more int');
    expect(await run("SELECT tableowner FROM pg_tables WHERE tablename = 'made_by_clone'")).toEqual([
      { tableowner: app.role },
    ]);
    await run('DROP TABLE made_by_clone');
  });
});
