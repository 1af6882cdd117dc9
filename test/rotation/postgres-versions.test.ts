import { execFileSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canRun } from '../support/required';
import { crashAtEveryPoint, type Scenario, succeed } from './every-point';
import { type Application, DATABASE, MASTER, startWorld, type World } from './world';

const LONG = 600_000;

/** What `postgres --version` says, such as `postgres (PostgreSQL) 16.14`. */
function versionIn(binaries: string): string {
  const said = execFileSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' });
  return `PostgreSQL ${/\d+\.\d+/.exec(said)?.[0]}`;
}

/** Folders with the programs of other versions than the one that comes with the packages. */
const OTHERS = (process.env.STRONGROOM_POSTGRES_VERSIONS ?? '').split(delimiter).filter((folder) => folder !== '');

const missing =
  OTHERS.length === 0
    ? 'STRONGROOM_POSTGRES_VERSIONS names no folder with initdb and postgres of another version'
    : undefined;

describe.skipIf(!canRun('postgres-versions', missing))('other versions of PostgreSQL', () => {
  describe.each(OTHERS.map((binaries) => [versionIn(binaries), binaries] as const))('%s', (version, binaries) => {
    let world: World;

    beforeAll(async () => {
      world = await startWorld({ binaries });
    });
    afterAll(() => world.stop());

    const single = (more: object = {}) => world.application(more);
    const pair = (more: object = {}) =>
      world.application({ variables: { STRONGROOM_ROTATOR: 'postgres-alternating-users' }, ...more });

    const opens = (value: Readonly<Record<string, unknown>>) => world.opens(value);

    async function run(app: Application, sql: string): Promise<void> {
      const { username, password } = await app.value();
      const client = await world.postgres.connect(String(username), String(password), DATABASE);
      await client.query(sql).finally(() => client.end());
    }

    it('makes a role that is missing, by an administrator who is no superuser', async () => {
      const app = await single();
      await succeed(app);
      expect(await opens(await app.value())).toBe(true);
      const [row] = await world.postgres.query(`SELECT rolsuper FROM pg_roles WHERE rolname = '${MASTER}'`);
      expect(row).toEqual({ rolsuper: false });
    });

    it('changes the password of a single user, without a failed login', async () => {
      const app = await single();
      for (let round = 0; round < 3; round++) await succeed(app);
      expect(await opens(await app.value())).toBe(true);
      expect(app.lines.map((line) => JSON.parse(line).logins.failed)).toEqual(Array(12).fill(0));
    });

    it('finds the password of an abandoned rotation', async () => {
      const app = await single();
      await succeed(app);
      const token = await app.begin();
      for (const step of ['createSecret', 'setSecret']) await app.step(step, token);
      await app.put({ password: 'put-by-a-person' });
      await succeed(app);
      expect(await opens(await app.value())).toBe(true);
    });

    it('repairs a role whose password nobody knows', async () => {
      const app = await single();
      await succeed(app);
      await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
      await succeed(app);
      expect(await opens(await app.value())).toBe(true);
    });

    it('alternates users, and the old value works until the next rotation', async () => {
      const app = await pair();
      for (let round = 0; round < 3; round++) {
        const before = await app.value();
        await succeed(app);
        expect(await opens(await app.value())).toBe(true);
        if (round > 0) expect(await opens(before)).toBe(true);
      }
    });

    it('lets each of two users change what the other made', async () => {
      const app = await pair();
      await succeed(app);
      await run(app, 'CREATE TABLE of_clone (id int)');
      await succeed(app);
      await run(app, 'ALTER TABLE of_clone ADD COLUMN more int; CREATE TABLE of_base (id int)');
      await succeed(app);
      await run(app, 'DROP TABLE of_base; DROP TABLE of_clone');
    });

    it('writes no password into the log of statements', async () => {
      const app = await single();
      await succeed(app);
      const { password } = await app.value();
      expect(world.postgres.log()).toContain('ALTER ROLE');
      expect(world.postgres.log()).not.toContain(password);
    });

    const currentWorks: Scenario<Application>['check'] = async (app) => {
      expect(await opens(await app.value())).toBe(true);
    };
    // To the clone and, crashed, back to the base.
    const toTheBase = { again: true, prepare: succeed, check: currentWorks, log: () => world.postgres.log() };

    it('survives crashes of an alternation', { timeout: LONG }, async () => {
      const points = await crashAtEveryPoint(`${version}, alternating users`, {
        ...toTheBase,
        make: (plan) => pair({ plan }),
      });
      expect(points).toBeGreaterThan(60);
    });

    it('survives crashes of a single user’s rotation', { timeout: LONG }, async () => {
      // Between the change and the move of the label the current value of a single user has no login.
      const scenario = {
        make: (plan: object) => single({ plan }),
        again: true,
        begin: succeed,
        check: async () => {},
        log: () => world.postgres.log(),
      };
      const points = await crashAtEveryPoint(`${version}, single user`, scenario);
      expect(points).toBeGreaterThan(30);
    });
  });
});
