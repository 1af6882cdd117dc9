import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../rotation/deadline';
import { CrashJourney } from './every-point';
import type { Value } from './place';
import { endsOfProcesses, ofPostgres } from './suites/process-ends';
import { type Application, DATABASE, startWorld, type World } from './world';

// Every kind of rotation is run once to count the points, and then once for each point, on as many roles.
const LONG = 600_000;

/** The ways of going through the steps, each with what the function is told. */
const MODES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'by default': {},
  'with fast cutover': { STRONGROOM_FAST_CUTOVER: 'on' },
  'without a ledger': { STRONGROOM_LEDGER: 'none', STRONGROOM_SEARCH_VERSIONS: '1' },
};

describe.each(Object.keys(MODES))('%s, a crash before or after any call, connection or statement', (mode) => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  /** One after the other, of the same role. */
  const preparations: Readonly<Record<string, (app: Application) => Promise<void>>> = {
    'the first rotation, which creates the role': async () => {},
    'a later rotation': async () => {},
    'a rotation after an abandoned one': async (app) => {
      const token = await app.begin();
      await app.step('createSecret', token);
      // With fast cutover there is no moment in which to abandon it but within the step.
      Object.assign(app.variables, { STRONGROOM_FAST_CUTOVER: 'off' });
      await app.step('setSecret', token);
      Object.assign(app.variables, { STRONGROOM_FAST_CUTOVER: MODES[mode]?.STRONGROOM_FAST_CUTOVER });
      await app.put({ password: 'put-by-a-person' });
    },
    'a rotation after the current password was never set': async (app) => {
      await app.put({ password: 'put-into-the-secret-only' });
    },
    'a repair by the superuser': async (app) => {
      await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
    },
  };

  const reachable = new WeakMap<Application, boolean>();
  const promises = {
    // The live password is never only where nobody would look for it.
    check: async (app: Application) => {
      if (reachable.get(app)) expect(await someKnownPasswordWorks(app)).toBe(true);
    },
    end: (app: Application, before: Value) => checkEnd(app, String(before.password)),
  };
  const journey = new CrashJourney<Application>(`postgres-single-user ${mode}`, {
    make: (plan) => world.application({ plan, variables: MODES[mode] ?? {} }),
    log: () => world.postgres.log(),
    legs: Object.fromEntries(
      Object.entries(preparations).map(([name, prepare]) => [
        name,
        {
          ...promises,
          prepare: async (app: Application) => {
            await prepare(app);
            reachable.set(app, await someKnownPasswordWorks(app));
          },
        },
      ]),
    ),
  });

  let total = 0;

  endsOfProcesses(() => ofPostgres(world.postgres));

  it.each(Object.keys(preparations))(
    'is survived in %s',
    async (name) => {
      const points = await journey.crashAtEveryPoint(name);
      expect(points).toBeGreaterThan(30);
      total += points;
    },
    LONG,
  );

  it('is survived at every point', () => {
    console.log(`crash points survived ${mode}, in all: ${total} of ${total}`);
    expect(total).toBeGreaterThan(200);
  });

  // The ways of going through the steps have the lock in common.
  it.runIf(mode === 'by default')(
    'is survived where a process is frozen that has the lock, and the next try gets it from the server',
    async () => {
      expect(await journey.freezeWhileLocked('a later rotation', world.manager.service.driver)).toBeGreaterThan(3);
    },
    LONG,
  );

  /** Of a version that has a label or that the function searches. */
  async function someKnownPasswordWorks(app: Application): Promise<boolean> {
    const unlabelled = await world.store.unlabelled(app.arn, Deadline.ofStep({}));
    const searched = unlabelled.slice(0, Number(app.variables.STRONGROOM_SEARCH_VERSIONS ?? 0));
    for (const id of [...Object.keys(await app.labels()), ...searched]) {
      // A pending version can still be empty.
      const password = await app.password(id).catch(() => undefined);
      if (password !== undefined && (await app.logsIn(password))) return true;
    }
    return false;
  }

  async function checkEnd(app: Application, before: string): Promise<void> {
    const password = await app.password();
    expect(await app.logsIn(password)).toBe(true);
    expect(await app.logsIn(before)).toBe(false);
    const client = await world.postgres.connect(app.role, password, DATABASE);
    await client.query('CREATE TABLE IF NOT EXISTS proof (id int)');
    await client.end();
  }
});
