import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/certificates';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { canRun } from '../support/required';
import { succeed } from './every-point';
import { rotateByPacked } from './packed';
import { alternatingUsersSuite } from './suites/alternating-users';

describe.skipIf(!canRun('mariadb', mariadbMissing()))('MariaDB alternating users', () => {
  const authority = makeAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  alternatingUsersSuite(
    {
      engine: 'mariadb',
      rotator: 'mariadb-alternating-users',
      rootPassword: ROOT_PASSWORD,
      longestName: 80,
      start: () => startMariadb({ tls: authority.issue('localhost') }),
      setDefaultRole: (account, role) => `SET DEFAULT ROLE ${role} FOR ${account}`,
      passwordStatement: /ALTER USER .* IDENTIFIED VIA mysql_native_password USING '\*[0-9A-F]{40}'/,
    },
    (world) => {
      it('rotates as the packed function in a process of its own, over TLS that clients must use', async () => {
        writeFileSync(join(folder, 'ca.pem'), authority.certificate);
        const subject = await world().user({
          variables: {
            STRONGROOM_HOST: 'localhost',
            STRONGROOM_TLS: 'verify-full',
            STRONGROOM_CA_FILE: join(folder, 'ca.pem'),
          },
        });
        const base = `\`${subject.variables.STRONGROOM_USERNAME}\`@'127.%'`;
        await world().server.query(`ALTER USER ${base} REQUIRE SSL`);
        await rotateByPacked(subject, folder, world().manager.endpoint);
        await succeed(subject);
        await succeed(subject);
        const [row] = await world().server.query(`SHOW CREATE USER ${base.replace('`@', '_clone`@')}`);
        expect(String(Object.values(row ?? {})[0])).toContain('REQUIRE SSL');
      });

      it('keeps the other login methods of the base, and gives the clone none but its password', async () => {
        const subject = await world().user();
        const base = `\`${subject.variables.STRONGROOM_USERNAME}\`@'127.%'`;
        const { password } = await subject.value();
        await world().server.query(
          `ALTER USER ${base} IDENTIFIED VIA mysql_native_password USING PASSWORD('${password}') OR unix_socket`,
        );
        await succeed(subject);
        await succeed(subject);
        const methods = async (account: string) =>
          String(Object.values((await world().server.query(`SHOW CREATE USER ${account}`))[0] ?? {})[0]);
        expect(await methods(base)).toContain('unix_socket');
        expect(await methods(base.replace('`@', '_clone`@'))).not.toContain('unix_socket');
      });

      it('refuses a base that logs in without a password of ours', async () => {
        const subject = await world().user();
        const { password } = await subject.value();
        const base = `\`${subject.variables.STRONGROOM_USERNAME}\`@'127.%'`;
        await world().server.query(
          `ALTER USER ${base} IDENTIFIED VIA mysql_native_password USING PASSWORD('${password}') OR mysql_old_password`,
        );
        expect((await subject.rotate()).error).toMatchObject({ name: 'LoginMethodNotSupported' });
        // The server asks users whom it doesn't know in the way of some other account: none may have one that drivers lack.
        await world().server.query(`DROP USER ${base}`);
      });
    },
  );
});
