import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ServiceError } from './errors';
import type { Input } from './input';
import { SecretsManagerService, type ServiceOptions } from './service';
import { refuseWrongTime } from './signing-time';

/** Thrown by a hook: the connection is cut without an answer, as when the caller or the network dies. */
export class ReplyLost extends Error {}

export interface SecretsManagerServer {
  /** Such as http://127.0.0.1:40000, for `AWS_ENDPOINT_URL_SECRETS_MANAGER` or the SDK's `endpoint`. */
  readonly endpoint: string;
  /** The state behind it: hooks, rotation functions, what was called. */
  readonly service: SecretsManagerService;
  close(): Promise<void>;
}

/** How often a schedule is looked at. */
const TICK_MS = 1_000;

export interface ServerOptions extends ServiceOptions {
  /** @default a free one */
  readonly port?: number;
}

/** Starts the emulated Secrets Manager on the loopback interface. */
export async function startSecretsManager(options: ServerOptions = {}): Promise<SecretsManagerServer> {
  const service = new SecretsManagerService(options);
  const server = createServer((request, response) => void answer(service, request, response));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const ticks = setInterval(() => service.rotateDue(), TICK_MS).unref();
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    service,
    close: () =>
      new Promise((resolve) => {
        clearInterval(ticks);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
async function answer(
  service: SecretsManagerService,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const reply = (status: number, body: unknown) => {
    const date = new Date(service.clock.now()).toUTCString();
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1', date }).end(JSON.stringify(body));
  };
  try {
    refuseWrongTime(service, String(request.headers['x-amz-date']));
    const target = String(request.headers['x-amz-target'] ?? '');
    if (request.method !== 'POST' || !target.startsWith('secretsmanager.'))
      throw new ServiceError('UnknownOperationException', '');
    // Who calls is not checked, but that the call is signed is: a client without credentials is a mistake in the test.
    if (!request.headers.authorization?.startsWith('AWS4-HMAC-SHA256 '))
      throw new ServiceError('MissingAuthenticationTokenException', 'Missing Authentication Token', 403);
    reply(200, await service.answer(target.slice('secretsmanager.'.length), await body(request)));
  } catch (error) {
    if (error instanceof ServiceError) reply(error.status, wordsOf(error));
    else if (error instanceof ReplyLost) request.socket.destroy();
    else reply(500, { __type: 'InternalServiceError', message: error instanceof Error ? error.message : 'unknown' });
  }
}

function wordsOf({ name, message }: ServiceError): Input {
  return { __type: name, ...(message === '' ? {} : { message, Message: message }) };
}

async function body(request: IncomingMessage): Promise<Input> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}') as Input;
  } catch {
    throw new ServiceError('SerializationException', 'The request is not JSON.');
  }
}
