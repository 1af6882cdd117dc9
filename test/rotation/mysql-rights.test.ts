import { describe, expect, it } from 'vitest';
import { clausesFor, optionsIn } from '../../rotation/mysql/account-options';
import { changes } from '../../rotation/mysql/right-statements';
import { describe as inWords, rightsIn } from '../../rotation/mysql/rights';
import { tokensOf } from '../../rotation/mysql/tokens';

const ACCOUNT = { user: 'app', host: '127.%' };
const TO = '`app`@`127.%`';

const words = (...lines: readonly string[]) => rightsIn(lines, ACCOUNT).rights.map(inWords);

describe('what SHOW GRANTS says', () => {
  it.each([
    [`GRANT USAGE ON *.* TO ${TO} IDENTIFIED BY PASSWORD '*AB' REQUIRE SUBJECT ' WITH GRANT OPTION'`, []],
    [`GRANT USAGE ON *.* TO ${TO} WITH GRANT OPTION MAX_USER_CONNECTIONS 5`, ['GRANT OPTION on *.*']],
    [`GRANT SELECT, CREATE VIEW ON \`a\`.* TO ${TO}`, ['SELECT on `a`.*', 'CREATE VIEW on `a`.*']],
    [
      `GRANT SELECT (\`x\`, \`a\`\`b, ON TO\`), INSERT ON \`a\`.\`t\` TO ${TO}`,
      ['SELECT (`x`) on `a`.`t`', 'SELECT (`a``b, ON TO`) on `a`.`t`', 'INSERT on `a`.`t`'],
    ],
    [`GRANT EXECUTE ON PACKAGE BODY \`a\`.\`p\` TO ${TO}`, ['EXECUTE on PACKAGE BODY `a`.`p`']],
    [`GRANT ALL PRIVILEGES ON \`x TO y ON\`.* TO ${TO}`, ['ALL PRIVILEGES on `x TO y ON`.*']],
    [
      `GRANT BACKUP_ADMIN,XA_RECOVER_ADMIN ON *.* TO ${TO} WITH GRANT OPTION`,
      ['BACKUP_ADMIN on *.*, to pass on', 'XA_RECOVER_ADMIN on *.*, to pass on'],
    ],
    [`REVOKE SELECT, INSERT ON \`mysql\`.* FROM ${TO}`, ['no SELECT on `mysql`.*', 'no INSERT on `mysql`.*']],
    [
      `GRANT \`r1\`@\`%\`,\`r 2\`@\`%\` TO ${TO} WITH ADMIN OPTION`,
      ['role `r1`@`%`, to pass on', 'role `r 2`@`%`, to pass on'],
    ],
    [`GRANT \`reader\` TO ${TO}`, ['role `reader`']],
    [`GRANT PROXY ON 'o'@'n' TO e'@'%' TO 'app'@'127.%' WITH GRANT OPTION`, ["PROXY `o'@'n' TO e`@`%`, to pass on"]],
    [`GRANT PROXY ON \`o\`\`n e\`@\`%\` TO ${TO}`, ['PROXY `o``n e`@`%`']],
  ])('is understood: %s', (line, expected) => {
    expect(words(line)).toEqual(expected);
  });

  it('is left out where it is about a role that is in force', () => {
    expect(words('GRANT SELECT ON `a`.* TO `reader`', 'GRANT USAGE ON *.* TO PUBLIC')).toEqual([]);
  });

  it.each([
    'DENY SELECT ON `a`.* TO `app`@`127.%`',
    `GRANT SELECT TO ${TO}`,
    'GRANT SELECT ON `a`.*',
    'GRANT SELECT ON `a`.* TO `app`@`%`',
    "GRANT PROXY ON 'a'@'%' TO 'other'@'%'",
  ])('is refused rather than lost: %s', (line) => {
    expect(() => words(line)).toThrow(SyntaxError);
  });

  it('keeps the name of a default role', () => {
    expect(rightsIn([`SET DEFAULT ROLE \`reader\` FOR ${TO}`], ACCOUNT).defaultRoles).toEqual(['`reader`']);
  });
});

describe('the way from what an account has to what it should have', () => {
  const sql = (wanted: readonly string[], actual: readonly string[]) =>
    changes(rightsIn(wanted, ACCOUNT).rights, rightsIn(actual, ACCOUNT).rights, ACCOUNT).map((change) => change.sql);
  const all = [`GRANT ALL PRIVILEGES ON \`a\`.* TO ${TO}`];
  const few = [`GRANT SELECT, INSERT ON \`a\`.* TO ${TO}`];

  it('is empty when there is no difference', () => {
    expect(sql(few, few)).toEqual([]);
  });

  it('grants before it revokes', () => {
    expect(sql([`GRANT UPDATE ON \`a\`.* TO ${TO}`], few)).toEqual([
      `GRANT UPDATE ON \`a\`.* TO ${TO}`,
      `REVOKE SELECT, INSERT ON \`a\`.* FROM ${TO}`,
    ]);
  });

  it('does not take away by name what comes with everything', () => {
    expect(sql(all, few)).toEqual(all);
  });

  it('takes one privilege that is not wanted from everything, so that none that is wanted is gone for a moment', () => {
    expect(sql(few, all)).toEqual([`REVOKE UPDATE ON \`a\`.* FROM ${TO}`]);
  });

  it('takes a role away and gives it again without the right to pass it on', () => {
    expect(sql([`GRANT \`r\` TO ${TO}`], [`GRANT \`r\` TO ${TO} WITH ADMIN OPTION`])).toEqual([
      `REVOKE \`r\` FROM ${TO}`,
      `GRANT \`r\` TO ${TO}`,
    ]);
  });

  it('lifts a restriction by a grant, and sets one by a revocation', () => {
    const restricted = [`REVOKE SELECT ON \`mysql\`.* FROM ${TO}`];
    expect(sql([], restricted)).toEqual([`GRANT SELECT ON \`mysql\`.* TO ${TO}`]);
    expect(sql(restricted, [])).toEqual(restricted);
  });
});

describe('what SHOW CREATE USER says', () => {
  const mysql = `CREATE USER ${TO} IDENTIFIED WITH 'caching_sha2_password' AS <secret> DEFAULT ROLE \`a\`@\`%\`,\`b\`@\`%\` REQUIRE SUBJECT '/CN=ACCOUNT LOCK' WITH MAX_USER_CONNECTIONS 5 PASSWORD EXPIRE INTERVAL 90 DAY ACCOUNT UNLOCK PASSWORD HISTORY 3 PASSWORD REUSE INTERVAL DEFAULT PASSWORD REQUIRE CURRENT FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME UNBOUNDED ATTRIBUTE '{"comment": "PASSWORD EXPIRE"}'`;
  const plain = `CREATE USER ${TO} IDENTIFIED BY PASSWORD '*AB'`;

  it('is understood on MySQL', () => {
    expect(optionsIn(mysql)).toMatchObject({
      locked: false,
      expired: false,
      plugin: 'caching_sha2_password',
      secondFactor: false,
      defaultRoles: ['`a`@`%`', '`b`@`%`'],
    });
  });

  it('is understood on MariaDB, where what is not set is not written', () => {
    expect(optionsIn(`${plain} ACCOUNT LOCK PASSWORD EXPIRE`)).toMatchObject({ locked: true, expired: true });
    expect([...optionsIn(plain).clauses]).toEqual([]);
  });

  it('can be given to another account, and taken from it', () => {
    expect(clausesFor(optionsIn(mysql), optionsIn(plain)).join(' ')).toBe(
      "REQUIRE SUBJECT '/CN=ACCOUNT LOCK' WITH MAX_USER_CONNECTIONS 5 PASSWORD EXPIRE INTERVAL 90 DAY PASSWORD HISTORY 3 PASSWORD REQUIRE CURRENT  FAILED_LOGIN_ATTEMPTS 3 PASSWORD_LOCK_TIME UNBOUNDED",
    );
    expect(clausesFor(optionsIn(plain), optionsIn(`${plain} WITH MAX_STATEMENT_TIME 1.500000`))).toEqual([
      'WITH MAX_STATEMENT_TIME 0',
    ]);
    expect(clausesFor(optionsIn(`${plain} WITH MAX_STATEMENT_TIME 1.500000`), optionsIn(plain))).toEqual([
      'WITH MAX_STATEMENT_TIME 1.500000',
    ]);
  });

  it('shows a second factor', () => {
    expect(optionsIn(`CREATE USER ${TO} IDENTIFIED WITH 'a' AS '' AND IDENTIFIED WITH 'b'`).secondFactor).toBe(true);
  });
});

describe('tokens', () => {
  it('keep quotes, backslashes and line ends of names and strings', () => {
    const tokens = tokensOf('`a``\\b\n` \'it\'\'s \\\\ \\n\' "d""e"');
    expect(tokens.map(({ value }) => value)).toEqual(['a`\\b\n', "it's \\ \n", 'd"e']);
  });
});
