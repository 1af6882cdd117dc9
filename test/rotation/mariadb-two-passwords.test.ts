import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Deadline } from '../../rotation/deadline';
import { connect } from '../../rotation/mysql/connection';
import { makeAuthority } from '../support/certificates';
import { type Mariadb, mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { canRun } from '../support/required';
import { CrashJourney, succeed } from './every-point';
import { rotateByPacked } from './packed';
import type { Value } from './place';
import type { Subject } from './subject';
import { lets, type SqlWorld, type SubjectOptions, startSqlWorld } from './suites/sql-world';

const LONG = 600_000;

/** A login method that the driver does not have. */
const PLUGIN = 'auth_ed25519';

describe.skipIf(!canRun('mariadb', mariadbMissing()))('MariaDB with two passwords', () => {
  const authority = makeAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
  let server: Mariadb;
  let world: SqlWorld;

  beforeAll(async () => {
    writeFileSync(join(folder, 'ca.pem'), authority.certificate);
    server = await startMariadb({ tls: authority.issue('localhost') });
    console.log(`MariaDB ${server.version}`);
    world = await startSqlWorld(server, ROOT_PASSWORD, {
      engine: 'mariadb',
      rotator: 'mariadb-two-passwords',
      database: 'app',
    });
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const user = (options: SubjectOptions = {}) => world.user(options);
  const opens = (value: Readonly<Record<string, unknown>>) => lets(server, value);

  it('accepts the current and the previous password, and no older one', async () => {
    const subject = await user();
    const values = [await subject.value()];
    for (let round = 0; round < 3; round++) {
      await succeed(subject);
      values.unshift(await subject.value());
    }
    expect(await Promise.all(values.map(opens))).toEqual([true, true, false, false]);
    expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).toEqual(Array(12).fill(0));
  });

  it('rotates over TLS with the certificate and its name verified', async () => {
    const variables = {
      STRONGROOM_HOST: 'localhost',
      STRONGROOM_TLS: 'verify-full',
      STRONGROOM_CA_FILE: join(folder, 'ca.pem'),
    };
    const subject = await user({ variables });
    const record = await subject.rotate();
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
    writeFileSync(join(folder, 'other.pem'), makeAuthority('another authority').certificate);
    const stranger = await user({ variables: { ...variables, STRONGROOM_CA_FILE: join(folder, 'other.pem') } });
    expect((await stranger.rotate()).error).toMatchObject({ name: 'CertificateNotTrusted' });
    const wrong = await user({ variables: { ...variables, STRONGROOM_HOST: '127.0.0.1' } });
    const refused = (await wrong.rotate()).error;
    expect(refused, String(refused)).toMatchObject({ name: 'CertificateNotTrusted' });
  });

  it('rotates as the packed function in a process of its own, over TLS', async () => {
    const subject = await user({
      variables: {
        STRONGROOM_HOST: 'localhost',
        STRONGROOM_TLS: 'verify-full',
        STRONGROOM_CA_FILE: join(folder, 'ca.pem'),
      },
    });
    await rotateByPacked(subject, folder, world.manager.endpoint);
    const old = await subject.value();
    await succeed(subject);
    expect(await opens(old)).toBe(true);
    expect(await opens(await subject.value())).toBe(true);
  });

  it('keeps the other login methods of the account', async () => {
    const subject = await user();
    const { username, password } = await subject.value();
    await server.query(
      `ALTER USER \`${username}\`@'127.%' IDENTIFIED VIA mysql_native_password USING PASSWORD('${password}') OR unix_socket`,
    );
    await succeed(subject);
    const [row] = await server.query(`SHOW CREATE USER \`${username}\`@'127.%'`);
    expect(String(Object.values(row ?? {})[0])).toMatch(/unix_socket/);
  });

  it('leaves another account of the same name alone', async () => {
    const subject = await user();
    const { username } = await subject.value();
    await server.query(`CREATE USER \`${username}\`@'10.%' IDENTIFIED BY 'other'`);
    const other = () => server.query(`SHOW CREATE USER \`${username}\`@'10.%'`);
    const before = await other();
    await succeed(subject);
    expect(await other()).toEqual(before);
  });

  it('puts both passwords right after somebody set another one, and after an abandoned rotation', async () => {
    const subject = await user();
    await succeed(subject);
    const current = await subject.value();
    await server.query(`SET PASSWORD FOR \`${current.username}\`@'127.%' = PASSWORD('of-a-person')`);
    await succeed(subject);
    expect(await opens(current)).toBe(true);
    const token = await subject.begin();
    for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
    await subject.put({ password: 'put-by-a-person' });
    await succeed(subject);
    expect(await opens(await subject.value())).toBe(true);
    expect(await opens({ ...current, password: 'put-by-a-person' })).toBe(true);
  });

  it('quotes names with every kind of quote in them', async () => {
    const subject = await user({ name: 'it\'s "a\\b" `x` %@ TO ü' });
    await succeed(subject);
    await succeed(subject);
    expect(await opens(await subject.value())).toBe(true);
  });

  it('refuses a user that the stack does not declare, before it calls the database', async () => {
    const subject = await user({ variables: { STRONGROOM_USERNAME: 'another', STRONGROOM_PORT: '1' } });
    expect(await subject.rotate()).toMatchObject({ error: { name: 'UserNotDeclared' } });
  });

  it('runs the probes at the test, and names the number of one that fails', async () => {
    const probes = ['SELECT 1', 'SELECT secret_word FROM mysql.user'];
    await server.query('CREATE DATABASE IF NOT EXISTS app');
    const subject = await user({ variables: { STRONGROOM_PROBES: JSON.stringify(probes) } });
    await server.query(`GRANT SELECT ON app.* TO \`${(await subject.value()).username}\`@'127.%'`);
    const error = (await subject.rotate()).error;
    expect(error).toMatchObject({ name: 'ProbeFailed', message: expect.stringContaining('probe 2 of 2') });
    expect(String(error)).not.toContain('secret_word');
    expect(subject.lines.map((line) => JSON.parse(line).error ?? 'done').slice(0, 3)).toEqual([
      'done',
      'done',
      'ProbeFailed',
    ]);
  });

  it('names a user of whom there are several accounts, none of which the current password opens', async () => {
    const subject = await user({ host: '10.8.%' });
    const { username } = await subject.value();
    await server.query(`CREATE USER \`${username}\`@'10.9.%' IDENTIFIED BY 'other'`);
    expect(await subject.rotate()).toMatchObject({ error: { name: 'UserMissing' } });
    await server.query(`DROP USER \`${username}\`@'10.8.%', \`${username}\`@'10.9.%'`);
  });

  describe('on a server with an account whose login method the driver lacks', () => {
    const names = Array.from({ length: 20 }, (_, n) => `nobody_${n}`);
    const failureOf = (username: string) =>
      connect(
        { host: server.host, port: server.port, database: 'app', tls: { mode: 'disabled' } },
        { username, password: 'none' },
        Deadline.ofStep({}),
      ).then(
        () => undefined,
        (error: Error) => error,
      );

    let missing: string | undefined;
    beforeAll(async () => {
      const [plugins] = await server.query('SELECT @@plugin_dir AS directory');
      if (!existsSync(join(String(plugins?.directory), `${PLUGIN}.so`)))
        missing = `MariaDB ${server.version} comes without the plugin ${PLUGIN}`;
      if (missing !== undefined) return;
      await server.query(`INSTALL SONAME '${PLUGIN}'`);
      await server.query("CREATE USER by_signature@'127.%' IDENTIFIED VIA ed25519 USING PASSWORD('none')");
    });
    beforeEach(({ skip }) => skip(!canRun('mariadb-plugins', missing)));
    afterAll(async () => {
      if (missing !== undefined) return;
      await server.query("DROP USER by_signature@'127.%'");
      await server.query(`UNINSTALL SONAME '${PLUGIN}'`);
    });

    it('S8 names the method that the server asks for, and the fix', async () => {
      expect(await failureOf('by_signature')).toMatchObject({
        name: 'LoginMethodNotSupported',
        message: expect.stringMatching(/asks for a login method, "client_ed25519",.*give the user a password/),
      });
    });

    it('S8 names an account with a password of before MySQL 4.1', async () => {
      await server.query("CREATE USER ancient@'127.%' IDENTIFIED VIA mysql_old_password");
      const failure = await failureOf('ancient');
      await server.query("DROP USER ancient@'127.%'");
      expect(failure).toMatchObject({ name: 'LoginMethodNotSupported' });
    });

    it('S8 tells of a user who is missing and is asked in the way of that account', async () => {
      const failures = await Promise.all(names.map(failureOf));
      const kinds = failures.map((failure) => failure?.name);
      expect([...new Set(kinds)].sort()).toEqual(['CredentialRefused', 'LoginMethodNotSupported']);
      expect(failures.find((failure) => failure?.name === 'LoginMethodNotSupported')?.message).toContain(
        'MariaDB may ask so for a user that is missing',
      );
    });

    it('makes a user who is missing in a rotation, and tries no login as that user before', async () => {
      const failures = await Promise.all(names.map(failureOf));
      const name = names.find((_, n) => failures[n]?.name === 'LoginMethodNotSupported');
      const subject = await user({ name: String(name), missing: true });
      const token = await subject.begin();
      await subject.step('createSecret', token);
      await subject.step('setSecret', token);
      // The superuser, the current password twice, and the pending one.
      expect(JSON.parse(subject.lines.at(-1) ?? '').logins).toEqual({ tried: 4, failed: 0 });
      await server.query(`DROP USER ${name}`);
    });
  });

  it('does not promote when the current password is refused at the test', async () => {
    const subject = await user();
    const token = await subject.begin();
    for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
    const { username } = await subject.value();
    const { password } = await subject.value(token);
    await server.query(`ALTER USER \`${username}\`@'127.%' IDENTIFIED BY '${password}'`);
    await expect(subject.step('testSecret', token)).rejects.toMatchObject({ name: 'CurrentRefused' });
  });

  it('never lets a password into the log of the server, which logs every statement, or into its own', async () => {
    const subject = await user();
    const first = await subject.value();
    await succeed(subject);
    const written = `${server.log()}\n${subject.lines.join('\n')}`;
    expect(written).toMatch(/ALTER USER .* IDENTIFIED VIA mysql_native_password/);
    const values = [first, await subject.value()];
    expect(values.filter(({ password }) => written.includes(String(password)))).toEqual([]);
  });

  const promises = {
    check: async (subject: Subject, before: Value) => {
      const current = await subject.value();
      expect(await opens(current)).toBe(true);
      if (current.password !== before.password) expect(await opens(before)).toBe(true);
    },
  };
  const journey = new CrashJourney<Subject>('mariadb-two-passwords', {
    make: (plan) => user({ plan }),
    log: () => server.log(),
    legs: { 'a first rotation': promises, 'a later rotation': promises },
  });

  it.each(['a first rotation', 'a later rotation'])(
    'survives a crash at any point of %s, and both passwords log in at every instant',
    async (name) => {
      expect(await journey.crashAtEveryPoint(name)).toBeGreaterThan(40);
    },
    LONG,
  );

  it(
    'survives a process that is frozen and has the lock, and the next try gets it from the server',
    async () => {
      const count = await journey.freezeWhileLocked('a later rotation', world.manager.service.driver);
      expect(count).toBeGreaterThan(5);
    },
    LONG,
  );
});
