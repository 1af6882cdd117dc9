import type { IncomingMessage, ServerResponse } from 'node:http';

/** What a request meets that has no effect; a status can come with `Retry-After`, which may be a date. */
export type Refusal =
  | number
  | { readonly status: number; readonly retryAfter: string | ((now: number) => string) }
  | 'dropped'
  | 'silence'
  | 'redirect'
  | 'huge'
  | 'not-json';

const LOSSES = ['lost', 'cut', 'cut without a length', 'stalled', 'garbled', 'error', 'late'] as const;

/** What becomes of the answer to a request that has its effect: `late` has it when nobody waits any more. */
export type Loss = (typeof LOSSES)[number];

/** What happens to a request, decided by the test. */
export type Fault = Refusal | Loss;

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** One request, and the way to answer it. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** The provider's time. */
  readonly now: number;
  /** What a careless provider shows in its pages. */
  readonly secrets: string;
}

export function isLoss(fault: Fault | undefined): fault is Loss {
  return LOSSES.some((loss) => loss === fault);
}

export function refuse(fault: Refusal, exchange: Exchange): void {
  if (typeof fault === 'number') reply(exchange, { status: fault, body: { error: 'fault' } });
  if (typeof fault === 'object') {
    const { status, retryAfter } = fault;
    const wait = typeof retryAfter === 'string' ? retryAfter : retryAfter(exchange.now);
    reply(exchange, { status, body: { error: 'fault' } }, { 'retry-after': wait });
  }
  if (fault === 'dropped') exchange.request.socket.destroy();
  if (fault === 'redirect') reply(exchange, { status: 302, body: {} }, { location: 'http://127.0.0.1:9/elsewhere' });
  if (fault === 'huge') reply(exchange, { status: 200, body: 'x'.repeat(2 << 20) });
  if (fault === 'not-json') reply(exchange, { status: 200, body: page(exchange) });
}

/** The effect is there. */
export function lose(fault: Exclude<Loss, 'late'>, exchange: Exchange, { status, body }: Answer): void {
  const { socket } = exchange.request;
  if (fault === 'lost') socket.destroy();
  if (fault === 'error') reply(exchange, { status: 500, body: { error: 'after the effect' } });
  if (fault === 'garbled') reply(exchange, { status, body: page(exchange) });
  if (fault !== 'cut' && fault !== 'cut without a length' && fault !== 'stalled') return;
  const text = status === 204 ? '' : JSON.stringify(body);
  const head = `HTTP/1.1 ${status} Cut\r\ncontent-type: application/json\r\n`;
  const length = fault === 'cut without a length' ? 'connection: close\r\n' : `content-length: ${text.length}\r\n`;
  // Without a body it is the head that is cut.
  const half = text === '' ? head : `${head}${length}\r\n${text.slice(0, text.length / 2)}`;
  if (fault === 'stalled') socket.write(half);
  else socket.end(half);
}

export function reply(
  { response, now }: Exchange,
  { status, body }: Answer,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { 'content-type': 'application/json', date: new Date(now).toUTCString(), ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}

function page({ secrets }: Exchange): string {
  return `<html>${secrets}</html>`;
}
