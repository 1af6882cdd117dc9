import { randomBytes, randomUUID } from 'node:crypto';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Clock } from '../../emulator/clock';
import type { Certificate } from './certificates';
import { type Answer, type Fault, isLoss, lose, refuse, reply } from './key-service-faults';

export interface ServiceKey {
  readonly id: string;
  readonly name: string;
  key: string;
  created: number;
  active: boolean;
}

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

export interface KeyServiceOptions {
  /** @default 2 */
  readonly limit?: number;
  /** Remembers what it answered to an idempotency key. @default false */
  readonly idempotent?: boolean;
  /** Shows keys in the list. @default false */
  readonly shows?: boolean;
  /** The provider's time. @default the system's */
  readonly now?: () => number;
  /** Names of slots that always exist; nothing can be made or revoked then. */
  readonly slots?: readonly string[];
  readonly tls?: Certificate;
}

/** A provider of API keys on loopback: list, create, register, test, revoke, regenerate, with a limit, and faults. */
export class KeyService {
  /** The credential that manages keys. */
  admin = `admin-${randomUUID()}`;
  readonly keys: ServiceKey[] = [];
  readonly seen: Seen[] = [];
  readonly clock: Clock;
  /** The most keys that ever worked at once. */
  most = 0;
  /** Asked before every effect. */
  fault: (operation: string, id: string) => Fault | undefined | Promise<Fault | undefined> = () => undefined;
  /** Told of every effect, before the answer goes. */
  done: () => void | Promise<void> = () => {};
  url = '';

  private readonly answered = new Map<string, ServiceKey>();

  constructor(readonly options: KeyServiceOptions = {}) {
    this.clock = new Clock(options.now);
    for (const id of options.slots ?? []) this.add(id, id);
  }

  static async start(options: KeyServiceOptions = {}): Promise<KeyService & { close(): Promise<void> }> {
    const service = new KeyService(options);
    const listener = (request: IncomingMessage, response: ServerResponse) => void service.answer(request, response);
    const server = options.tls
      ? createHttps({ cert: options.tls.certificate, key: options.tls.key }, listener)
      : createHttp(listener);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    service.url = options.tls ? `https://localhost:${port}/v1` : `http://127.0.0.1:${port}/v1`;
    return Object.assign(service, {
      close: () =>
        new Promise<void>((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    });
  }

  add(name: string, id: string = randomUUID()): ServiceKey {
    const made = { id, name, key: `sk_${randomBytes(24).toString('hex')}`, created: this.clock.now(), active: true };
    this.keys.push(made);
    this.most = Math.max(this.most, this.working().length);
    return made;
  }

  working(): ServiceKey[] {
    return this.keys.filter(({ active }) => active);
  }

  accepts(key: unknown): boolean {
    return this.working().some((one) => one.key === key);
  }

  /** How often an operation was asked for, such as `DELETE`. */
  count(method: string): number {
    return this.seen.filter((one) => one.method === method).length;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, url, headers });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
    const path = new URL(url, 'http://service').pathname.replace('/v1', '');
    const id = decodeURIComponent(path.split('/')[2] ?? '');
    const operation = path === '/me' ? 'test' : `${method} ${path.split('/').slice(0, 2).join('/')}`;
    const fault = await this.fault(operation, id);
    const secrets = [this.admin, ...this.keys.map(({ key }) => key)].join(' ');
    const exchange = { request, response, now: this.clock.now(), secrets };
    if (fault !== undefined && !isLoss(fault)) return refuse(fault, exchange);
    if (fault === 'late') await new Promise((resolve) => request.socket.once('close', resolve));
    const bearer = headers.authorization?.replace('Bearer ', '');
    const manages = bearer === this.admin || this.accepts(bearer);
    const answer =
      path === '/me'
        ? answered(this.accepts(bearer) ? 200 : 401)
        : manages
          ? this.manage(method, id, body, headers['idempotency-key'])
          : answered(401);
    await this.done();
    if (fault === undefined) reply(exchange, answer);
    else if (fault !== 'late') lose(fault, exchange, answer);
  }

  private manage(
    method: string,
    id: string,
    { name, key }: Record<string, unknown>,
    repetition: string | string[] | undefined,
  ): Answer {
    const { limit = 2, shows = false, idempotent = false, slots } = this.options;
    const shown = (one: ServiceKey) => ({
      id: one.id,
      name: one.name,
      created: new Date(one.created).toISOString(),
      status: one.active ? 'active' : 'revoked',
      ...(shows ? { key: one.key } : {}),
    });
    const found = this.keys.find((one) => one.id === id);
    if (method === 'GET') return answered(200, { data: this.keys.map(shown) });
    if (method === 'DELETE') {
      if (!found?.active) return answered(404);
      found.active = false;
      return answered(204);
    }
    if (slots) {
      if (!found) return answered(404);
      found.key = `sk_${randomBytes(24).toString('hex')}`;
      found.created = this.clock.now();
      return answered(200, { id, secret: found.key });
    }
    const before = idempotent ? this.answered.get(String(repetition)) : undefined;
    if (before) return answered(200, { id: before.id, secret: before.key });
    if (key !== undefined && this.working().some((one) => one.name === name)) return answered(409);
    if (this.working().length >= limit) return answered(422, { error: 'limit' });
    const made = this.add(String(name));
    if (key !== undefined) made.key = String(key);
    this.answered.set(String(repetition), made);
    return answered(201, { id: made.id, secret: made.key });
  }
}

function answered(status: number, body: unknown = {}): Answer {
  return { status, body };
}
