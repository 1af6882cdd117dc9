/** A string constant that means the same in every SQL mode: no character of it is special. */
export function quoteText(text: string): string {
  if (/^[\w .:%*-]*$/.test(text)) return `'${text}'`;
  // A backslash is an escape in one mode and a character in another.
  return `_utf8mb4 0x${Buffer.from(text).toString('hex')}`;
}

/** A part of an account's name, `'user'` or `'host'`: between backticks, where only the backtick is special. */
export function quoteName(name: string): string {
  if (name.includes('\0')) throw new TypeError('there is no zero byte in names');
  return `\`${name.replaceAll('`', '``')}\``;
}

export interface Account {
  readonly user: string;
  readonly host: string;
}

export function quoteAccount({ user, host }: Account): string {
  return `${quoteName(user)}@${quoteName(host)}`;
}

/** As `CURRENT_USER()` says it: the host is behind the last `@`, because a user's name may have one. */
export function accountIn(text: string): Account {
  const at = text.lastIndexOf('@');
  return { user: text.slice(0, at), host: text.slice(at + 1) };
}
