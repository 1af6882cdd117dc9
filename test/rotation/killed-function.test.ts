import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, connect as openSocket, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Hook, Operation } from '../../emulator/service';
import { Container } from './container';
import { Calls, ROTATORS, type Rotator, rotatedOnce, sound } from './faults';
import { unpackFunction } from './packed';
import { type Application, startWorld, type World } from './world';

const LONG = 120_000;

/** Where a process ends: just before or just after the nth such call has its effect, or such a message to the database. */
type Point = { readonly when: 'before' | 'after' } & (
  | { readonly operation: Operation; readonly nth: number }
  | { readonly message: string }
);

const ACTS = [
  { operation: 'PutSecretValue', nth: 1 },
  // The ledger's label, and AWSCURRENT.
  { operation: 'UpdateSecretVersionStage', nth: 1 },
  { operation: 'UpdateSecretVersionStage', nth: 2 },
  { message: 'COMMIT' },
] as const;

// A process takes long to start; without one, crashes are made at every point there is (crash-matrix.test.ts).
const POINTS: readonly Point[] = ACTS.flatMap((act) =>
  (['before', 'after'] as const).map((when) => ({ ...act, when })),
);

describe('N21 the packed function in a process of its own', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-function-'));
  let world: World;
  let calls: Calls;

  beforeAll(async () => {
    await unpackFunction(folder);
    world = await startWorld();
    calls = new Calls(world);
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const containerFor = (variables: Application['variables']) =>
    new Container({ folder, endpoint: world.manager.endpoint, variables });

  /** One rotation whose first process is killed at this point, and whose later ones are not. */
  async function killAt(rotator: Rotator, point: Point): Promise<void> {
    const way = await startWay(world.postgres.port);
    const app = await rotatedOnce(world, rotator, { variables: { STRONGROOM_PORT: String(way.port) } });
    const old = await app.value();
    const container = containerFor(app.variables);
    app.handle = container.invoke;
    let killed = 0;
    const kill = async () => {
      killed++;
      await container.kill();
    };
    if ('message' in point) way.strike = { ...point, kill };
    let seen = 0;
    const hook: Hook = (operation) => {
      if (!('operation' in point) || operation !== point.operation || ++seen !== point.nth) return;
      return kill();
    };
    const record = await calls.during([app.arn], { [point.when]: hook }, () => app.rotate());
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
    expect({ killed, started: container.started }).toEqual({ killed: 1, started: 2 });
    await container.kill();
    app.lines.push(...container.lines);
    expect(await app.value()).not.toEqual(old);
    await sound(world, app);
    await way.close();
  }

  it.each(ROTATORS)(
    'is killed before and after each effect of %s, and a new process ends the rotation',
    { timeout: LONG },
    async (rotator) => {
      let next = 0;
      const worker = async () => {
        for (let point = POINTS[next++]; point; point = POINTS[next++]) {
          await killAt(rotator, point).catch((cause: unknown) => {
            throw new Error(JSON.stringify(point), { cause });
          });
        }
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      expect(next).toBeGreaterThan(POINTS.length);
    },
  );

  it('goes on with another secret after an error, and with the first one once that is put right', async () => {
    const broken = await rotatedOnce(world, 'postgres-single-user');
    const other = await rotatedOnce(world, 'postgres-single-user');
    const container = containerFor({
      ...broken.variables,
      STRONGROOM_SECRETS: JSON.stringify([broken.arn, other.arn]),
    });
    broken.handle = other.handle = container.invoke;
    await world.unlogged(`ALTER ROLE ${broken.role} PASSWORD 'unknown-to-all'`);
    const { token, error } = await broken.rotate();
    expect(error).toMatchObject({ name: 'AllCredentialsRefused' });
    const { pid } = container;
    expect(await other.rotate()).toMatchObject({ name: 'RotationSucceeded' });
    await world.unlogged(`ALTER ROLE ${broken.role} PASSWORD '${await broken.password()}'`);
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await broken.step(step, token);
    expect({ pid: container.pid, started: container.started }).toEqual({ pid, started: 1 });
    await sound(world, other);
    await sound(world, broken);
    const sessions = `SELECT usename FROM pg_stat_activity WHERE usename IN ('${broken.role}', '${other.role}')`;
    expect(await world.postgres.query(sessions)).toEqual([]);
    const logins = container.lines.map((line) => JSON.parse(line)).filter(({ secret }) => secret === other.arn);
    expect(logins.map(({ logins }) => logins.failed)).toEqual([0, 0, 0, 0]);
    await container.kill();
  });
});

interface Way {
  readonly port: number;
  /** Once, at a message with this text. */
  strike:
    | { readonly message: string; readonly when: 'before' | 'after'; readonly kill: () => Promise<void> }
    | undefined;
  close(): Promise<void>;
}

/** A way to a database on which a process is killed. What it has sent before is the server's; no answer comes back. */
async function startWay(target: number): Promise<Way> {
  const way: { strike: Way['strike'] } = { strike: undefined };
  const server: Server = createServer((client) => {
    const onward = openSocket(target, '127.0.0.1');
    let answered: (() => Promise<void>) | undefined;
    client.on('data', (data) => {
      const { strike } = way;
      if (!strike || !data.toString('latin1').includes(strike.message)) return onward.write(data);
      way.strike = undefined;
      if (strike.when === 'before') return strike.kill();
      answered = strike.kill;
      return onward.write(data);
    });
    onward.on('data', (data) => (answered ? answered() : client.write(data)));
    for (const [one, other] of [
      [client, onward],
      [onward, client],
    ] as const) {
      one.on('error', () => {});
      one.on('close', () => other.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(way, {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  });
}
