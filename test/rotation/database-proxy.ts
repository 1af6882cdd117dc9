import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What becomes of a message of the client's, and of the connection that it came by. */
export type Fate =
  /** The connection is reset, and the server never sees the message. */
  | 'reset before'
  /** The server has done what the message says, and the connection is reset instead of the answer. */
  | 'reset after'
  /** From now on nothing comes through in either direction, and no end of the connection either. */
  | 'silence';

export interface DatabaseProxy {
  readonly port: number;
  /** Decides by the text of a message; it is asked for every one. */
  fate: ((text: string) => Fate | undefined) | undefined;
  close(): Promise<void>;
}

/** Stands between the function and a database, without TLS, and breaks connections where a test says so. */
export async function startDatabaseProxy(target: number): Promise<DatabaseProxy> {
  const open = new Set<Socket>();
  const proxy: { fate: DatabaseProxy['fate'] } = { fate: undefined };
  const server = createServer((client) => {
    const onward = connect(target, '127.0.0.1');
    for (const socket of [client, onward]) {
      open.add(socket);
      socket.on('error', () => {});
    }
    let fate: Fate | undefined;
    const cut = () => {
      client.resetAndDestroy();
      onward.destroy();
    };
    client.on('data', (data) => {
      if (fate !== undefined) return;
      fate = proxy.fate?.(data.toString('latin1'));
      if (fate === 'reset before') return cut();
      if (fate !== 'silence') onward.write(data);
    });
    onward.on('data', (data) => {
      if (fate === 'reset after') cut();
      else if (fate === undefined) client.write(data);
    });
    client.on('close', () => {
      if (fate !== 'silence') onward.destroy();
    });
    onward.on('close', () => {
      if (fate !== 'silence') client.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return Object.assign(proxy, {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  });
}
