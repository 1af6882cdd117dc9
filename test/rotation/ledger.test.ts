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

/** What a rotation asks for that nothing disturbs, in its order: who sets the password, and whether there is a ledger. */
function expectedCalls(by: 'itself' | 'superuser', ledger: 'label' | 'none'): readonly string[] {
  const only = (when: boolean, ...calls: readonly string[]) => (when ? calls : []);
  const superuser = by === 'superuser';
  return [
    ...['DescribeSecret', 'GetSecretValue of AWSCURRENT', 'GetSecretValue of AWSPENDING', 'PutSecretValue'],
    ...['DescribeSecret', 'GetSecretValue of AWSCURRENT', 'GetSecretValue of AWSPENDING'],
    ...only(superuser, 'GetSecretValue of the superuser'),
    ...only(ledger === 'label', `UpdateSecretVersionStage of ${LEDGER_LABEL}`),
    ...['DescribeSecret', 'GetSecretValue of AWSPENDING'],
    // It must still log in, and on MySQL and MariaDB it says itself what rights it has.
    ...only(superuser, 'GetSecretValue of AWSCURRENT'),
    ...['DescribeSecret', 'UpdateSecretVersionStage of AWSCURRENT'],
    ...only(ledger === 'label', `UpdateSecretVersionStage of ${LEDGER_LABEL}`),
  ];
}

/** Calls of the second rotation, each with what it is about, without RotateSecret itself. */
async function callsOf({ service }: SecretsManagerServer, subject: Subject): Promise<readonly string[]> {
  await succeed(subject);
  const current = Object.entries(await subject.labels()).find(([, labels]) => labels.includes('AWSCURRENT'))?.[0];
  const calls: string[] = [];
  service.before = (operation, _, input) => {
    if (operation === 'RotateSecret') return;
    const read = input.SecretId !== subject.arn ? 'the superuser' : versionOf(input, current);
    if (operation === 'GetSecretValue') calls.push(`${operation} of ${read}`);
    else if (operation === 'UpdateSecretVersionStage') calls.push(`${operation} of ${input.VersionStage}`);
    else calls.push(operation);
  };
  try {
    await succeed(subject);
  } finally {
    service.before = undefined;
  }
  return calls;
}

function versionOf({ VersionId }: Readonly<Record<string, unknown>>, current: string | undefined): string {
  return VersionId === current ? 'AWSCURRENT' : 'AWSPENDING';
}

describe('the ledger on PostgreSQL', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it.each([
    ['postgres-single-user', 'label', 'itself', 13],
    ['postgres-single-user', 'none', 'itself', 11],
    ['postgres-alternating-users', 'label', 'superuser', 15],
    ['postgres-alternating-users', 'none', 'superuser', 13],
  ] as const)(
    'costs a rotation by %s with STRONGROOM_LEDGER=%s, set by %s, %i calls',
    async (rotator, ledger, by, count) => {
      const app = await world.application({ variables: { STRONGROOM_ROTATOR: rotator, STRONGROOM_LEDGER: ledger } });
      const calls = await callsOf(world.manager, app);
      expect(calls).toEqual(expectedCalls(by, ledger));
      expect(calls).toHaveLength(count);
    },
  );

  it.each([
    ['label', 12],
    ['none', 10],
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
  { part: 'mariadb', own: 'two-passwords', missing: mariadbMissing(), start: startMariadb, root: mariadbRoot },
  { part: 'mysql', own: 'dual-password', missing: mysqlMissing(), start: startMysql, root: mysqlRoot },
] as const;

for (const { part, own, missing, start, root } of OTHERS) {
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

    const ways = [own, 'alternating-users'].flatMap((way) =>
      LEDGERS.map((ledger) => [`${part}-${way}`, ledger, ledger === 'label' ? 15 : 13] as const),
    );

    it.each(ways)('costs a rotation by %s with STRONGROOM_LEDGER=%s %i calls', async (rotator, ledger, count) => {
      const { host, port } = server;
      const username = `app_${ways.findIndex(([one, other]) => one === rotator && other === ledger)}`;
      const seed = { engine: part, host, port, dbname: 'app', username, password: randomUUID() };
      await server.query(`CREATE USER ${seed.username}@'127.%' IDENTIFIED BY '${seed.password}'`);
      const master = await manager.service.call('CreateSecret', {
        Name: `master-${username}`,
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
      expect(calls).toEqual(expectedCalls('superuser', ledger));
      expect(calls).toHaveLength(count);
    });
  });
}
