import { isIP } from 'node:net';
import type { Connection } from 'mysql2/promise';
import { type Connect, placeOf, type Row } from '../database';
import { CertificateNotTrusted, DatabaseSilent } from '../errors';
import { connectFailure, statementFailure } from './failures';

/** From the first packet to the end of the login: a server that accepts and then says nothing is caught. */
export const CONNECT_LIMIT_MS = 5_000;

const STATEMENT_LIMIT_MS = 8_000;
const GOODBYE_LIMIT_MS = 500;

/** The driver: functions for other databases have no use for it. */
export const loadDriver = (): Promise<Pick<typeof import('mysql2/promise'), 'createConnection'>> =>
  import('mysql2/promise');

/**
 * Logs in to MySQL or MariaDB. Without a default database: users may be limited to some, and nothing here needs one.
 *
 * @throws {CredentialRefused} only if the server refused this username and password; every other cause has its own class.
 */
export const connect: Connect = async (target, { username, password }, deadline) => {
  const place = placeOf(target);
  const { createConnection } = await loadDriver();
  const limit = deadline.left(CONNECT_LIMIT_MS);
  const { host, port, tls } = target;
  // The driver compares the certificate of a server that has no name with `localhost`.
  if (tls.mode === 'verify-full' && isIP(host) !== 0) {
    throw new CertificateNotTrusted(
      `${place}: an address is not verified; set STRONGROOM_HOST to a name in its certificate`,
    );
  }
  const opening = createConnection({
    host,
    port,
    user: username,
    password,
    connectTimeout: limit,
    // The text as it is, never turned into SQL by the driver.
    multipleStatements: false,
    // The driver sets memory aside for 16,000 prepared statements with every connection; here are none.
    maxPreparedStatements: 1,
    charset: 'utf8mb4',
    ...(tls.mode === 'disabled'
      ? {}
      : {
          ssl: {
            ca: tls.ca,
            rejectUnauthorized: true,
            verifyIdentity: true,
            minVersion: 'TLSv1.2',
          },
        }),
    // What would let the server read a file of the function's.
    flags: ['-LOCAL_FILES'],
  });
  let connection: Connection;
  try {
    connection = await within(limit, opening, () => {
      // The driver's limit ends with the first packet; a login that comes after ours is thrown away.
      opening.then((late) => late.destroy()).catch(() => {});
      return silent(place, 'the login');
    });
  } catch (error) {
    throw connectFailure(error, place, username);
  }
  connection.on('error', () => {});
  return {
    query: async (purpose, sql, values) => {
      try {
        const limit = deadline.left(STATEMENT_LIMIT_MS);
        const running = connection.query(sql, values === undefined ? undefined : [...values]);
        const [rows] = await within(limit, running, () => {
          connection.destroy();
          return silent(place, purpose, 'a server that hangs, or MySQL whose tables of users somebody has locked');
        });
        return Array.isArray(rows) ? (rows as Row[]) : [];
      } catch (error) {
        throw statementFailure(error, purpose);
      }
    },
    close: async () => {
      await within(GOODBYE_LIMIT_MS, connection.end(), () => silent(place, 'the end')).catch(() => {});
      connection.destroy();
    },
  };
};

function silent(place: string, purpose: string, orElse = 'or a server that hangs'): DatabaseSilent {
  return new DatabaseSilent(`${place}: no answer to ${purpose} in time; a firewall that drops packets, ${orElse}`);
}

async function within<T>(milliseconds: number, running: Promise<T>, late: () => Error): Promise<T> {
  running.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([running, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
