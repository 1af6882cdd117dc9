import { expect, it } from 'vitest';
import { mysqlMissing, ROOT_PASSWORD, startMysql } from '../support/mysql';
import { canRun } from '../support/required';
import { type AlternatingWorld, describeAlternatingAccounts, quoted } from './alternating-accounts';
import { succeed } from './every-point';

function ofMysqlAlone({ server, user, rights, nameOf }: AlternatingWorld): void {
  it('A3 copies rights of MySQL’s own that carry an option each, and what is cut out of a wider right', async () => {
    await server().query('SET GLOBAL partial_revokes = ON');
    const grants = ['SELECT ON *.*', 'BACKUP_ADMIN ON *.* WITH GRANT OPTION', 'XA_RECOVER_ADMIN ON *.*'];
    const subject = await user({ grants });
    const base = await nameOf(subject);
    await server().query(`REVOKE SELECT ON shop.* FROM ${quoted(base)}`);
    await succeed(subject);
    expect(await rights(`${base}_clone`)).toEqual(await rights(base));
    expect((await rights(base)).join('\n')).toContain('REVOKE SELECT ON `shop`.*');
    await server().query(`GRANT SELECT ON shop.* TO ${quoted(base)}`);
    await server().query(`REVOKE XA_RECOVER_ADMIN ON *.* FROM ${quoted(base)}`);
    await succeed(subject);
    await succeed(subject);
    expect(await rights(`${base}_clone`)).toEqual(await rights(base));
  });

  it('A3 copies who may be stood in for', async () => {
    await server().query("CREATE USER IF NOT EXISTS 'stood in for'@'%' IDENTIFIED BY 'x'");
    await server()
      .query("GRANT PROXY ON ''@'' TO root@localhost WITH GRANT OPTION")
      .catch(() => {});
    const subject = await user({ grants: ["PROXY ON 'stood in for'@'%'"] });
    const base = await nameOf(subject);
    await succeed(subject);
    expect(await rights(`${base}_clone`)).toEqual(await rights(base));
  });
}

describeAlternatingAccounts(
  {
    name: 'MySQL',
    rotator: 'mysql-alternating-users',
    engine: 'mysql',
    rootPassword: ROOT_PASSWORD,
    defaultRole: 'TO',
    start: startMysql,
    more: ofMysqlAlone,
  },
  !canRun('mysql', mysqlMissing()),
);
