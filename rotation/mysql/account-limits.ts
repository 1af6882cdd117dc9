import type { Row, Session } from '../database';
import type { Account } from './quoting';

/** What an account must do to log in and how much it may do, as both servers keep it. */
const COLUMNS = [
  'ssl_type',
  'ssl_cipher',
  'x509_issuer',
  'x509_subject',
  'max_questions',
  'max_updates',
  'max_connections',
  'max_user_connections',
] as const;

/** The clauses of `ALTER USER` that give an account the TLS requirement and the limits of another. */
export function limitsOf(row: Row): string {
  return `REQUIRE ${requirement(row)} WITH MAX_QUERIES_PER_HOUR ${count(row, 'max_questions')} MAX_UPDATES_PER_HOUR ${count(row, 'max_updates')} MAX_CONNECTIONS_PER_HOUR ${count(row, 'max_connections')} MAX_USER_CONNECTIONS ${count(row, 'max_user_connections')}`;
}

/** Reads an account's row; undefined when there is none. */
export async function readAccountRow(
  session: Session,
  account: Account,
  more: readonly string[],
): Promise<Row | undefined> {
  const [row] = await session.query(
    'reading the account',
    `SELECT ${[...COLUMNS, ...more].join(', ')} FROM mysql.user WHERE User = ? AND Host = ?`,
    [account.user, account.host],
  );
  return row;
}

/** @see https://dev.mysql.com/doc/refman/8.4/en/create-user.html#create-user-tls */
function requirement(row: Row): string {
  switch (text(row, 'ssl_type')) {
    case 'ANY':
      return 'SSL';
    case 'X509':
      return 'X509';
    case 'SPECIFIED':
      return [
        ['CIPHER', text(row, 'ssl_cipher')],
        ['ISSUER', text(row, 'x509_issuer')],
        ['SUBJECT', text(row, 'x509_subject')],
      ]
        .filter(([, value]) => value !== '')
        .map(([name, value]) => `${name} ${plainText(value ?? '')}`)
        .join(' AND ');
    default:
      return 'NONE';
  }
}

/** The grammar wants a plain string here. In every SQL mode but one a backslash that is meant is written twice. */
function plainText(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Columns of certificates come as bytes. */
function text(row: Row, name: string): string {
  const value = row[name];
  return Buffer.isBuffer(value) ? value.toString() : String(value ?? '');
}

function count(row: Row, name: string): number {
  const value = Number(row[name] ?? 0);
  return Number.isSafeInteger(value) ? value : 0;
}
