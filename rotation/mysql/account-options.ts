import { quoteAccount, quoteName } from './quoting';
import { Cursor, tokensOf } from './tokens';

/** What `SHOW CREATE USER` says, but for passwords. */
export interface AccountOptions {
  readonly locked: boolean;
  /** By a person, or from its making on: not by its age. */
  readonly expired: boolean;
  /** The method of login. Undefined where MariaDB does not write it. */
  readonly plugin: string | undefined;
  readonly secondFactor: boolean;
  /** MySQL's. MariaDB has it in `SHOW GRANTS`. */
  readonly defaultRoles: readonly string[];
  /** TLS, limits and rules for passwords, each with what it is set to, in SQL. */
  readonly clauses: ReadonlyMap<string, string>;
}

export const EXPIRY = 'PASSWORD EXPIRE';

/** In the order that the grammar wants. A clause that is not written has the second as its value. */
const CLAUSES = [
  ['REQUIRE', 'NONE'],
  ['MAX_QUERIES_PER_HOUR', '0'],
  ['MAX_UPDATES_PER_HOUR', '0'],
  ['MAX_CONNECTIONS_PER_HOUR', '0'],
  ['MAX_USER_CONNECTIONS', '0'],
  ['MAX_STATEMENT_TIME', '0'],
  [EXPIRY, 'DEFAULT'],
  ['PASSWORD HISTORY', 'DEFAULT'],
  ['PASSWORD REUSE INTERVAL', 'DEFAULT'],
  ['PASSWORD REQUIRE CURRENT', 'DEFAULT'],
  ['FAILED_LOGIN_ATTEMPTS', '0'],
  ['PASSWORD_LOCK_TIME', '0'],
] as const;

/** @throws {SyntaxError} when it is no `CREATE USER` */
export function optionsIn(statement: string): AccountOptions {
  const cursor = new Cursor(tokensOf(statement));
  cursor.expects('CREATE', 'USER');
  let locked = false;
  let expired = false;
  let plugin: string | undefined;
  let secondFactor = false;
  const defaultRoles: string[] = [];
  const clauses = new Map<string, string>();
  while (!cursor.done) {
    const clause = CLAUSES.map(([name]) => name).find((name) => cursor.skips(...name.split(' ')));
    if (clause === EXPIRY && !cursor.sees('DEFAULT') && !cursor.sees('NEVER') && !cursor.sees('INTERVAL')) {
      expired = true;
    } else if (clause !== undefined) {
      clauses.set(clause, settingIn(cursor));
    } else if (cursor.skips('ACCOUNT', 'LOCK')) {
      locked = true;
    } else if (cursor.skips('DEFAULT', 'ROLE')) {
      do defaultRoles.push(roleIn(cursor));
      while (cursor.skips(','));
    } else if (cursor.skips('AND', 'IDENTIFIED')) {
      secondFactor = true;
    } else if (cursor.skips('IDENTIFIED', 'WITH')) {
      plugin = cursor.name();
    } else {
      cursor.next();
    }
  }
  return { locked, expired, plugin, secondFactor, defaultRoles, clauses };
}

/** The clauses, in SQL, that make the second account's options those of the first. Empty when they are. */
export function clausesFor(wanted: AccountOptions, actual: AccountOptions): readonly string[] {
  const value = ({ clauses }: AccountOptions, name: string, initial: string) => clauses.get(name) ?? initial;
  const differing = CLAUSES.filter(
    ([name, initial]) => value(wanted, name, initial) !== value(actual, name, initial),
  ).map(([name, initial]) => ({ name, sql: `${name} ${value(wanted, name, initial)}` }));
  const limits = differing.filter(({ name }) => name.startsWith('MAX_')).map(({ sql }) => sql);
  const before = differing.filter(({ name }) => name === 'REQUIRE').map(({ sql }) => sql);
  const after = differing.filter(({ name }) => name !== 'REQUIRE' && !name.startsWith('MAX_')).map(({ sql }) => sql);
  return [...before, ...(limits.length > 0 ? [`WITH ${limits.join(' ')}`] : []), ...after];
}

/** When the password expires, in SQL. */
export function expiryOf({ clauses }: AccountOptions): string {
  return `${EXPIRY} ${clauses.get(EXPIRY) ?? 'DEFAULT'}`;
}

function roleIn(cursor: Cursor): string {
  const user = cursor.name();
  return cursor.skips('@') ? quoteAccount({ user, host: cursor.name() }) : quoteName(user);
}

/** Up to where the next clause begins. */
function settingIn(cursor: Cursor): string {
  let text = '';
  let apart = false;
  while (!cursor.done && !beginsClause(cursor)) {
    const { kind, raw } = cursor.next();
    // A number with a fraction comes in three parts.
    text += apart && kind !== 'symbol' ? ` ${raw}` : raw;
    apart = kind !== 'symbol';
  }
  return text;
}

function beginsClause(cursor: Cursor): boolean {
  const starts = ['WITH', 'ACCOUNT', 'PASSWORD', 'ATTRIBUTE', 'COMMENT', 'FAILED_LOGIN_ATTEMPTS', 'PASSWORD_LOCK_TIME'];
  return [...starts, ...CLAUSES.map(([name]) => name).filter((name) => name.startsWith('MAX_'))].some((word) =>
    cursor.sees(word),
  );
}
