import { expect } from 'vitest';
import type { SqlServer } from '../../../drill/servers/sql-server';
import type { Subject } from '../subject';
import { type SqlWorld, type SubjectOptions, sqlName } from './sql-world';

export const ODD_DATABASE = 'it\'s "odd" `db` TO x';

/** What differs between the servers that alternating users are tested on. */
export interface Flavour {
  readonly engine: string;
  readonly rotator: string;
  readonly rootPassword: string;
  readonly longestName: number;
  start(): Promise<SqlServer>;
  setDefaultRole(account: string, role: string): string;
  /** What the general log must hold of the last statement. */
  readonly passwordStatement: RegExp;
}

/** Databases, roles and a table that the users of the tests have rights on. */
export async function prepareServer({ server }: SqlWorld): Promise<void> {
  await server.queries([
    'CREATE DATABASE shop',
    'CREATE TABLE shop.item (id INT, name TEXT)',
    'INSERT INTO shop.item VALUES (1, "row-of-the-item")',
    'CREATE PROCEDURE shop.count_items() SELECT COUNT(*) FROM shop.item',
    `CREATE DATABASE ${sqlName(ODD_DATABASE)}`,
    `CREATE TABLE ${sqlName(ODD_DATABASE)}.\`100%\` (id INT, \`a \`\`b\`\` TO 'c', ON "d"\` INT)`,
    'CREATE DATABASE archive',
    'CREATE TABLE archive.old (id INT)',
    'CREATE ROLE reader, writer',
    'GRANT SELECT ON archive.* TO reader',
    'GRANT INSERT ON archive.* TO writer',
    "CREATE USER `some one`@'%' IDENTIFIED BY 'nobody-logs-in'",
  ]);
}

/** Users with rights of every kind, and what can be asked about them. */
export interface Pairs {
  pair(options?: SubjectOptions): Promise<Subject>;
  /** Fails unless the server itself says the same of the clone as of the base. */
  same(subject: Subject, host?: string): Promise<void>;
  said(name: string, host?: string): Promise<readonly string[]>;
  /** Runs a statement as the user of a value of the secret. */
  run(value: Readonly<Record<string, unknown>>, sql: string): Promise<readonly unknown[]>;
}

export const baseOf = (subject: Subject) => String(subject.variables.STRONGROOM_USERNAME);

export const account = (name: string, host = '127.%') => `${sqlName(name)}@'${host}'`;

export function pairsIn(world: () => SqlWorld, flavour: Pick<Flavour, 'setDefaultRole'>): Pairs {
  /** A user with rights of every kind that both servers have. */
  async function pair(options: SubjectOptions = {}): Promise<Subject> {
    const subject = await world().user(options);
    const user = account(baseOf(subject), options.host);
    await world().server.queries([
      `GRANT SELECT, INSERT ON shop.* TO ${user} WITH GRANT OPTION`,
      `GRANT ALL ON \`arch\\_%\`.* TO ${user}`,
      `GRANT SELECT (id, \`a \`\`b\`\` TO 'c', ON "d"\`), UPDATE (id) ON ${sqlName(ODD_DATABASE)}.\`100%\` TO ${user}`,
      `GRANT EXECUTE ON PROCEDURE shop.count_items TO ${user}`,
      `GRANT reader TO ${user}`,
      `GRANT writer TO ${user} WITH ADMIN OPTION`,
      flavour.setDefaultRole(user, 'reader'),
      `GRANT PROXY ON \`some one\`@'%' TO ${user}`,
      `ALTER USER ${user} WITH MAX_USER_CONNECTIONS 30 PASSWORD EXPIRE INTERVAL 180 DAY`,
    ]);
    return subject;
  }

  /** What the server itself says of accounts, without their names and passwords, in an order of its own. */
  async function saidOf(names: readonly string[], host?: string): Promise<readonly (readonly string[])[]> {
    const answers = await world().server.queries(
      names.flatMap((name) => [`SHOW GRANTS FOR ${account(name, host)}`, `SHOW CREATE USER ${account(name, host)}`]),
    );
    return names.map((name, index) =>
      answers
        .slice(2 * index, 2 * index + 2)
        .flat()
        .map((row) =>
          String(Object.values(row)[0])
            .replaceAll(sqlName(name), 'WHO')
            // MariaDB 11 writes proxies so.
            .replaceAll(`'${name}'`, 'WHO')
            .replace(
              /IDENTIFIED (BY PASSWORD '[^']*'|WITH '\w+' AS (0x[0-9A-F]+|'(?:[^'\\]|\\.|'')*'))/su,
              'IDENTIFIED',
            )
            .split(/, (?=[`A-Z])|[()]/)
            .sort()
            .join('\n'),
        )
        .sort(),
    );
  }

  const said = async (name: string, host?: string) => (await saidOf([name], host))[0] ?? [];

  async function same(subject: Subject, host?: string): Promise<void> {
    const base = baseOf(subject);
    const [ofClone, ofBase] = await saidOf([`${base}_clone`, base], host);
    expect(ofClone).not.toEqual([]);
    expect(ofClone).toEqual(ofBase);
  }

  async function run(value: Readonly<Record<string, unknown>>, sql: string): Promise<readonly unknown[]> {
    const connection = await world().server.connect(String(value.username), String(value.password));
    try {
      const [rows] = await connection.query(sql);
      return Array.isArray(rows) ? rows : [];
    } finally {
      await connection.end();
    }
  }

  return { pair, same, said, run };
}
