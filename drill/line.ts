import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Target } from '../rotation/database';

/** The way of one connection to a database of this machine. Who holds it can end it from outside of the process that uses it. */
export interface Line {
  /** The near end, where the database seems to be. */
  readonly target: Target;
  /** Closes the connection as the kernel does it for a process that is killed: the server hears nothing but the end. */
  drop(): void;
}

/** Lays a line for the one connection that comes next. */
export async function layLine(target: Target): Promise<Line> {
  const ends = new Set<Socket>();
  const drop = () => {
    listener.close();
    for (const socket of ends) socket.destroy();
  };
  const listener = createServer((near) => {
    listener.close();
    const far = connect(target.port, target.host);
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      ends.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => other.destroy());
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  return { target: { ...target, port: (listener.address() as AddressInfo).port }, drop };
}
