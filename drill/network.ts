import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** What the network does to a connection, when the function sends something. */
export const NETWORK_FAULTS = ['reset-before', 'reset-after', 'silent'] as const;

/** Reset before the server has it, reset in the place of the server's answer, or no answer and no end. */
export type NetworkFault = (typeof NETWORK_FAULTS)[number];

/** A way to the database on which something can happen. */
export interface Network {
  readonly port: number;
  /** How often the function has sent something since the network was armed. */
  readonly sent: number;
  /** Whether the fault came to pass. */
  readonly struck: boolean;
  /** At the nth time that the function sends something, this happens; 0 for never. */
  arm(at: number, fault?: NetworkFault): void;
  close(): Promise<void>;
}

/** Passes on, on the loopback interface, all that goes between the function and the database. */
export async function startNetwork(target: { readonly host: string; readonly port: number }): Promise<Network> {
  const open = new Set<Socket>();
  let [at, sent, struck] = [0, 0, false];
  let fault: NetworkFault | undefined;

  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    let cut: NetworkFault | undefined;
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
    }
    client.on('close', () => {
      open.delete(client);
      upstream.destroy();
    });
    upstream.on('close', () => {
      open.delete(upstream);
      // Who hears nothing does not hear of the end either.
      if (cut !== 'silent') client.destroy();
    });
    client.on('data', (chunk) => {
      if (cut === 'silent') return;
      if (++sent === at && !struck) {
        struck = true;
        cut = fault;
      }
      if (cut === 'reset-before') reset(client, upstream);
      else upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      if (cut === 'reset-after') reset(client, upstream);
      else if (cut === undefined) client.write(chunk);
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get sent() {
      return sent;
    },
    get struck() {
      return struck;
    },
    arm: (place, what) => {
      [at, sent, struck, fault] = [place, 0, false, what];
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

function reset(client: Socket, upstream: Socket): void {
  client.resetAndDestroy();
  upstream.resetAndDestroy();
}
