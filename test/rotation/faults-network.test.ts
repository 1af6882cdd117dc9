import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDatabaseProxy } from './database-proxy';
import { failuresOf, ROTATORS, report, rotatedOnce, STEPS, sound, whole } from './faults';
import { startWorld, type World } from './world';

const LONG = 120_000;

let world: World;

beforeAll(async () => {
  world = await startWorld({ settings: { max_connections: '100' } });
});
afterAll(() => world.stop());

describe.each(ROTATORS)('N12 the network between the function and the database, %s', (rotator) => {
  /** One rotation for each message of the function's, with that one lost. */
  async function atEveryMessage(fate: 'reset before' | 'reset after'): Promise<number> {
    for (let at = 1; ; at++) {
      const proxy = await startDatabaseProxy(world.postgres.port);
      try {
        const app = await rotatedOnce(world, rotator, { variables: { STRONGROOM_PORT: String(proxy.port) } });
        let messages = 0;
        let struck = '';
        proxy.fate = (text) => {
          // The end of a connection is no message that anybody waits for.
          if (text.startsWith('X') || ++messages !== at) return undefined;
          struck = text.startsWith('p') ? 'a part of the login' : text.replace(/[^ -~]+/g, ' ').slice(0, 60);
          return fate;
        };
        const record = await app.rotate();
        if (struck === '') return at - 1;
        expect(record, `message ${at}, ${struck}: ${record.error}`).toMatchObject({ name: 'RotationSucceeded' });
        expect(failuresOf(app), struck).toEqual(['ConnectionLost']);
        proxy.fate = undefined;
        await sound(world, app);
      } finally {
        await proxy.close();
      }
    }
  }

  it.each(['reset before', 'reset after'] as const)(
    'survives: a %s the effect of each message, through login, statements and COMMIT',
    async (fate) => {
      const points = await atEveryMessage(fate);
      expect(points).toBeGreaterThanOrEqual(15);
      report(`N12 ${fate}, ${rotator}`, points);
    },
    LONG,
  );
});

describe('N12 a network that goes silent', () => {
  it('survives: in the middle of a change, whose lock the server gives back by itself', { timeout: LONG }, async () => {
    const proxy = await startDatabaseProxy(world.postgres.port);
    const app = await rotatedOnce(world, 'postgres-single-user', {
      variables: { STRONGROOM_PORT: String(proxy.port) },
    });
    const token = await app.begin();
    await app.step('createSecret', token);
    proxy.fate = (text) => (text.includes('ALTER ROLE') ? 'silence' : undefined);
    const event = { Step: 'setSecret', SecretId: app.arn, ClientRequestToken: token };
    await expect(app.handle(event, { getRemainingTimeInMillis: () => 4_000 })).rejects.toMatchObject({
      name: 'DatabaseSilent',
    });
    await whole(world, app);
    proxy.fate = undefined;
    const held = `SELECT FROM pg_stat_activity WHERE usename = '${app.role}' AND state = 'idle in transaction'`;
    expect(await world.postgres.query(held)).toHaveLength(1);
    await expect.poll(() => world.postgres.query(held), { timeout: 30_000, interval: 250 }).toEqual([]);
    for (const step of ['setSecret', 'testSecret', 'finishSecret']) await app.step(step, token);
    await sound(world, app);
    await proxy.close();
  });

  it('survives: no connection is free, and one is when the service tries again', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    await world.postgres.query(`ALTER ROLE ${app.role} CONNECTION LIMIT 0`);
    await app.step('createSecret', token);
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'TooManyConnections' });
    await world.postgres.query(`ALTER ROLE ${app.role} CONNECTION LIMIT -1`);
    for (const step of STEPS) await app.step(step, token);
    await sound(world, app);
  });

  it('survives: the server crashes and recovers in the middle of a rotation', async () => {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const token = await app.begin();
    await app.step('createSecret', token);
    await app.step('setSecret', token);
    const client = await world.postgres.connect();
    const [row] = (await client.query('SELECT pg_backend_pid() AS pid')).rows;
    // The server ends every other session and recovers when one of its processes dies so.
    process.kill(Number(row.pid), 'SIGKILL');
    let failed = 0;
    for (let step = 0; step < STEPS.length; ) {
      try {
        await app.step(STEPS[step] ?? '', token);
        step++;
      } catch (error) {
        expect(['ConnectionLost', 'DatabaseNotReady', 'DatabaseUnreachable']).toContain((error as Error).name);
        if (++failed > 50) throw error;
        step = 0;
        await wait(100);
      }
    }
    await client.end().catch(() => {});
    await sound(world, app);
  });
});
