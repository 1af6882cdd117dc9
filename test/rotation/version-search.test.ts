import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Deadline } from '../../rotation/deadline';
import { succeed } from './every-point';
import { type Application, startWorld, type World } from './world';

describe('the search among versions without a label', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  /** A role whose live password is in a version that has lost every label, with so many others after it. */
  async function abandoned(searched: number, others = 0): Promise<Application> {
    const app = await world.application({
      superuser: false,
      variables: { STRONGROOM_LEDGER: 'none', STRONGROOM_SEARCH_VERSIONS: String(searched) },
    });
    await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
    await succeed(app);
    const token = await app.begin();
    await app.step('createSecret', token);
    await app.step('setSecret', token);
    // After two writes AWSPREVIOUS, too, is on a version whose password was never set.
    for (let n = 0; n < 2 + others; n++) await app.put({ password: `put-by-a-person-${n}` });
    expect((await app.labels())[token]).toBeUndefined();
    expect(await app.logsIn(await app.password(token))).toBe(true);
    app.lines.length = 0;
    return app;
  }

  const attempts = (app: Application) => app.lines.map((line) => JSON.parse(line).attempt as string);
  const failed = (app: Application) => app.lines.map((line) => JSON.parse(line).logins.failed as number);

  it('finds the password of an abandoned rotation', async () => {
    const app = await abandoned(3);
    await succeed(app);
    expect(attempts(app)).toContain('recovered-from-unlabelled');
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('sets the database back to the current value before anything else', async () => {
    const app = await abandoned(3);
    const token = await app.begin();
    await app.step('createSecret', token);
    const current = await app.password();
    const from = world.postgres.log().length;
    await app.step('setSecret', token);
    expect(world.postgres.log().slice(from).split('ALTER ROLE').length - 1).toBe(2);
    expect(await app.logsIn(current)).toBe(false);
    expect(await app.logsIn(await app.password(token))).toBe(true);
  });

  it('lets no more logins fail than three, and one for each version that is searched', async () => {
    const app = await abandoned(3);
    await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
    const token = await app.begin();
    await app.step('createSecret', token);
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'AllCredentialsRefused' });
    expect(failed(app).at(-1)).toBe(6);
  });

  it('does not look further back than it is told', async () => {
    const app = await abandoned(1, 2);
    const token = await app.begin();
    await app.step('createSecret', token);
    const { calls } = world.manager.service;
    const from = calls.length;
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'AllCredentialsRefused' });
    expect(failed(app).at(-1)).toBe(4);
    // Current, pending, previous, and one without a label.
    expect(calls.slice(from).filter((call) => call === 'GetSecretValue')).toHaveLength(4);
  });

  it('tries no version that is for another user', async () => {
    const app = await abandoned(3);
    const value = await app.value();
    await world.manager.service.call('PutSecretValue', {
      SecretId: app.arn,
      SecretString: JSON.stringify({ ...value, username: 'somebody_else' }),
    });
    await app.put({ username: app.role, password: 'put-by-a-person-again' });
    await app.put({ password: 'put-by-a-person-once-more' });
    await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
    const token = await app.begin();
    await app.step('createSecret', token);
    const from = world.postgres.log().length;
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'AllCredentialsRefused' });
    expect(world.postgres.log().slice(from)).not.toContain('somebody_else');
  });

  it('is not made when it was not asked for', async () => {
    const app = await abandoned(3);
    Object.assign(app.variables, { STRONGROOM_SEARCH_VERSIONS: '0', STRONGROOM_LEDGER: 'label' });
    const { calls } = world.manager.service;
    const from = calls.length;
    const token = await app.begin();
    await app.step('createSecret', token);
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'AllCredentialsRefused' });
    expect(calls.slice(from)).not.toContain('ListSecretVersionIds');
  });

  it('makes no call in a rotation in which the current password works', async () => {
    const app = await world.application({ variables: { STRONGROOM_SEARCH_VERSIONS: '3' } });
    await succeed(app);
    const from = world.manager.service.calls.length;
    await succeed(app);
    expect(world.manager.service.calls.slice(from)).not.toContain('ListSecretVersionIds');
  });

  it('is refused where versions are never searched', async () => {
    const app = await world.application({
      variables: { STRONGROOM_ROTATOR: 'postgres-alternating-users', STRONGROOM_SEARCH_VERSIONS: '1' },
    });
    expect((await app.rotate()).error).toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining('postgres-alternating-users never searches'),
    });
  });

  it('reads every page of the list, the newest version first', async () => {
    const created = await world.manager.service.call('CreateSecret', { Name: 'many-versions', SecretString: 'first' });
    const arn = String(created.ARN);
    const ids: string[] = [String(created.VersionId)];
    for (let n = 0; n < 120; n++) {
      const put = await world.manager.service.call('PutSecretValue', { SecretId: arn, SecretString: `value ${n}` });
      ids.unshift(String(put.VersionId));
      // Versions of one millisecond have no order.
      if (n > 112) await world.manager.service.advance(5);
    }
    const found = await world.store.unlabelled(arn, Deadline.ofStep({}));
    expect(found).toHaveLength(119);
    expect(found.slice(0, 2)).toEqual(ids.slice(2, 4));
  });
});
