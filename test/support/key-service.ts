import { randomBytes, randomUUID } from 'node:crypto';
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Clock } from '../../emulator/clock';
import type { Certificate } from './certificates';

export interface ServiceKey {
  readonly id: string;
  readonly name: string;
  key: string;
  created: number;
  active: boolean;
}

/** What happens to a request, decided by the test: before its effect, or after it with the answer lost. */
export type Fault = number | 'silence' | 'lost' | 'redirect' | 'huge' | 'not-json';

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

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
    const { method = '', url = '', headers } = request;
    this.seen.push({ method, url, headers });
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
    const reply = (status: number, answer: unknown = {}) => {
      const date = new Date(this.clock.now()).toUTCString();
      response.writeHead(status, { 'content-type': 'application/json', date }).end(JSON.stringify(answer));
    };
    const path = new URL(url, 'http://service').pathname.replace('/v1', '');
    const id = decodeURIComponent(path.split('/')[2] ?? '');
    const operation = path === '/me' ? 'test' : `${method} ${path.split('/').slice(0, 2).join('/')}`;
    const fault = await this.fault(operation, id);
    if (fault === 'silence') return undefined;
    if (fault === 'redirect') return response.writeHead(302, { location: 'http://127.0.0.1:9/elsewhere' }).end();
    if (fault === 'huge') return response.writeHead(200).end('x'.repeat(2 << 20));
    if (fault === 'not-json') return response.writeHead(200).end(`<html>${this.keys[0]?.key}</html>`);
    if (typeof fault === 'number') return reply(fault, { error: 'fault' });
    const done: typeof reply = (status, answer) => {
      if (fault === 'lost') request.socket.destroy();
      else reply(status, answer);
    };
    const bearer = headers.authorization?.replace('Bearer ', '');
    if (path === '/me') return done(this.accepts(bearer) ? 200 : 401);
    if (bearer !== this.admin && !this.accepts(bearer)) return done(401);
    return this.manage(method, id, body, headers['idempotency-key'], done);
  }

  private manage(
    method: string,
    id: string,
    { name, key }: Record<string, unknown>,
    repetition: string | string[] | undefined,
    reply: (status: number, answer?: unknown) => unknown,
  ): unknown {
    const { limit = 2, shows = false, idempotent = false, slots } = this.options;
    const shown = (one: ServiceKey) => ({
      id: one.id,
      name: one.name,
      created: new Date(one.created).toISOString(),
      status: one.active ? 'active' : 'revoked',
      ...(shows ? { key: one.key } : {}),
    });
    const found = this.keys.find((one) => one.id === id);
    if (method === 'GET') return reply(200, { data: this.keys.map(shown) });
    if (method === 'DELETE') {
      if (!found?.active) return reply(404);
      found.active = false;
      return reply(204);
    }
    if (slots) {
      if (!found) return reply(404);
      found.key = `sk_${randomBytes(24).toString('hex')}`;
      found.created = this.clock.now();
      return reply(200, { id, secret: found.key });
    }
    const before = idempotent ? this.answered.get(String(repetition)) : undefined;
    if (before) return reply(200, { id: before.id, secret: before.key });
    if (key !== undefined && this.working().some((one) => one.name === name)) return reply(409);
    if (this.working().length >= limit) return reply(422, { error: 'limit' });
    const made = this.add(String(name));
    if (key !== undefined) made.key = String(key);
    this.answered.set(String(repetition), made);
    return reply(201, { id: made.id, secret: made.key });
  }
}
