import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tryLogin } from '../../doctor/login';
import { makeAuthority } from '../support/certificates';
import { type Mariadb, mariadbMissing, startMariadb } from '../support/mariadb';
import { type Mysql, mysqlMissing, startMysql } from '../support/mysql';
import { canRun } from '../support/required';

const SERVERS = [
  ['mariadb', mariadbMissing, startMariadb],
  ['mysql', mysqlMissing, startMysql],
] as const;

describe.each(SERVERS)('a login of the doctor at %s', (part, missing, start) => {
  describe.skipIf(!canRun(part, missing()))('on a real server', () => {
    const authority = makeAuthority();
    const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
    const caFile = join(folder, 'ca.pem');
    let server: Mariadb | Mysql;

    beforeAll(async () => {
      writeFileSync(caFile, authority.certificate);
      server = await start({ tls: authority.issue('localhost') });
      await server.query("CREATE USER patient@'%' IDENTIFIED BY 'right'");
      await server.query('CREATE DATABASE app');
    });
    afterAll(async () => {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    const value = (more: object = {}) =>
      JSON.stringify({
        engine: part,
        host: 'localhost',
        port: server.port,
        username: 'patient',
        password: 'right',
        ...more,
      });

    it('is accepted with the right password, over verified TLS and without', async () => {
      expect(await tryLogin(value(), { caFile })).toEqual({ kind: 'accepted' });
      expect(await tryLogin(value({ host: '127.0.0.1' }), { withoutTls: true })).toEqual({ kind: 'accepted' });
    });

    it('is refused with a wrong password', async () => {
      expect(await tryLogin(value({ password: 'wrong' }), { caFile })).toEqual({ kind: 'refused' });
    });

    it.each([
      ['a database that the user may not see', { dbname: 'app' }, true],
      ['a port where nobody listens', { port: 1 }, true],
      ['a certificate that is not trusted', {}, false],
    ])('says nothing about the password behind %s', async (_, more, trusted) => {
      expect(await tryLogin(value(more), trusted ? { caFile } : {})).toMatchObject({ kind: 'not tried' });
    });
  });
});
