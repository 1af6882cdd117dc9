import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect } from 'vitest';
import type { SqlServer } from '../../drill/servers/sql-server';
import type { SecretsManagerServer } from '../../emulator/server';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import type { CrashPlan } from './crash';
import type { Place, PlaceKind, Value, Way } from './place';
import { postgresUsers, sqlUsers } from './site-users';
import type { Subject } from './subject';
import { account, baseOf, pairsIn, prepareServer } from './suites/sql-pairs';
import { startSqlWorld } from './suites/sql-world';
import { type Application, type ApplicationOptions, DATABASE, MASTER, startWorld } from './world';

export type { Value, Way } from './place';

export interface SiteKind extends PlaceKind {
  /** Whether the server speaks first. */
  readonly greets: boolean;
  /** Messages that begin a login, or after which something is another way. */
  readonly weighty: RegExp;
  readonly ways: readonly [Way, ...Way[]];
  /** Whether only a person can bring back a base that is gone. */
  readonly needsBase: boolean;
  /** What testSecret says of a loss, by the user that clients have, where it says it otherwise than most. */
  readonly noticed?: { readonly [loss in Loss]?: { readonly [current in 'base' | 'clone']?: string } };
  start(): Promise<Site>;
}

export type Loss = 'clone dropped' | 'clone without its rights' | 'clone with another password' | 'base dropped';

export interface SiteSubjectOptions {
  /** Where the function finds the server. @default where it is */
  readonly port?: number;
  readonly host?: string;
  readonly plan?: Pick<CrashPlan, 'store' | 'connect'>;
  /** @default whether the way can do nothing without one */
  readonly superuser?: boolean;
}

/** One server with its Secrets Manager, and what can happen to it. */
export interface Site extends Place {
  readonly port: number;
  readonly version: string;
  subject(way: Way, options?: SiteSubjectOptions): Promise<Subject>;
  /** Changes rights and limits of the base, so that the next rotation has something to bring to the clone. */
  unsettle(subject: Subject, round: number): Promise<void>;
  /** What somebody does to the users of an alternating rotation. */
  lose(subject: Subject, loss: Loss): Promise<void>;
  /** Makes the server read-only, even for the superuser; the result undoes it. */
  readOnly(): Promise<() => Promise<void>>;
  /** Takes every connection that is left but for so many; the result gives them back. */
  full(free: number): Promise<() => Promise<void>>;
  /** Runs a statement as whoever may do everything. */
  query(sql: string): Promise<readonly Value[]>;
  /** Runs statements in a session that stays, with the locks that they take; the result ends it. */
  hold(statements: readonly string[]): Promise<() => Promise<void>>;
  /** Another server of the kind, with the same superuser, and without users. */
  successor(): Promise<Site>;
  /** Statements that make the users of a subject on a successor as they are here now. */
  users(subject: Subject): Promise<readonly string[]>;
  /** Ends the server as a power cut does, and starts it again. */
  crash(): Promise<void>;
}

const SQL_WEIGHTY = /\(the connection\)|\b(GET_LOCK|RELEASE_LOCK|REVOKE|GRANT|ALTER)\b/;

export const POSTGRES: SiteKind = {
  engine: 'PostgreSQL',
  missing: () => undefined,
  greets: false,
  weighty: /\0user\0|\b(BEGIN|pg_advisory_xact_lock|GRANT|ALTER|COMMIT)\b/,
  ways: [
    { rotator: 'postgres-single-user', alternating: false, gapless: false, alone: true },
    { rotator: 'postgres-alternating-users', alternating: true, gapless: true },
  ],
  needsBase: false,
  // A clone that is no member of the base acts as itself.
  noticed: {
    'clone dropped': { clone: 'PrivilegesDiffer' },
    'clone without its rights': { base: 'WrongIdentity' },
    'base dropped': { base: 'WrongIdentity' },
  },
  start: () => startPostgresSite(),
};

export const MARIADB: SiteKind = {
  engine: 'MariaDB',
  part: 'mariadb',
  missing: mariadbMissing,
  greets: true,
  weighty: SQL_WEIGHTY,
  ways: [
    { rotator: 'mariadb-two-passwords', alternating: false, gapless: true },
    { rotator: 'mariadb-alternating-users', alternating: true, gapless: true },
  ],
  needsBase: true,
  start: () => startSqlSite('mariadb', startMariadb),
};

export const MYSQL: SiteKind = {
  engine: 'MySQL',
  part: 'mysql',
  missing: mysqlMissing,
  greets: true,
  weighty: SQL_WEIGHTY,
  ways: [
    { rotator: 'mysql-dual-password', alternating: false, gapless: true },
    { rotator: 'mysql-alternating-users', alternating: true, gapless: true },
  ],
  needsBase: true,
  start: () => startSqlSite('mysql', startMysql),
};

function placeOf({ host, port }: { readonly host: string | undefined; readonly port: number | undefined }) {
  return { ...(host ? { STRONGROOM_HOST: host } : {}), ...(port ? { STRONGROOM_PORT: String(port) } : {}) };
}

async function startPostgresSite(givenPassword?: string): Promise<Site> {
  const world = await startWorld({ settings: { max_connections: '40' } });
  const { postgres, manager } = world;
  if (givenPassword !== undefined) await world.unlogged(`ALTER ROLE ${MASTER} PASSWORD '${givenPassword}'`);
  let masterPassword = givenPassword ?? world.masterPassword;
  const role = (subject: Subject) => (subject as Application).role;
  return {
    port: postgres.port,
    version: String((await postgres.query('SHOW server_version'))[0]?.server_version),
    manager,
    // A single user without a superuser, so that every password must be found again by its label; with one, who makes the role.
    subject: async ({ rotator, alone = false }, { host, port, plan, superuser = !alone } = {}) => {
      const options: ApplicationOptions = {
        superuser,
        ...(plan ? { plan } : {}),
        variables: {
          STRONGROOM_ROTATOR: rotator,
          ...placeOf({ host, port }),
          ...(superuser ? { STRONGROOM_SUPERUSER_SECRET: await superuserSecret(manager, MASTER, masterPassword) } : {}),
        },
      };
      const app = await world.application(options);
      if (!superuser) await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
      return app;
    },
    opens: world.opens,
    renewSuperuser: async () => {
      masterPassword = randomUUID();
      await world.unlogged(`ALTER ROLE ${MASTER} PASSWORD '${masterPassword}'`);
      return { username: MASTER, password: masterPassword };
    },
    unsettle: async (subject, round) => {
      await postgres.query(
        `ALTER ROLE ${role(subject)} CONNECTION LIMIT ${10 + round}; ALTER ROLE ${role(subject)} SET lock_timeout = '${round + 1}s'`,
      );
    },
    same: async (subject) => {
      const names = [role(subject), `${role(subject)}_clone`];
      const [base, clone] = await postgres.query(SAID_OF_ROLES, [names]);
      const settings = [...((base?.settings ?? []) as string[]), `role=${role(subject)}`].sort();
      expect(clone).toEqual({ ...base, settings, groups: [role(subject)] });
    },
    lose: async (subject, loss) => {
      const base = role(subject);
      const drop = (name: string) =>
        postgres.query(`DROP OWNED BY ${name} CASCADE; DROP ROLE ${name}`, undefined, DATABASE);
      if (loss === 'clone dropped') await drop(`${base}_clone`);
      if (loss === 'base dropped') await drop(base);
      if (loss === 'clone with another password')
        await world.unlogged(`ALTER ROLE ${base}_clone PASSWORD 'of-somebody'`);
      if (loss !== 'clone without its rights') return;
      // Only who has granted a membership takes it away.
      const master = await postgres.connect(MASTER, masterPassword, DATABASE);
      await master.query(`REVOKE ${base} FROM ${base}_clone`);
      await master.end();
    },
    query: (sql) => postgres.query(sql),
    hold: (statements) => holding(postgres.connect(), statements),
    successor: () => startPostgresSite(masterPassword),
    users: (subject) => postgresUsers(postgres, [role(subject), `${role(subject)}_clone`]),
    readOnly: async () => {
      const [row] = await postgres.query('SHOW data_directory');
      // Without a primary it waits for one for ever, as a standby does.
      writeFileSync(join(String(row?.data_directory), 'standby.signal'), '');
      await postgres.restart();
      return async () => {
        await postgres.query('SELECT pg_promote()');
      };
    },
    full: async (free) => {
      const taken = await takeAll(free, () => postgres.connect(MASTER, masterPassword, DATABASE));
      return async () => {
        await Promise.all(taken.map((client) => client.end()));
      };
    },
    // The server ends every session and recovers when one of its processes dies so.
    crash: async () => {
      const recoveries = () => postgres.log().split('all server processes terminated; reinitializing').length;
      const before = recoveries();
      const client = await postgres.connect();
      const [row] = (await client.query('SELECT pg_backend_pid() AS pid')).rows;
      process.kill(Number(row?.pid), 'SIGKILL');
      await client.end().catch(() => {});
      // For a moment it still answers, because it has not noticed yet.
      const answers = async () => recoveries() > before && (await postgres.query('SELECT')) !== undefined;
      for (let tries = 0; !(await answers().catch(() => false)); tries++) {
        if (tries > 1_000) throw new Error('the server did not recover');
        await wait(20);
      }
    },
    log: () => postgres.log(),
    stop: () => world.stop(),
  };
}

const SAID_OF_ROLES = `
  SELECT rolcanlogin, rolinherit, rolconnlimit, rolsuper, rolcreaterole,
         ARRAY(SELECT unnest(setconfig) FROM pg_db_role_setting WHERE setrole = r.oid ORDER BY 1) AS settings,
         ARRAY(SELECT DISTINCT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid) AS groups
    FROM pg_roles r WHERE rolname = ANY ($1) ORDER BY rolname`;

/** What the two servers say differently. */
const DIALECTS = {
  mariadb: { defaultRole: 'FOR', more: [], readOnly: 'read_only' },
  mysql: {
    defaultRole: 'TO',
    more: ['GRANT APPLICATION_PASSWORD_ADMIN, ROLE_ADMIN ON *.* TO master WITH GRANT OPTION'],
    readOnly: 'super_read_only',
  },
} as const;

/** A master user as that of RDS: it may not write to a server that is read-only. */
const MASTERS_RIGHTS = [
  `GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, RELOAD, PROCESS, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES,
     LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, CREATE USER, EVENT, TRIGGER
     ON *.* TO master WITH GRANT OPTION`,
  'GRANT ALL ON `arch\\_%`.* TO master WITH GRANT OPTION',
  "GRANT PROXY ON `some one`@'%' TO master WITH GRANT OPTION",
  'GRANT reader TO master WITH ADMIN OPTION',
  'GRANT writer TO master WITH ADMIN OPTION',
];

async function startSqlSite(
  engine: keyof typeof DIALECTS,
  start: () => Promise<SqlServer>,
  givenPassword: string = randomUUID(),
): Promise<Site> {
  const server = await start();
  const world = await startSqlWorld(server, ROOT_PASSWORD, { engine, rotator: `${engine}-alternating-users` });
  await prepareServer(world);
  const { manager } = world;
  const { defaultRole, more, readOnly } = DIALECTS[engine];
  let password = givenPassword;
  await server.query(`CREATE USER master@'127.%' IDENTIFIED BY '${password}'`);
  for (const sql of [...MASTERS_RIGHTS, ...more]) {
    await server.query(sql.replace(/TO master/, "TO master@'127.%'"));
  }
  const pairs = pairsIn(() => world, {
    setDefaultRole: (user, role) => `SET DEFAULT ROLE ${role} ${defaultRole} ${user}`,
  });
  return {
    port: server.port,
    version: server.version,
    manager,
    subject: async ({ rotator }, { host, port, plan } = {}) =>
      pairs.pair({
        master: await superuserSecret(manager, 'master', password),
        ...(plan ? { plan } : {}),
        variables: { STRONGROOM_ROTATOR: rotator, ...placeOf({ host, port }) },
      }),
    opens: world.opens,
    renewSuperuser: async () => {
      password = randomUUID();
      await server.query(`ALTER USER master@'127.%' IDENTIFIED BY '${password}'`);
      return { username: 'master', password };
    },
    unsettle: async (subject, round) => {
      const base = account(baseOf(subject));
      const change = round % 2 === 0 ? `REVOKE INSERT ON shop.* FROM ${base}` : `GRANT INSERT ON shop.* TO ${base}`;
      for (const sql of [change, `ALTER USER ${base} WITH MAX_USER_CONNECTIONS ${20 + (round % 9)}`]) {
        await server.query(sql);
      }
    },
    same: (subject) => pairs.same(subject),
    lose: async (subject, loss) => {
      const base = baseOf(subject);
      const clone = account(`${base}_clone`);
      const sql: Readonly<Record<Loss, string>> = {
        'clone dropped': `DROP USER ${clone}`,
        'clone without its rights': `REVOKE ALL PRIVILEGES, GRANT OPTION FROM ${clone}`,
        'clone with another password': `ALTER USER ${clone} IDENTIFIED BY 'of-somebody'`,
        'base dropped': `DROP USER ${account(base)}`,
      };
      await server.query(sql[loss]);
    },
    query: (sql) => server.query(sql),
    hold: (statements) => holding(server.connect(), statements),
    successor: () => startSqlSite(engine, start, password),
    users: (subject) => sqlUsers(server, engine, [baseOf(subject), `${baseOf(subject)}_clone`]),
    readOnly: async () => {
      await server.query(`SET GLOBAL ${readOnly} = ON`);
      return async () => {
        await server.query('SET GLOBAL read_only = OFF');
      };
    },
    full: async (free) => {
      const root = await server.connect();
      const [rows] = await root.query('SELECT @@GLOBAL.max_connections AS most');
      const [{ most }] = rows as [{ most: number }];
      await root.query('SET GLOBAL max_connections = 10');
      const taken = await takeAll(free, () => server.connect('some one', 'nobody-logs-in'));
      return async () => {
        await root.query(`SET GLOBAL max_connections = ${most}`);
        await Promise.all([root, ...taken].map((connection) => connection.end()));
      };
    },
    crash: () => server.restart(),
    log: () => server.log(),
    stop: () => world.stop(),
  };
}

/** One for each function, so that what happens to it happens to no other. */
async function superuserSecret({ service }: SecretsManagerServer, username: string, password: string): Promise<string> {
  const created = await service.call('CreateSecret', {
    Name: `superuser/${randomUUID()}`,
    SecretString: JSON.stringify({ username, password }),
  });
  return String(created.ARN);
}

async function holding(
  opening: Promise<{ query(sql: string): Promise<unknown>; end(): Promise<unknown> }>,
  statements: readonly string[],
): Promise<() => Promise<void>> {
  const session = await opening;
  for (const sql of statements) await session.query(sql);
  return async () => {
    await session.end();
  };
}

/** Takes connections until the server gives no more, and gives some back. */
async function takeAll<T extends { end(): Promise<unknown> }>(
  free: number,
  take: () => Promise<T>,
): Promise<readonly T[]> {
  const taken: T[] = [];
  for (let refused = 0; ; ) {
    try {
      taken.push(await take());
    } catch (error) {
      // Those of before can need a moment to go.
      if (taken.length <= free) {
        if (++refused > 100) throw error;
        await wait(20);
        continue;
      }
      await Promise.all(taken.splice(0, free).map((connection) => connection.end()));
      return taken;
    }
  }
}
