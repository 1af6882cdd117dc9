import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/certificates';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { canRun } from '../support/required';
import { startSqlWorld } from './suites/sql-world';
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

// MySQL has had nothing below TLS 1.2 since 8.0.28.
describe.skipIf(!canRun('mariadb', mariadbMissing()))('MariaDB with TLS 1.0 alone', () => {
  it('ends the rotation of mariadb-two-passwords: it is named TlsFailed, with what to do, and no password is sent', async () => {
    const settings = { 'tls-version': 'TLSv1.0', 'ssl-cipher': ANYTHING };
    const world = await startSqlWorld(await startMariadb({ tls: certificate, settings }), ROOT_PASSWORD, {
      engine: 'mariadb',
      rotator: 'mariadb-two-passwords',
    });
    const { port } = world.server;
    const login = { host: 'localhost', port, user: 'root', password: ROOT_PASSWORD, ssl: oldClient };
    const client = await createConnection(login);
    const [rows] = await client.query("SHOW STATUS LIKE 'Ssl_version'");
    await client.end();
    expect(rows).toMatchObject([{ Value: 'TLSv1' }]);
    const subject = await world.user({ variables: overTls });
    const before = world.server.log().length;
    expect((await subject.rotate()).error).toMatchObject({
      name: 'TlsFailed',
      message: expect.stringContaining('TLS 1.2 or later'),
    });
    expect(world.server.log().slice(before)).not.toContain('Connect');
    await world.stop();
  });
});
