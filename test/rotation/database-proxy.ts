import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** What becomes of a message of the client's, and of the connection that it came by. */
export type Fate =
  /** The connection is reset, and the server never sees the message. */
  | 'reset before'
  /** The server has done what the message says, and the connection is reset instead of the answer. */
  | 'reset after'
  /** From now on nothing comes through in either direction, and no end of the connection either. */
  | 'silence'
  /** The message, all that follows it and the end of the connection come through in order, but later. */
  | 'late';

/** Longer than the function waits in the tests that are late, and shorter than it waits for a lock. */
export const LATE_MS = 700;

/** What stands for a message when a client has connected and the server speaks first. */
export const ARRIVAL = '(the connection)';

export interface DatabaseProxy {
  readonly port: number;
  /** Decides by the text of a message; it is asked for every one. A promise makes the message late until it is kept. */
  fate: ((text: string) => Fate | Promise<unknown> | undefined) | undefined;
  /** Called for every connection that comes. */
  arrived: (() => void) | undefined;
  /** Tells both sides of the connections that went silent that they are gone. */
  heal(): void;
  /** From now on connections are refused. Those that are open stay. */
  shut(): void;
  open(): Promise<void>;
  close(): Promise<void>;
}

export interface ProxyOptions {
  /** Whether the server speaks first, so that the arrival of a connection can meet its fate too. @default false */
  readonly greets?: boolean;
}

/** Whether a message only says that the client goes, so that nobody waits for an answer: PostgreSQL's, and that of the others. */
export function isGoodbye(text: string): boolean {
  return text.startsWith('X') || text === '\x01\0\0\0\x01';
}

/** Stands between the function and a database, without TLS, and breaks connections where a test says so. */
export async function startDatabaseProxy(
  target: number,
  { greets = false }: ProxyOptions = {},
): Promise<DatabaseProxy> {
  const open = new Set<Socket>();
  const silent = new Set<Socket>();
  const proxy: Pick<DatabaseProxy, 'fate' | 'arrived'> = { fate: undefined, arrived: undefined };
  const server = createServer((client) => {
    proxy.arrived?.();
    const onward = connect(target, '127.0.0.1');
    for (const socket of [client, onward]) {
      open.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => open.delete(socket));
    }
    let fate: Fate | undefined;
    let held: (() => void)[] | undefined;
    const cut = () => {
      client.resetAndDestroy();
      onward.destroy();
    };
    /** Does it now or, where the connection is late, when its time has come. */
    const inTurn = (act: () => void) => (held ? held.push(act) : act());
    const holdUntil = async (moment: Promise<unknown>) => {
      held ??= [];
      const waiting = held;
      await moment;
      held = undefined;
      for (const act of waiting) act();
    };
    const meet = (text: string) => {
      const met = proxy.fate?.(text);
      if (met instanceof Promise) return void holdUntil(met);
      if (met === 'late') return void holdUntil(wait(LATE_MS));
      fate = met;
      if (met === 'reset before') cut();
      if (met === 'silence') for (const socket of [client, onward]) silent.add(socket);
    };
    if (greets) meet(ARRIVAL);
    client.on('data', (data) => {
      if (fate !== undefined) return;
      meet(data.toString('latin1'));
      if (fate === undefined || fate === 'reset after') inTurn(() => onward.write(data));
    });
    onward.on('data', (data) => {
      if (fate === 'reset after') cut();
      else if (fate === undefined) inTurn(() => client.write(data));
    });
    client.on('close', () => {
      if (fate !== 'silence') inTurn(() => onward.end());
    });
    onward.on('close', () => {
      if (fate !== 'silence') client.destroy();
    });
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  return Object.assign(proxy, {
    port,
    heal: () => {
      for (const socket of silent) socket.destroy();
      silent.clear();
    },
    shut: () => void server.close(),
    open: () => listen(port),
    close: () =>
      new Promise<void>((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  });
}
