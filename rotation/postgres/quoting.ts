/**
 * An identifier as PostgreSQL reads it back unchanged, whatever characters it has.
 *
 * @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS
 */
export function quoteName(name: string): string {
  refuseZeroByte(name);
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string constant that means the same whether or not standard_conforming_strings is on. */
export function quoteText(text: string): string {
  refuseZeroByte(text);
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`;
  return text.includes('\\') ? ` E${quoted}` : quoted;
}

function refuseZeroByte(text: string): void {
  if (text.includes('\0')) throw new TypeError('PostgreSQL has no zero byte in names or strings');
}
