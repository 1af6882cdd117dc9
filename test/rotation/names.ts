import { randomUUID } from 'node:crypto';
import dns from 'node:dns';
import { createServer, connect as openSocket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Where the first server of a name listens, and where its successor does: at the same port of another address. */
const FIRST = '127.0.0.1';
const SUCCESSOR = '127.0.0.2';

/** A name that leads to a server until it is turned to another one. */
export interface Name {
  readonly host: string;
  /** Called when somebody asks where the name leads, before it is told. */
  asked: (() => unknown) | undefined;
  turn(): void;
}

export interface Names {
  make(): Name;
  close(): Promise<void>;
}

/** Has names of this process lead to one server and later to its successor, as those of a database with a standby do. */
export async function startNames(
  first: { readonly port: number },
  successor: { readonly port: number },
): Promise<Names> {
  const bridge = createServer((socket) => {
    const onward = openSocket(successor.port, FIRST);
    socket.pipe(onward).pipe(socket);
    for (const one of [socket, onward]) one.on('error', () => {});
  });
  await new Promise<void>((resolve, reject) => {
    bridge.once('error', reject).listen(first.port, SUCCESSOR, resolve);
  });
  const ways = new Map<string, () => Promise<string>>();
  const real = dns.lookup;
  dns.lookup = ((host: string, options: object, done: (...found: unknown[]) => void) => {
    const way = ways.get(host);
    if (!way) return (real as (...all: unknown[]) => void)(host, options, done);
    way().then(
      (address) => done(null, 'all' in options && options.all ? [{ address, family: 4 }] : address, 4),
      (error) => done(error),
    );
  }) as typeof dns.lookup;
  return {
    make: () => {
      let address = FIRST;
      const name: Name = {
        host: `${randomUUID()}.example.internal`,
        asked: undefined,
        turn: () => {
          address = SUCCESSOR;
        },
      };
      ways.set(name.host, async () => {
        await name.asked?.();
        return address;
      });
      return name;
    },
    close: async () => {
      dns.lookup = real;
      // What is still on its way has been asked for with the names of before.
      await wait(0);
      await new Promise((resolve) => bridge.close(resolve));
    },
  };
}
