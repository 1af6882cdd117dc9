import { PrivilegesDiffer } from '../errors';
import type { Account } from './quoting';
import { type Token, tokensOf, written } from './tokens';

/** One thing that an account may do or, of MySQL, may not do although a wider right says so. */
export interface Right {
  /** The same text for the same right, whoever has it; it names privileges and objects, and no account. */
  readonly key: string;
  /** What gives it to an account, whose name comes at the end. */
  readonly give: string;
  /** What takes it away. */
  readonly take: string;
  /** What stands behind the account's name. */
  readonly option: string;
  /** Given after, and taken away before, the wider right that it cuts. */
  readonly cuts: boolean;
}

/**
 * The rights of an account that lines of `SHOW GRANTS` say, one for each privilege, column and role, so that two accounts can be compared
 * whatever the order and the grouping of the lines.
 *
 * @throws {PrivilegesDiffer} on a line of a kind that is not known: a right that isn't understood can't be copied.
 * @see https://dev.mysql.com/doc/refman/8.4/en/show-grants.html
 * @see https://mariadb.com/kb/en/show-grants/
 */
export function rightsIn(lines: readonly string[], account: Account): readonly Right[] {
  return lines.flatMap((line) => rightsOfLine(tokensOf(line), account));
}

/** What one account has and the other has not. */
export function missingRights(from: readonly Right[], to: readonly Right[]): readonly Right[] {
  const keys = new Set(to.map(({ key }) => key));
  return from.filter(({ key }) => !keys.has(key));
}

/** The statements that make an account's rights those that are wanted; the narrower ones come where they take effect. */
export function changesOf(wanted: readonly Right[], actual: readonly Right[]): readonly Change[] {
  const more = missingRights(wanted, actual);
  const less = missingRights(actual, wanted);
  const give = (right: Right): Change => ({ right, sql: (account) => `${right.give} ${account}${right.option}` });
  const take = (right: Right): Change => ({ right, sql: (account) => `${right.take} ${account}` });
  // A right that is taken back whole takes those with it that are wanted singly on the same object.
  const whole = less.filter(({ key }) => key.startsWith(ALL));
  const again = wanted.filter((right) => whole.some(({ key }) => sameObject(key, right.key)) && !more.includes(right));
  return [
    ...less.filter(({ cuts }) => cuts).map(take),
    ...whole.map(take),
    ...[...more, ...again].filter(({ cuts }) => !cuts).map(give),
    ...less.filter((right) => !right.cuts && !whole.includes(right)).map(take),
    ...more.filter(({ cuts }) => cuts).map(give),
  ];
}

/** One statement to run for an account. */
export interface Change {
  readonly right: Right;
  readonly sql: (account: string) => string;
}

const ALL = 'ALL PRIVILEGES ON ';

/** Privileges of MySQL's that each carry an option of their own have a name with an underscore. */
const DYNAMIC = /^[A-Z]+(_[A-Z]+)+$/;

function sameObject(whole: string, single: string): boolean {
  return single.endsWith(` ON ${whole.slice(ALL.length)}`);
}

function rightsOfLine(tokens: readonly Token[], account: Account): readonly Right[] {
  // What is active after a login is compared apart.
  if (saysWords(tokens, ['SET', 'DEFAULT', 'ROLE'])) return [];
  const revoked = saysWords(tokens, ['REVOKE']);
  if (!revoked && !saysWords(tokens, ['GRANT'])) throw notKnown(tokens);
  const end = tokens.findLastIndex((token) => isWord(token, revoked ? 'FROM' : 'TO'));
  const before = tokens.slice(1, end);
  if (end < 1 || before.length === 0) throw notKnown(tokens);
  // MariaDB adds what the account has through others: PUBLIC, and the roles that are active.
  if (!isAccount(tokens.slice(end + 1), account)) return [];
  const option = optionOf(tokens.slice(end + 1));
  const on = before.findIndex((token) => isWord(token, 'ON'));
  if (on < 0 && revoked) throw notKnown(tokens);
  if (on < 0) return rolesOf(before, option);
  const object = written(before.slice(on + 1));
  const what = before.slice(0, on);
  if (saysWords(what, ['PROXY'])) return [proxyOf(object, option)];
  const names = partsOf(what).flatMap(byColumn);
  if (revoked) return names.map((name) => cutOf(name, object));
  const dynamic = names.filter((name) => DYNAMIC.test(name)).map((name) => dynamicOf(name, object, option));
  const plain = names
    .filter((name) => name !== 'USAGE' && !DYNAMIC.test(name))
    .map((name) => privilegeOf(name, object));
  return [...plain, ...dynamic, ...(option === '' || dynamic.length > 0 ? [] : [grantOptionOf(object)])];
}

function privilegeOf(name: string, object: string): Right {
  const key = `${name} ON ${object}`;
  return { key, give: `GRANT ${key} TO`, take: `REVOKE ${key} FROM`, option: '', cuts: false };
}

function dynamicOf(name: string, object: string, option: string): Right {
  return { ...privilegeOf(name, object), key: `${name} ON ${object}${option}`, option };
}

function grantOptionOf(object: string): Right {
  return {
    key: `GRANT OPTION ON ${object}`,
    give: `GRANT USAGE ON ${object} TO`,
    take: `REVOKE GRANT OPTION ON ${object} FROM`,
    option: ' WITH GRANT OPTION',
    cuts: false,
  };
}

function cutOf(name: string, object: string): Right {
  const { give, take } = privilegeOf(name, object);
  return { key: `no ${name} ON ${object}`, give: take, take: give, option: '', cuts: true };
}

function proxyOf(object: string, option: string): Right {
  const key = `PROXY ON ${object}`;
  return { key: key + option, give: `GRANT ${key} TO`, take: `REVOKE ${key} FROM`, option, cuts: false };
}

function rolesOf(tokens: readonly Token[], option: string): readonly Right[] {
  return partsOf(tokens).map((role) => {
    const name = written(role);
    return { key: `role ${name}${option}`, give: `GRANT ${name} TO`, take: `REVOKE ${name} FROM`, option, cuts: false };
  });
}

/** What is behind the account: limits and ways to log in are not rights, and are copied apart. */
function optionOf(tokens: readonly Token[]): string {
  const name = ['GRANT', 'ADMIN'].find((word) =>
    tokens.some((token, index) => isWord(token, word) && isWord(tokens[index + 1], 'OPTION')),
  );
  return name === undefined ? '' : ` WITH ${name} OPTION`;
}

/** `SELECT (a, b)` is two rights. */
function byColumn(part: readonly Token[]): readonly string[] {
  const open = part.findIndex(({ text }) => text === '(');
  if (open < 0) return [written(part)];
  const name = written(part.slice(0, open));
  return partsOf(part.slice(open + 1, -1)).map((column) => `${name} (${written(column)})`);
}

/** What stands between commas that are in no parentheses. */
function partsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const parts: Token[][] = [[]];
  let depth = 0;
  for (const token of tokens) {
    if (token.text === '(') depth++;
    if (token.text === ')') depth--;
    if (token.text === ',' && depth === 0) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.filter((part) => part.length > 0);
}

function saysWords(tokens: readonly Token[], words: readonly string[]): boolean {
  return words.every((word, index) => isWord(tokens[index], word));
}

function isWord(token: Token | undefined, word: string): boolean {
  return token !== undefined && !token.quoted && token.text.toUpperCase() === word;
}

function isAccount([user, at, host]: readonly Token[], account: Account): boolean {
  return user?.quoted === true && user.text === account.user && at?.text === '@' && host?.text === account.host;
}

/** The line itself may hold a hash: only its first words are shown. */
function notKnown(tokens: readonly Token[]): PrivilegesDiffer {
  const words = tokens.slice(0, 3).map(({ text, quoted }) => (quoted ? '…' : text));
  return new PrivilegesDiffer(
    `the server says a right as ${JSON.stringify(words.join(' '))}, which this function can't copy; use another strategy`,
  );
}
