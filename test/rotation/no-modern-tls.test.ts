import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/certificates';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { type SqlWorld, startSqlWorld } from './suites/sql-world';
import { startWorld } from './world';

/** What a server must be told before it goes back to TLS 1.0, and a client too. */
const ANYTHING = 'DEFAULT@SECLEVEL=0';

const authority = makeAuthority();
const certificate = authority.issue('localhost');
const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
const overTls = {
  STRONGROOM_HOST: 'localhost',
  STRONGROOM_TLS: 'verify-full',
  STRONGROOM_CA_FILE: join(folder, 'ca.pem'),
};
const oldClient = { ca: authority.certificate, minVersion: 'TLSv1', ciphers: ANYTHING } as const;

beforeAll(() => writeFileSync(overTls.STRONGROOM_CA_FILE, authority.certificate));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('PostgreSQL with TLS 1.0 alone', () => {
  it('ends the rotation of postgres-single-user: it is named TlsFailed, with what to do, and no password is sent', async () => {
    const world = await startWorld({
      tls: certificate,
      settings: { ssl_min_protocol_version: 'TLSv1', ssl_max_protocol_version: 'TLSv1', ssl_ciphers: ANYTHING },
    });
    const { port, superuser: user, password } = world.postgres;
    const client = new Client({ host: 'localhost', port, user, password, database: 'postgres', ssl: oldClient });
    await client.connect();
    const { rows } = await client.query('SELECT version FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await client.end();
    expect(rows).toEqual([{ version: 'TLSv1' }]);
    const app = await world.application({ variables: overTls });
    const before = world.postgres.log().length;
    expect((await app.rotate()).error).toMatchObject({
      name: 'TlsFailed',
      message: expect.stringContaining('TLS 1.2 or later'),
    });
    expect(world.postgres.log().slice(before)).not.toContain('connection authenticated');
    await world.stop();
  });
});

describe.each([
  ['mariadb', 'mariadb-two-passwords', mariadbMissing, startMariadb, { ssl: '0' }],
  ['mysql', 'mysql-dual-password', mysqlMissing, startMysql, { 'tls-version': '' }],
] as const)('%s', (engine, rotator, missing, start, withoutTls) => {
  describe.skipIf(!canRun(engine, missing()))('on a real server', () => {
    let world: SqlWorld;
    afterEach(() => world.stop());

    /** The name and the text of what a rotation ends with that must not come as far as a login. */
    async function failure() {
      const subject = await world.user({ variables: overTls });
      const before = world.server.log().length;
      const { error } = await subject.rotate();
      expect(world.server.log().slice(before)).not.toContain('Connect');
      return error;
    }

    it('without TLS is named TlsNotOffered, and no password is sent', async () => {
      world = await startSqlWorld(await start({ settings: withoutTls }), ROOT_PASSWORD, { engine, rotator });
      expect(await failure()).toMatchObject({ name: 'TlsNotOffered' });
    });

    // MySQL has had nothing below TLS 1.2 since 8.0.28.
    if (engine === 'mariadb') {
      it('with TLS 1.0 alone is named TlsFailed, with what to do, and no password is sent', async () => {
        const settings = { 'tls-version': 'TLSv1.0', 'ssl-cipher': ANYTHING };
        world = await startSqlWorld(await start({ tls: certificate, settings }), ROOT_PASSWORD, { engine, rotator });
        const { port } = world.server;
        const login = { host: 'localhost', port, user: 'root', password: ROOT_PASSWORD, ssl: oldClient };
        const client = await createConnection(login);
        const [rows] = await client.query("SHOW STATUS LIKE 'Ssl_version'");
        await client.end();
        expect(rows).toMatchObject([{ Value: 'TLSv1' }]);
        expect(await failure()).toMatchObject({
          name: 'TlsFailed',
          message: expect.stringContaining('TLS 1.2 or later'),
        });
      });
    }
  });
});
