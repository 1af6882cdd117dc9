import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { LEDGER_LABEL } from '../../rotation/engine';
import { secretsManager } from '../../rotation/secrets-manager';
import { mariadbMissing, ROOT_PASSWORD as mariadbRoot, startMariadb } from '../support/mariadb';
import { mysqlMissing, ROOT_PASSWORD as mysqlRoot, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { succeed } from './every-point';
import { makeSubject, type Subject } from './subject';
import { clientOf, startWorld, type World } from './world';

const LEDGERS = ['label', 'none'] as const;

/** Calls that a rotation makes without a ledger, in all; where a superuser sets the password, its secret is read too. */
const BY_ITSELF = 11;
const BY_SUPERUSER = 13;
/** The label is put on and taken off. */
const OF_LEDGER = 2;

/** Calls of the second rotation, by operation, without RotateSecret itself. */
async function callsOf({ service }: SecretsManagerServer, subject: Subject): Promise<readonly string[]> {
  await succeed(subject);
  const from = service.calls.length;
  await succeed(subject);
  return service.calls.slice(from).filter((call) => call !== 'RotateSecret');
}

describe('the ledger on PostgreSQL', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it.each([
    ['postgres-single-user', 'label', BY_ITSELF + OF_LEDGER],
    ['postgres-single-user', 'none', BY_ITSELF],
    ['postgres-alternating-users', 'label', BY_SUPERUSER + OF_LEDGER],
    ['postgres-alternating-users', 'none', BY_SUPERUSER],
  ])('costs a rotation by %s with STRONGROOM_LEDGER=%s %i calls', async (rotator, ledger, calls) => {
    const app = await world.application({ variables: { STRONGROOM_ROTATOR: rotator, STRONGROOM_LEDGER: ledger } });
    expect(await callsOf(world.manager, app)).toHaveLength(calls);
  });

  it.each([
    ['label', BY_ITSELF - 1 + OF_LEDGER],
    ['none', BY_ITSELF - 1],
  ])('with fast cutover, STRONGROOM_LEDGER=%s makes it %i calls', async (ledger, calls) => {
    const variables = { STRONGROOM_FAST_CUTOVER: 'on', STRONGROOM_LEDGER: ledger };
    expect(await callsOf(world.manager, await world.application({ variables }))).toHaveLength(calls);
  });

  it('is written to no version when it is off', async () => {
    const app = await world.application({ variables: { STRONGROOM_LEDGER: 'none' } });
    const written: unknown[] = [];
    world.manager.service.before = (operation, _, input) => {
      if (operation === 'UpdateSecretVersionStage') written.push(input.VersionStage);
    };
    try {
      await succeed(app);
    } finally {
      world.manager.service.before = undefined;
    }
    expect(written).toEqual(['AWSCURRENT']);
  });

  it('leaves the lost password of an abandoned rotation to the superuser when it is off', async () => {
    const app = await world.application({ variables: { STRONGROOM_LEDGER: 'none' } });
    await succeed(app);
    const token = await app.begin();
    await app.step('createSecret', token);
    await app.step('setSecret', token);
    await app.put({ password: 'put-by-a-person' });
    await succeed(app);
    expect(app.lines.map((line) => JSON.parse(line).attempt)).toContain('role-repaired');
    expect(await app.logsIn(await app.password())).toBe(true);
  });

  it('is read and taken away after it was switched off in the middle of a rotation', async () => {
    const app = await world.application();
    await succeed(app);
    const token = await app.begin();
    await app.step('createSecret', token);
    await app.step('setSecret', token);
    expect((await app.labels())[token]).toContain(LEDGER_LABEL);
    Object.assign(app.variables, { STRONGROOM_LEDGER: 'none' });
    await app.step('testSecret', token);
    await app.step('finishSecret', token);
    expect((await app.labels())[token]).toEqual(['AWSCURRENT']);
  });

  it('cannot be off when nothing else finds a lost password', async () => {
    const app = await world.application({ superuser: false, variables: { STRONGROOM_LEDGER: 'none' } });
    expect((await app.rotate()).error).toMatchObject({
      name: 'InvalidConfiguration',
      message: expect.stringContaining('set STRONGROOM_SEARCH_VERSIONS to 1 or more, or STRONGROOM_SUPERUSER_SECRET'),
    });
  });
});

const OTHERS = [
  {
    part: 'mariadb',
    rotator: 'mariadb-two-passwords',
    missing: mariadbMissing(),
    start: startMariadb,
    root: mariadbRoot,
  },
  { part: 'mysql', rotator: 'mysql-dual-password', missing: mysqlMissing(), start: startMysql, root: mysqlRoot },
] as const;

for (const { part, rotator, missing, start, root } of OTHERS) {
  describe.skipIf(!canRun(part, missing))(`the ledger on ${part}`, () => {
    let server: Awaited<ReturnType<typeof start>>;
    let manager: SecretsManagerServer;

    beforeAll(async () => {
      server = await start();
      manager = await startSecretsManager();
    });
    afterAll(async () => {
      await manager.close();
      await server.stop();
    });

    it.each(LEDGERS)(`costs a rotation by ${rotator} with STRONGROOM_LEDGER=%s two calls or none`, async (ledger) => {
      const { host, port } = server;
      const seed = { engine: part, host, port, dbname: 'app', username: `app_${ledger}`, password: randomUUID() };
      await server.query(`CREATE USER ${seed.username}@'127.%' IDENTIFIED BY '${seed.password}'`);
      const master = await manager.service.call('CreateSecret', {
        Name: `master-${ledger}`,
        SecretString: JSON.stringify({ username: 'root', password: root }),
      });
      const subject = await makeSubject(manager, {
        seed,
        variables: {
          STRONGROOM_ROTATOR: rotator,
          STRONGROOM_HOST: host,
          STRONGROOM_PORT: String(port),
          STRONGROOM_DATABASE: 'app',
          STRONGROOM_TLS: 'disabled',
          STRONGROOM_SUPERUSER_SECRET: String(master.ARN),
          STRONGROOM_LEDGER: ledger,
          STRONGROOM_USERNAME: seed.username,
        },
        store: secretsManager(clientOf(manager)),
        reach: {},
      });
      const calls = await callsOf(manager, subject);
      expect(calls).toHaveLength(BY_SUPERUSER + (ledger === 'label' ? OF_LEDGER : 0));
    });
  });
}
