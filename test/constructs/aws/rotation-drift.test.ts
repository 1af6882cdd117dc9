import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import type { IDatabase } from '../../../constructs/aws/database';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { MariadbDatabase } from '../../../constructs/aws/mariadb-database';
import { MysqlDatabase } from '../../../constructs/aws/mysql-database';
import { PostgresDatabase } from '../../../constructs/aws/postgres-database';
import { Secret } from '../../../constructs/aws/secret';
import type { OwnFunctionRotation } from '../../../constructs/aws/secret-rotation';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { type SecretsManagerServer, startSecretsManager } from '../../../emulator/server';
import { DATABASE, startWorld, type World } from '../../rotation/world';
import { makeAuthority } from '../../support/certificates';
import { ROOT_PASSWORD as MARIADB_ROOT, mariadbMissing, startMariadb } from '../../support/mariadb';
import { ROOT_PASSWORD as MYSQL_ROOT, mysqlMissing, startMysql } from '../../support/mysql';
import { canRun } from '../../support/required';
import { expectNoDrift, granted, type Place, SUPERUSER_ARN, watch } from './rotation-drift';

const LONG = 600_000;

type Settings = Pick<OwnFunctionRotation, 'strategy' | 'searchVersions' | 'ledger'>;

const rotated = (existing: (stack: AwsStack) => IDatabase, settings: Settings) => (stack: AwsStack) => {
  const secret = new DatabaseSecret(stack, 'credentials', {
    name: 'myapp/database',
    owner: 'payments',
    database: existing(stack),
    username: 'myapp',
    value: Value.external({ since: '2026-11-01' }),
  });
  secret.addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true, ...settings });
};

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
  const allowed = (strategy: 'single-user' | 'alternating-users') =>
    granted(rotated((stack) => PostgresDatabase.existing({ ...HOST, superuser: superuserOf(stack) }), { strategy }));

  it.each(['single-user', 'alternating-users'] as const)(
    'asks all that it is granted, and nothing else: %s',
    async (strategy) => expectNoDrift(place(`postgres-${strategy}`), await allowed(strategy)),
    LONG,
  );

  it(
    'lists versions where it searches them, and nothing else more',
    async () => {
      const settings = { searchVersions: 3, ledger: 'none' } as const;
      const { superuserSecret: _, ...alone } = place('postgres-single-user');
      const { username, password } = alone.seed;
      await world.unlogged(`CREATE ROLE ${username} LOGIN PASSWORD '${password}'`);
      await expectNoDrift(
        { ...alone, variables: { ...alone.variables, STRONGROOM_SEARCH_VERSIONS: '3', STRONGROOM_LEDGER: 'none' } },
        await granted(rotated(() => PostgresDatabase.existing(HOST), settings)),
      );
    },
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
    strategies: ['dual-password', 'alternating-users'],
    Database: MysqlDatabase,
    runs: () => canRun('mysql', mysqlMissing()),
    root: MYSQL_ROOT,
    start: startMysql as (options: { tls: { certificate: string; key: string } }) => Promise<Server>,
  },
  {
    product: 'MariaDB',
    engine: 'mariadb',
    strategies: ['two-passwords', 'alternating-users'],
    Database: MariadbDatabase,
    runs: () => canRun('mariadb', mariadbMissing()),
    root: MARIADB_ROOT,
    start: startMariadb as (options: { tls: { certificate: string; key: string } }) => Promise<Server>,
  },
] as const;

for (const { product, engine, strategies, Database, runs, root, start } of SERVERS) {
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

    it.each(strategies)(
      'makes the user that is missing, asks all that it is granted, and nothing else: %s',
      async (strategy) => {
        const username = `myapp_${randomUUID().slice(0, 8)}`;
        const existing = (stack: AwsStack) => Database.existing({ ...HOST, superuser: superuserOf(stack) });
        const allowed = await granted(rotated(existing, { strategy }));
        await server.query('CREATE DATABASE IF NOT EXISTS app');
        const master = await manager.service.call('CreateSecret', {
          Name: `rds!db-master-${username}`,
          SecretString: JSON.stringify({ username: 'root', password: root }),
        });
        // The seed: a password that the server has never heard of.
        const password = randomUUID();
        const place: Place = {
          manager,
          superuserSecret: String(master.ARN),
          seed: { engine, host: 'localhost', port: server.port, dbname: 'app', username, password },
          variables: { STRONGROOM_ROTATOR: `${engine}-${strategy}`, STRONGROOM_CA_FILE: join(folder, 'ca.pem') },
        };
        await expectNoDrift(place, allowed);
      },
      LONG,
    );
  });
}
