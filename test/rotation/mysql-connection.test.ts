import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Deadline } from '../../rotation/deadline';
import { CONNECT_LIMIT_MS, connect } from '../../rotation/mysql/connection';
import { listen } from '../support/listener';

/** What the first packet of a MySQL server says that lets nobody in, before it has asked who is there. */
function refusal(number: number, said: string): Buffer {
  const body = Buffer.concat([Buffer.from([0xff, number & 0xff, number >> 8]), Buffer.from(said)]);
  return Buffer.concat([Buffer.from([body.length, 0, 0, 0]), body]);
}

const target = (port: number, host = '127.0.0.1') =>
  ({ host, port, database: 'app', tls: { mode: 'disabled' } }) as const;

/** With a second for the whole login, so that nobody waits for five. */
const logIn = (port: number, host?: string) =>
  connect(
    target(port, host),
    { username: 'app', password: 'never-shown' },
    Deadline.ofStep({ getRemainingTimeInMillis: () => 3_000 }),
  );

/** The error of a login at a server that does this with every connection. */
async function failure(onConnection: (socket: Socket) => void): Promise<Error> {
  const { port, close } = await listen(onConnection);
  try {
    await logIn(port);
  } catch (error) {
    return error as Error;
  } finally {
    await close();
  }
  throw new Error('the login went well');
}

describe('a login to MySQL or MariaDB', () => {
  it('names a server that accepts and then says nothing, within its limit', async () => {
    expect(CONNECT_LIMIT_MS).toBeLessThanOrEqual(5_000);
    expect(await failure(() => {})).toMatchObject({ name: 'DatabaseSilent' });
  });

  it('names a server that begins and then says nothing, within its limit', async () => {
    // The head of a packet whose rest never comes: the driver's own limit has ended then.
    expect(await failure((socket) => socket.write(Buffer.from([0x4a, 0, 0, 0, 0x0a])))).toMatchObject({
      name: 'DatabaseSilent',
    });
  });

  it('names a server that closes the connection during the login', async () => {
    expect(await failure((socket) => socket.end())).toMatchObject({ name: 'ConnectionLost' });
  });

  it('names a port where nobody listens', async () => {
    const gone = await listen(() => {});
    await gone.close();
    await expect(logIn(gone.port)).rejects.toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('names a host name that does not resolve', async () => {
    await expect(logIn(3306, 'nowhere.invalid')).rejects.toMatchObject({ name: 'DatabaseUnreachable' });
  });

  it.each([
    [1040, 'Too many connections', 'TooManyConnections'],
    [1203, 'User already has more than max_user_connections', 'TooManyConnections'],
    [1130, "Host '10.0.0.1' is not allowed to connect", 'ConnectionNotAllowed'],
    [1053, 'Server shutdown in progress', 'DatabaseNotReady'],
    [1129, 'Host is blocked because of many connection errors', 'DatabaseUnreachable'],
  ])('tells error %i (%s) as %s, and no other password is tried for it', async (number, said, name) => {
    const error = await failure((socket) => socket.end(refusal(number, said)));
    expect(error).toMatchObject({ name });
    expect(error.message).not.toContain('never-shown');
  });
});
