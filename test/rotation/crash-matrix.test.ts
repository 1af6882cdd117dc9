import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../rotation/deadline';
import { LEDGER_LABEL } from '../../rotation/engine';
import { CrashPlan } from './crash';
import { type Application, DATABASE, startWorld, type World } from './world';

// Every scenario is run once to count the points, and then once for each point, on a role of its own.
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

  async function succeed(app: Application): Promise<void> {
    const record = await app.rotate();
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
  }

  const scenarios: Readonly<Record<string, (app: Application) => Promise<void>>> = {
    'the first rotation, which creates the role': async () => {},
    'a later rotation': succeed,
    'a rotation after an abandoned one': async (app) => {
      await succeed(app);
      const token = await app.begin();
      await app.step('createSecret', token);
      // With fast cutover there is no moment in which to abandon it but within the step.
      Object.assign(app.variables, { STRONGROOM_FAST_CUTOVER: 'off' });
      await app.step('setSecret', token);
      Object.assign(app.variables, { STRONGROOM_FAST_CUTOVER: MODES[mode]?.STRONGROOM_FAST_CUTOVER });
      await app.put({ password: 'put-by-a-person' });
    },
    'a rotation after the current password was never set': async (app) => {
      await succeed(app);
      await app.put({ password: 'put-into-the-secret-only' });
    },
    'a repair by the superuser': async (app) => {
      await succeed(app);
      await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
    },
  };

  let total = 0;

  it.each(Object.keys(scenarios))(
    'is survived in %s',
    async (name) => {
      const prepare = scenarios[name] ?? (async () => {});
      const points = await crashAt(prepare, 0);
      expect(points.length).toBeGreaterThan(30);
      // A few at a time: each has a role and a secret of its own.
      let next = 1;
      const worker = async () => {
        while (next <= points.length) await crashAt(prepare, next++);
      };
      await Promise.all([worker(), worker(), worker(), worker()]);
      total += points.length;
      console.log(`crash points survived, ${mode}, ${name}: ${points.length}`);
    },
    LONG,
  );

  it('is survived at every point', () => {
    console.log(`crash points survived ${mode}, in all: ${total} of ${total}`);
    expect(total).toBeGreaterThan(200);
  });

  /** One rotation in which the process ends at this point, repeated by the service with the same token. */
  async function crashAt(prepare: (app: Application) => Promise<void>, point: number): Promise<readonly string[]> {
    const plan = new CrashPlan();
    const app = await world.application({ plan, variables: MODES[mode] ?? {} });
    await prepare(app);
    const before = await app.password();
    const reachable = await someKnownPasswordWorks(app);
    plan.arm(point);
    const tokens = new Set<string>();
    const broken: unknown[] = [];
    const { handle } = app;
    app.handle = async (event, context) => {
      plan.revive();
      tokens.add((event as { ClientRequestToken: string }).ClientRequestToken);
      const failure = await handle(event, context).then(
        () => undefined,
        (error: unknown) => error,
      );
      if (!plan.dead && failure === undefined) return;
      const where = `${plan.passed[point - 1]}, point ${point}`;
      // The driver would take a failed expectation for a failure of the function, and try again.
      await checkAfterCrash(app, reachable, where).catch((error: unknown) => broken.push(error));
      throw failure ?? new Error('the process is gone');
    };
    await succeed(app);
    if (broken.length > 0) throw broken[0];
    const where = point === 0 ? 'without a crash' : `${point}`;
    expect(plan.crashed, where).toBe(point > 0);
    expect(tokens.size, where).toBe(1);
    await checkEnd(app, before, where);
    return [...plan.passed];
  }

  /** Labels are whole, and the live password is never only where nobody would look for it. */
  async function checkAfterCrash(app: Application, reachable: boolean, where: string): Promise<void> {
    const labels = await app.labels();
    const holders = (label: string) => Object.keys(labels).filter((id) => labels[id]?.includes(label));
    expect(holders('AWSCURRENT'), where).toHaveLength(1);
    expect(holders('AWSPENDING').length, where).toBeLessThanOrEqual(1);
    expect(holders(LEDGER_LABEL).length, where).toBeLessThanOrEqual(1);
    if (reachable) expect(await someKnownPasswordWorks(app), where).toBe(true);
  }

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

  async function checkEnd(app: Application, before: string, where: string): Promise<void> {
    const labels = Object.values(await app.labels())
      .flat()
      .sort();
    // Where the crash came between the move and the clean-up, the ledger label stays until the next rotation.
    expect(
      labels.filter((label) => label !== LEDGER_LABEL),
      where,
    ).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
    const password = await app.password();
    expect(await app.logsIn(password), where).toBe(true);
    expect(await app.logsIn(before), where).toBe(false);
    const client = await world.postgres.connect(app.role, password, DATABASE);
    await client.query('CREATE TABLE IF NOT EXISTS proof (id int)');
    await client.end();
    const written = world.postgres.log() + app.lines.join('\n');
    expect(
      [before, password].filter((secret) => written.includes(secret)),
      where,
    ).toEqual([]);
  }
});
