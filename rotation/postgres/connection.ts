import { isIP } from 'node:net';
import type { Client } from 'pg';
import { type Connect, placeOf } from '../database';
import { DatabaseSilent } from '../errors';
import { connectFailure, statementFailure } from './failures';

export type { Connect, Credential, Row, Session, Target } from '../database';
export { placeOf } from '../database';

/** From the first packet to the server's readiness for a statement: a server that accepts and then says nothing is caught. */
export const CONNECT_LIMIT_MS = 5_000;

/** A statement of ours takes milliseconds, unless it waits for a lock. */
const STATEMENT_LIMIT_MS = 8_000;

/** A polite goodbye is not worth more. */
const GOODBYE_LIMIT_MS = 500;

/** The driver: functions for other databases have no use for it. */
export const loadDriver = () => import('pg');

/** @throws {CredentialRefused} only if the server refused this username and password; every other cause has its own class. */
export const connect: Connect = async (target, { username, password }, deadline) => {
  const place = placeOf(target);
  const { Client } = await loadDriver();
  const client = new Client({
    host: target.host,
    port: target.port,
    database: target.database,
    user: username,
    password,
    ssl: target.tls.mode === 'disabled' ? false : verifiedTls(target.host, target.tls.ca),
    application_name: 'strongroom-rotation',
    options: '',
    fallback_application_name: '',
    keepAlive: false,
  });
  // Without a listener a connection that breaks between two statements would end the process.
  client.on('error', () => {});
  try {
    await within(
      deadline.left(CONNECT_LIMIT_MS),
      client,
      () => client.connect(),
      () => silent(place, 'the login'),
    );
  } catch (error) {
    destroy(client);
    throw connectFailure(error, place, username);
  }
  return {
    query: async (purpose, sql, values) => {
      try {
        const run = () => client.query(sql, values === undefined ? undefined : [...values]);
        const result = await within(deadline.left(STATEMENT_LIMIT_MS), client, run, () => silent(place, purpose));
        return result.rows ?? [];
      } catch (error) {
        throw statementFailure(error, purpose);
      }
    },
    close: async () => {
      await within(
        GOODBYE_LIMIT_MS,
        client,
        () => client.end(),
        () => silent(place, 'the end'),
      ).catch(() => {});
      destroy(client);
    },
  };
};

function silent(place: string, purpose: string): DatabaseSilent {
  return new DatabaseSilent(
    `${place}: no answer to ${purpose} in time; a firewall that drops packets, or a server that hangs`,
  );
}

function verifiedTls(host: string, ca: string) {
  return {
    ca,
    host,
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ...(isIP(host) === 0 ? { servername: host } : {}),
  };
}

/** Waits for a part of the protocol; when the time is up the socket is closed, so that nothing happens behind our back. */
async function within<T>(milliseconds: number, client: Client, start: () => Promise<T>, late: () => Error): Promise<T> {
  const running = start();
  // When the time is up, nobody listens to it any more.
  running.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      destroy(client);
      reject(late());
    }, milliseconds);
  });
  try {
    return await Promise.race([running, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

function destroy(client: Client): void {
  // The driver has no public way to close a connection without asking the server.
  const { connection } = client as unknown as { connection?: { stream?: { destroy(): void } } };
  connection?.stream?.destroy();
}
