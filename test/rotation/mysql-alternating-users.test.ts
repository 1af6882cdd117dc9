import { describe, expect, it } from 'vitest';
import { mysqlMissing, ROOT_PASSWORD, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { succeed } from './every-point';
import { alternatingUsersSuite } from './suites/alternating-users';

describe.skipIf(!canRun('mysql', mysqlMissing()))('MySQL alternating users', () => {
  alternatingUsersSuite(
    {
      engine: 'mysql',
      rotator: 'mysql-alternating-users',
      rootPassword: ROOT_PASSWORD,
      longestName: 32,
      start: () => startMysql(),
      setDefaultRole: (account, role) => `SET DEFAULT ROLE ${role} TO ${account}`,
      passwordStatement: /ALTER USER .* IDENTIFIED WITH/,
    },
    (world) => {
      const grants = async (name: string) =>
        (await world().server.query(`SHOW GRANTS FOR \`${name}\`@'127.%'`))
          .map((row) => String(Object.values(row)[0]).replaceAll(`\`${name}\``, 'WHO'))
          .sort();

      it('copies dynamic privileges and restrictions, takes them away, and lifts restrictions', async () => {
        await world().server.query('SET GLOBAL partial_revokes = ON');
        const subject = await world().user();
        const base = String(subject.variables.STRONGROOM_USERNAME);
        const rounds = [
          [
            'GRANT SELECT, INSERT, RELOAD ON *.* TO WHO',
            'GRANT BACKUP_ADMIN ON *.* TO WHO WITH GRANT OPTION',
            'GRANT XA_RECOVER_ADMIN ON *.* TO WHO',
            'REVOKE SELECT, INSERT ON mysql.* FROM WHO',
            'REVOKE INSERT ON archive.* FROM WHO',
          ],
          [
            'GRANT INSERT ON mysql.* TO WHO',
            'REVOKE XA_RECOVER_ADMIN ON *.* FROM WHO',
            'REVOKE BACKUP_ADMIN ON *.* FROM WHO',
            'GRANT BACKUP_ADMIN ON *.* TO WHO',
            'REVOKE SELECT ON archive.* FROM WHO',
          ],
          ['REVOKE SELECT, INSERT ON *.* FROM WHO', 'GRANT CONNECTION_ADMIN ON *.* TO WHO'],
        ];
        for (const statements of rounds) {
          for (const sql of statements) await world().server.query(sql.replace('WHO', `\`${base}\`@'127.%'`));
          await succeed(subject);
          expect(await grants(`${base}_clone`)).toEqual(await grants(base));
        }
      });

      it('ends a second password that the base has from before', async () => {
        const subject = await world().user();
        const base = `\`${subject.variables.STRONGROOM_USERNAME}\`@'127.%'`;
        const first = await subject.value();
        await world().server.query(`ALTER USER ${base} IDENTIFIED BY 'a-second-one' RETAIN CURRENT PASSWORD`);
        await succeed(subject);
        expect(await world().opens(first)).toBe(true);
        await succeed(subject);
        expect(await world().opens(first)).toBe(false);
        expect(await world().opens({ ...first, password: 'a-second-one' })).toBe(false);
        expect(await world().opens(await subject.value())).toBe(true);
      });

      it('refuses a base whose password it can not store', async () => {
        const subject = await world().user();
        const { password } = await subject.value();
        await world().server.query(
          `ALTER USER \`${subject.variables.STRONGROOM_USERNAME}\`@'127.%' IDENTIFIED WITH sha256_password BY '${password}'`,
        );
        const error = (await subject.rotate()).error;
        expect(error).toMatchObject({ name: 'LoginMethodNotSupported' });
      });

      it('copies a limit on failed logins, and rules for passwords', async () => {
        const subject = await world().user();
        const base = `\`${subject.variables.STRONGROOM_USERNAME}\`@'127.%'`;
        await world().server.query(
          `ALTER USER ${base} FAILED_LOGIN_ATTEMPTS 5 PASSWORD_LOCK_TIME UNBOUNDED PASSWORD HISTORY 4 PASSWORD REUSE INTERVAL 30 DAY`,
        );
        for (let round = 0; round < 3; round++) await succeed(subject);
        const [row] = await world().server.query(`SHOW CREATE USER ${base.replace('`@', '_clone`@')}`);
        expect(String(Object.values(row ?? {})[0])).toMatch(
          /PASSWORD HISTORY 4 PASSWORD REUSE INTERVAL 30 DAY .*FAILED_LOGIN_ATTEMPTS 5 PASSWORD_LOCK_TIME UNBOUNDED/,
        );
      });
    },
  );
});
