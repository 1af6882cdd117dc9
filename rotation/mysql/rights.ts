import { type Account, quoteAccount, quoteName } from './quoting';
import { Cursor, tokensOf } from './tokens';

/** One thing that an account may do, or, of a restriction, may not. */
export interface Right {
  readonly kind: 'privilege' | 'dynamic' | 'restriction' | 'role' | 'proxy';
  /** In SQL: the privilege with its one column, the role, or the account that is stood in for. */
  readonly name: string;
  /** In SQL: what it is for, as `*.*` or PROCEDURE and a name. Empty for roles and proxies. */
  readonly on: string;
  /** May be passed on. Of privileges there is instead one right GRANT OPTION for all of an object's. */
  readonly option: boolean;
}

export const GRANT_OPTION = 'GRANT OPTION';
export const ALL = 'ALL PRIVILEGES';

export interface Rights {
  readonly rights: readonly Right[];
  /** MariaDB's. MySQL has them in `SHOW CREATE USER`. */
  readonly defaultRoles: readonly string[];
}

/**
 * What the lines of `SHOW GRANTS` for one account say; lines about MariaDB's roles that are in force are left out.
 *
 * @throws {SyntaxError} at a line that is not understood: to leave it out would lose a right without a word.
 */
export function rightsIn(lines: readonly string[], account: Account): Rights {
  const rights: Right[] = [];
  const defaultRoles: string[] = [];
  const own = quoteAccount(account);
  for (const line of lines) {
    if (line.startsWith(UNESCAPED_PROXY)) {
      rights.push(unescapedProxy(line, account));
      continue;
    }
    const cursor = new Cursor(tokensOf(line));
    if (cursor.skips('SET', 'DEFAULT', 'ROLE')) {
      const role = grantee(cursor);
      cursor.expects('FOR');
      if (grantee(cursor) === own) defaultRoles.push(role);
      continue;
    }
    const { to, found } = cursor.skips('REVOKE') ? restrictionIn(cursor) : grantIn(cursor);
    if (to === own) rights.push(...found);
    else if (to.includes('@')) throw new SyntaxError('it is about another account');
  }
  return { rights, defaultRoles };
}

/** MariaDB 11.4, unlike 10.11, quotes the names of a proxy so, and escapes nothing in them. */
const UNESCAPED_PROXY = "GRANT PROXY ON '";

function unescapedProxy(line: string, { user, host }: Account): Right {
  for (const option of [false, true]) {
    const end = `' TO '${user}'@'${host}'${option ? ' WITH GRANT OPTION' : ''}`;
    if (!line.endsWith(end)) continue;
    const proxied = line.slice(UNESCAPED_PROXY.length, -end.length);
    const at = proxied.lastIndexOf("'@'");
    if (at < 0) break;
    const name = quoteAccount({ user: proxied.slice(0, at), host: proxied.slice(at + 3) });
    return { kind: 'proxy', name, on: '', option };
  }
  throw new SyntaxError('a proxy is written in an unknown way');
}

interface Line {
  readonly to: string;
  readonly found: readonly Right[];
}

function restrictionIn(cursor: Cursor): Line {
  const names = privileges(cursor);
  const on = cursor.until('FROM');
  cursor.expects('FROM');
  return { to: grantee(cursor), found: names.map((name) => ({ kind: 'restriction', name, on, option: false })) };
}

function grantIn(cursor: Cursor): Line {
  cursor.expects('GRANT');
  if (cursor.skips('PROXY', 'ON')) {
    const name = grantee(cursor);
    cursor.expects('TO');
    const to = grantee(cursor);
    return { to, found: [{ kind: 'proxy', name, on: '', option: endsWith(cursor, 'GRANT') }] };
  }
  if (cursor.peek()?.kind === 'word') return privilegesIn(cursor);
  const roles = [grantee(cursor)];
  while (cursor.skips(',')) roles.push(grantee(cursor));
  cursor.expects('TO');
  const to = grantee(cursor);
  const option = endsWith(cursor, 'ADMIN');
  return { to, found: roles.map((name) => ({ kind: 'role', name, on: '', option })) };
}

function privilegesIn(cursor: Cursor): Line {
  const names = privileges(cursor);
  const on = cursor.until('TO');
  cursor.expects('TO');
  const to = grantee(cursor);
  const option = endsWith(cursor, 'GRANT');
  // Only the names of MySQL's dynamic privileges have an underscore, and each of those has an option of its own.
  const dynamic = names.filter((name) => /^\w+_\w+$/.test(name));
  const fixed = names.filter((name) => name !== 'USAGE' && !dynamic.includes(name));
  const passedOn = option && dynamic.length === 0 ? [GRANT_OPTION] : [];
  return {
    to,
    found: [
      ...dynamic.map((name) => ({ kind: 'dynamic', name, on, option }) as const),
      ...[...fixed, ...passedOn].map((name) => ({ kind: 'privilege', name, on, option: false }) as const),
    ],
  };
}

/** Each privilege of a list, and each of its columns by itself; goes past the word ON. */
function privileges(cursor: Cursor): string[] {
  const found: string[] = [];
  do {
    const words: string[] = [];
    while (cursor.peek()?.kind === 'word' && !cursor.sees('ON')) words.push(cursor.next().value);
    const privilege = words.join(' ');
    if (cursor.skips('(')) {
      do found.push(`${privilege} (${quoteName(cursor.name())})`);
      while (cursor.skips(','));
      cursor.expects(')');
    } else {
      found.push(privilege);
    }
  } while (cursor.skips(','));
  cursor.expects('ON');
  return found;
}

/** An account, or one of MariaDB's roles, which have no host, or PUBLIC, which is a word. */
function grantee(cursor: Cursor): string {
  if (cursor.peek()?.kind === 'word') return cursor.next().value;
  const user = cursor.name();
  return cursor.skips('@') ? quoteAccount({ user, host: cursor.name() }) : quoteName(user);
}

function endsWith(cursor: Cursor, option: 'GRANT' | 'ADMIN'): boolean {
  while (!cursor.done) {
    if (cursor.skips(option, 'OPTION')) return true;
    cursor.next();
  }
  return false;
}

export function same(a: Right, b: Right): boolean {
  return alike(a, b) && a.option === b.option;
}

/** The same but for whether it may be passed on. */
export function alike(a: Right, b: Right): boolean {
  return a.kind === b.kind && a.name === b.name && a.on === b.on;
}

export function describe({ kind, name, on, option }: Right): string {
  const what = {
    privilege: name,
    dynamic: name,
    restriction: `no ${name}`,
    role: `role ${name}`,
    proxy: `PROXY ${name}`,
  };
  return `${what[kind]}${on === '' ? '' : ` on ${on}`}${option ? ', to pass on' : ''}`;
}
