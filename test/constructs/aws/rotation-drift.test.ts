import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import type { IDatabase } from '../../../constructs/aws/database';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { MariadbDatabase } from '../../../constructs/aws/mariadb-database';
import { makeUserStep } from '../../../constructs/aws/missing-user';
import { MysqlDatabase } from '../../../constructs/aws/mysql-database';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { Secret } from '../../../constructs/aws/secret';
import type { OwnFunctionRotation } from '../../../constructs/aws/secret-rotation';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { type SecretsManagerServer, startSecretsManager } from '../../../emulator/server';
import { connect as connectToMysql } from '../../../rotation/mysql/connection';
import { connect } from '../../../rotation/postgres/connection';
import { secretsManager } from '../../../rotation/secrets-manager';
import { CrashPlan } from '../../rotation/crash';
import { makeSubject, type Subject } from '../../rotation/subject';
import { clientOf, DATABASE, startWorld, type World } from '../../rotation/world';
import { awsStackJson, resourceOf, statementsIn } from '../../support/aws-stacks';
import { makeAuthority } from '../../support/certificates';
import { ROOT_PASSWORD as MARIADB_ROOT, mariadbMissing, startMariadb } from '../../support/mariadb';
import { ROOT_PASSWORD as MYSQL_ROOT, mysqlMissing, startMysql } from '../../support/mysql';
import { canRun } from '../../support/required';

const LONG = 600_000;

const SUPERUSER_ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:legacy/superuser-AbCdEf';

type Strategy = NonNullable<OwnFunctionRotation['strategy']>;

/** One operation on one of the two secrets, such as `own DescribeSecret`. */
type Call = string;

/** What the construct's policy lets the function ask, as the two secrets stand in it. */
async function granted(existing: (stack: AwsStack) => IDatabase, strategy: Strategy): Promise<ReadonlySet<Call>> {
  const json = await awsStackJson((stack) => {
    const secret = new DatabaseSecret(stack, 'credentials', {
      name: 'myapp/database',
      owner: 'payments',
      database: existing(stack),
      username: 'myapp',
      value: Value.external({ since: '2026-11-01' }),
    });
    secret.addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true, strategy });
  });
  const calls = statementsIn(resourceOf(json, 'aws_iam_role_policy', 'function_role_policy'))
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action, Resource }) =>
      [Action].flat().flatMap((action) => [Resource ?? ''].flat().map((on) => ({ action, on }))),
    )
    .filter(({ action }) => action.startsWith('secretsmanager:'));
  return new Set(calls.map(({ action, on }) => `${whose(on)} ${action.slice('secretsmanager:'.length)}`));
}

function whose(resource: string): string {
  if (resource === SUPERUSER_ARN) return 'superuser';
  return /^\$\{aws_secretsmanager_secret\.[^}]+\.arn\}$/.test(resource) ? 'own' : resource;
}

/** A secret whose function does only what is granted, and what it has asked. */
interface Watched {
  readonly subject: Subject;
  readonly plan: CrashPlan;
  readonly asked: ReadonlySet<Call>;
}

interface Place {
  readonly manager: SecretsManagerServer;
  readonly superuserSecret: string;
  readonly seed: Readonly<Record<string, unknown>>;
  readonly variables: Readonly<Record<string, string>>;
}

/** The client's own commands are refused like IAM does it: what the test itself asks goes another way. */
async function watch(place: Place, allowed: ReadonlySet<Call>): Promise<Watched> {
  const plan = new CrashPlan();
  const asked = new Set<Call>();
  const client = clientOf(place.manager);
  client.middlewareStack.add(
    (next, { commandName }) =>
      async (args) => {
        const { SecretId } = args.input as { readonly SecretId?: string };
        const call = `${SecretId === place.superuserSecret ? 'superuser' : 'own'} ${commandName?.replace(/Command$/, '')}`;
        asked.add(call);
        if (!allowed.has(call)) throw new Error(`not granted: ${call}`);
        return next(args);
      },
    { step: 'initialize', name: 'granted' },
  );
  const subject = await makeSubject(place.manager, {
    seed: place.seed,
    variables: {
      STRONGROOM_HOST: String(place.seed.host),
      STRONGROOM_PORT: String(place.seed.port),
      STRONGROOM_DATABASE: String(place.seed.dbname),
      STRONGROOM_USERNAME: String(place.seed.username),
      STRONGROOM_SUPERUSER_SECRET: place.superuserSecret,
      ...place.variables,
    },
    store: plan.store(secretsManager(client)),
    reach: { connect: plan.connect(connect), connectToMysql: plan.connect(connectToMysql) },
  });
  return { subject, plan, asked };
}

/** A first rotation, a later one, one that is crashed half-way, one that a person's write abandons, and the one after. */
async function everyRun({ subject, plan }: Watched): Promise<void> {
  const succeed = async () => expect(await subject.rotate()).toMatchObject({ name: 'RotationSucceeded' });
  await succeed();
  plan.arm(0);
  await succeed();
  const passed = plan.passed.length;
  for (const share of [0.3, 0.6, 0.9]) {
    const { handle } = subject;
    plan.arm(Math.floor(passed * share));
    subject.handle = (event, context) => {
      plan.revive();
      return handle(event, context);
    };
    await succeed();
    expect(plan.crashed).toBe(true);
    subject.handle = handle;
    plan.arm(0);
  }
  const token = await subject.begin();
  for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
  // Somebody writes the value that was there: the rotation is abandoned, and the database is ahead of it.
  await subject.put({ note: 'written by hand' });
  await expect(subject.step('testSecret', token)).rejects.toMatchObject({ name: 'RotationAbandoned' });
  await succeed();
}

async function expectNoDrift(place: Place, allowed: ReadonlySet<Call>): Promise<void> {
  const watched = await watch(place, allowed);
  await everyRun(watched);
  expect([...watched.asked].sort()).toEqual([...allowed].sort());
}

const HOST = { host: 'db.example.com', name: 'orders' } as const;
const superuserOf = (stack: AwsStack) => Secret.fromArn(stack, 'superuser', SUPERUSER_ARN);

describe('a rotation function of PostgreSQL', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  }, LONG);
  afterAll(() => world.stop());

  const place = (rotator: string): Place => ({
    manager: world.manager,
    superuserSecret: world.masterSecret,
    seed: {
      engine: 'postgres',
      host: world.postgres.host,
      port: world.postgres.port,
      dbname: DATABASE,
      username: `app_${randomUUID().slice(0, 8)}`,
      password: randomUUID(),
    },
    variables: { STRONGROOM_ROTATOR: rotator, STRONGROOM_TLS: 'disabled' },
  });
  const allowed = (strategy: Strategy) =>
    granted((stack) => PostgresDatabase.existing({ ...HOST, superuser: superuserOf(stack) }), strategy);

  it.each(['single-user', 'alternating-users'] as const)(
    'asks all that it is granted, and nothing else: %s',
    async (strategy) => expectNoDrift(place(`postgres-${strategy}`), await allowed(strategy)),
    LONG,
  );

  it.each(['own GetSecretValue', 'own UpdateSecretVersionStage', 'superuser GetSecretValue'])(
    'is found out when %s is not granted',
    async (missing) => {
      const fewer = new Set([...(await allowed('single-user'))].filter((call) => call !== missing));
      const { subject, asked } = await watch(place('postgres-single-user'), fewer);
      expect(await subject.rotate()).not.toMatchObject({ name: 'RotationSucceeded' });
      expect(asked).toContain(missing);
    },
    LONG,
  );
});

interface Server {
  readonly port: number;
  query(sql: string): Promise<unknown>;
  stop(): Promise<void>;
}

const SERVERS = [
  {
    product: 'MySQL',
    engine: 'mysql',
    strategy: 'dual-password',
    Database: MysqlDatabase,
    runs: () => canRun('mysql', mysqlMissing()),
    root: MYSQL_ROOT,
    start: startMysql as (options: { tls: { certificate: string; key: string } }) => Promise<Server>,
  },
  {
    product: 'MariaDB',
    engine: 'mariadb',
    strategy: 'two-passwords',
    Database: MariadbDatabase,
    runs: () => canRun('mariadb', mariadbMissing()),
    root: MARIADB_ROOT,
    start: startMariadb as (options: { tls: { certificate: string; key: string } }) => Promise<Server>,
  },
] as const;

for (const { product, engine, strategy, Database, runs, root, start } of SERVERS) {
  describe.skipIf(!runs())(`a rotation function of ${product}`, () => {
    const authority = makeAuthority();
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
    let server: Server;
    let manager: SecretsManagerServer;

    beforeAll(async () => {
      writeFileSync(join(folder, 'ca.pem'), authority.certificate);
      server = await start({ tls: authority.issue('localhost') });
      manager = await startSecretsManager();
    }, LONG);
    afterAll(async () => {
      await manager.close();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it(
      'starts from the user that the next step makes, asks all that it is granted, and nothing else',
      async () => {
        const allowed = await granted(
          (stack) => Database.existing({ ...HOST, superuser: superuserOf(stack) }),
          strategy,
        );
        let sql = '';
        await awsStackJson((stack) => {
          const secret = new DatabaseSecret(stack, 'credentials', {
            name: 'myapp/database',
            owner: 'payments',
            database: new Database(stack, 'database', { name: 'app' }),
            username: 'myapp',
            value: Value.generated({ since: '2026-11-01' }),
          });
          sql = makeUserStep(secret, stack.region).run;
          secret.addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: false });
        });
        for (const line of sql.split('\n').filter((one) => !one.startsWith('--'))) await server.query(line);
        const master = await manager.service.call('CreateSecret', {
          Name: 'rds!db-master',
          SecretString: JSON.stringify({ username: 'root', password: root }),
        });
        const place: Place = {
          manager,
          superuserSecret: String(master.ARN),
          // The seed: a password that the server has never heard of.
          seed: {
            engine,
            host: 'localhost',
            port: server.port,
            dbname: 'app',
            username: 'myapp',
            password: randomUUID(),
          },
          variables: { STRONGROOM_ROTATOR: `${engine}-${strategy}`, STRONGROOM_CA_FILE: join(folder, 'ca.pem') },
        };
        await server.query('CREATE DATABASE IF NOT EXISTS app');
        await expectNoDrift(place, allowed);
      },
      LONG,
    );
  });
}
