import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throttled } from '../../emulator/errors';
import { LEDGER_LABEL } from '../../rotation/engine';
import { succeed } from './every-point';
import { type Application, type ApplicationOptions, startWorld, type World } from './world';

const FAST = { STRONGROOM_FAST_CUTOVER: 'on' };

describe('fast cutover', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  async function rotated(options: ApplicationOptions = {}): Promise<Application> {
    const app = await world.application({ variables: FAST, ...options });
    await succeed(app);
    return app;
  }

  async function begun(app: Application): Promise<string> {
    const token = await app.begin();
    await app.step('createSecret', token);
    return token;
  }

  const attempts = (app: Application) => app.lines.map((line) => JSON.parse(line).attempt as string);

  it('makes the new value current in setSecret, and takes the ledger away', async () => {
    const app = await rotated();
    const token = await begun(app);
    await app.step('setSecret', token);
    expect((await app.labels())[token]).toEqual(['AWSCURRENT']);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('leaves nothing to do to the later steps', async () => {
    const app = await rotated();
    const token = await begun(app);
    await app.step('setSecret', token);
    const log = world.postgres.log().length;
    await app.step('testSecret', token);
    await app.step('finishSecret', token);
    expect(attempts(app).slice(-2)).toEqual(['replay', 'replay']);
    expect(world.postgres.log().slice(log)).not.toContain('connection authorized');
  });

  it('waits for finishSecret when it is off', async () => {
    const app = await rotated({ variables: {} });
    const token = await begun(app);
    await app.step('setSecret', token);
    expect((await app.labels())[token]?.toSorted()).toEqual(['AWSPENDING', LEDGER_LABEL]);
  });

  it('moves no label while the new password does not log in', async () => {
    const app = await rotated();
    const old = await app.password();
    await world.postgres.query(`ALTER ROLE ${app.role} CONNECTION LIMIT 1`);
    const held = await world.postgres.connect(app.role, old, 'app');
    const token = await begun(app);
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'TooManyConnections' });
    expect((await app.labels())[token]).toContain('AWSPENDING');
    await held.end();
  });

  it('goes on when an earlier try had set the password and moved nothing', async () => {
    const app = await rotated();
    const token = await begun(app);
    const { service } = world.manager;
    service.before = (operation, _, { VersionStage }) => {
      if (operation === 'UpdateSecretVersionStage' && VersionStage === 'AWSCURRENT') throw throttled();
    };
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'SecretsManagerUnavailable' });
    service.before = undefined;
    expect((await app.labels())[token]).toContain('AWSPENDING');
    await app.step('setSecret', token);
    expect(attempts(app).at(-1)).toBe('already-set');
    expect((await app.labels())[token]).toEqual(['AWSCURRENT']);
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('does not move AWSCURRENT from a value that a person wrote in between', async () => {
    const app = await rotated();
    const token = await begun(app);
    const { service } = world.manager;
    service.after = async (operation, _, input) => {
      if (operation !== 'UpdateSecretVersionStage' || input.VersionStage !== LEDGER_LABEL) return;
      service.after = undefined;
      await app.put({ password: 'put-by-a-person' });
    };
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'RotationAbandoned' });
    expect(await app.password()).toBe('put-by-a-person');
    await succeed(app);
    expect(attempts(app)).toContain('recovered-from-ledger');
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('ends the same when two setSecret run at once', async () => {
    const app = await rotated();
    const token = await begun(app);
    const outcomes = await Promise.allSettled([app.step('setSecret', token), app.step('setSecret', token)]);
    expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'done'))).toEqual([
      'done',
      'done',
    ]);
    expect((await app.labels())[token]).toContain('AWSCURRENT');
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('needs one connection fewer, and causes no failed login', async () => {
    const app = await rotated();
    const before = app.lines.length;
    await succeed(app);
    const logins = app.lines.slice(before).map((line) => JSON.parse(line).logins as { tried: number; failed: number });
    expect(logins.reduce((sum, { tried }) => sum + tried, 0)).toBe(2);
    expect(logins.reduce((sum, { failed }) => sum + failed, 0)).toBe(0);
  });

  it.each(['postgres-alternating-users', 'mariadb-two-passwords', 'mysql-dual-password'])(
    'is refused for %s, where no reader is shut out',
    async (rotator) => {
      const app = await world.application({ variables: { ...FAST, STRONGROOM_ROTATOR: rotator } });
      expect(await app.rotate()).toMatchObject({
        error: {
          name: 'InvalidConfiguration',
          message: expect.stringContaining(
            `STRONGROOM_FAST_CUTOVER is on, and with ${rotator} no reader is shut out; take it away`,
          ),
        },
      });
    },
  );
});
