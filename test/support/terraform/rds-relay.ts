import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';

/** RDS on loopback: moto, behind what it lacks of AWS. */
export interface RdsRelay {
  /** For `AWS_ENDPOINT_URL_RDS`. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * The authority that a new instance's certificate is from, unless the request or the account says otherwise.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.SSL.html
 */
export const DEFAULT_AUTHORITY = 'rds-ca-rsa2048-g1';

/**
 * Passes every request on to moto, and gives a new instance the authority that AWS gives it.
 *
 * The provider does not ask for one when it creates an instance. It compares, and moto has a name of its own: then the
 * instance is modified at once, and waited for twice, more than a minute each.
 */
export async function startRdsRelay(moto: string): Promise<RdsRelay> {
  const server = createServer((request, response) => {
    pass(moto, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function pass(moto: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const form = withAuthority(await textOf(request));
  const { host: _host, 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = request.headers;
  const { method, url } = request;
  await new Promise<void>((resolve, reject) => {
    send(
      new URL(url ?? '/', moto),
      {
        ...(method === undefined ? {} : { method }),
        headers: { ...headers, 'content-length': Buffer.byteLength(form) },
      },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response).once('finish', resolve).once('error', reject);
      },
    )
      .once('error', reject)
      .end(form);
  });
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
function withAuthority(form: string): string {
  const asked = new URLSearchParams(form);
  if (asked.get('Action') !== 'CreateDBInstance' || asked.has('CACertificateIdentifier')) return form;
  return `${form}&CACertificateIdentifier=${DEFAULT_AUTHORITY}`;
}
