import http from 'node:http';
import https from 'node:https';
import type { Deadline } from '../deadline';
import {
  CertificateNotTrusted,
  ConnectionLost,
  ProviderAnswerInvalid,
  ProviderSilent,
  ProviderUnreachable,
  RotationError,
  TlsFailed,
} from '../errors';

/** From looking up the name to the last byte of the answer. */
export const REQUEST_LIMIT_MS = 5_000;

/** A list of some hundred keys has 100 KB; more than this is not one. */
export const ANSWER_LIMIT_BYTES = 1 << 20;

export interface ApiRequest {
  /** What is asked and where, for messages: nothing that was filled in. */
  readonly place: string;
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the authorities to trust instead of the well-known ones. */
  readonly ca?: string;
}

export interface ApiAnswer {
  readonly status: number;
  readonly body: string;
  /** By the provider's clock. */
  readonly date: Date | undefined;
  /** Seconds that the provider asks to be left alone. */
  readonly retryAfter: number | undefined;
}

/** Sends one request, once. A redirect is an answer like any other: nothing is sent elsewhere. */
export type Send = (request: ApiRequest, deadline: Deadline) => Promise<ApiAnswer>;

/** @throws {ProviderSilent} @throws {ProviderUnreachable} @throws {CertificateNotTrusted} @throws {ConnectionLost} */
export const send: Send = async (request, deadline) => {
  const late = AbortSignal.timeout(deadline.left(REQUEST_LIMIT_MS));
  try {
    return await exchange(request, late);
  } catch (error) {
    if (error instanceof RotationError) throw error;
    if (late.aborted) {
      throw new ProviderSilent(
        `${request.place}: no answer in time; a firewall that drops packets, or a provider that hangs`,
      );
    }
    throw failure(error, request.place);
  }
};

function exchange({ place, method, url, headers, body, ca }: ApiRequest, signal: AbortSignal): Promise<ApiAnswer> {
  return new Promise((resolve, reject) => {
    const options = {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
      signal,
      // A container can be frozen for hours between two invocations: no connection is kept.
      agent: false,
    } as const;
    const outgoing =
      url.protocol === 'https:'
        ? https.request(url, { ...options, minVersion: 'TLSv1.2', ...(ca === undefined ? {} : { ca }) })
        : http.request(url, options);
    outgoing.once('error', reject);
    outgoing.once('response', (incoming) => {
      const chunks: Buffer[] = [];
      let size = 0;
      incoming.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        size += chunk.length;
        if (size <= ANSWER_LIMIT_BYTES) return;
        reject(new ProviderAnswerInvalid(`${place}: the answer has more than ${ANSWER_LIMIT_BYTES} bytes`));
        outgoing.destroy();
      });
      incoming.once('error', reject);
      incoming.once('end', () =>
        resolve({
          status: incoming.statusCode ?? 0,
          body: Buffer.concat(chunks).toString('utf8'),
          date: timeOf(incoming.headers.date),
          retryAfter: secondsOf(incoming.headers['retry-after'], incoming.headers.date),
        }),
      );
    });
    outgoing.end(body);
  });
}

/** Only the code is used: what Node says can quote a header. */
function failure(error: unknown, place: string): RotationError {
  const code = codeOf(error);
  if (/^(UNABLE_TO_|SELF_SIGNED|DEPTH_ZERO|CERT_|ERR_TLS_CERT_ALTNAME|HOSTNAME_MISMATCH)/.test(code)) {
    return new CertificateNotTrusted(
      `${place}: ${code} is not trusted; correct url in STRONGROOM_API, or set STRONGROOM_CA_FILE to its authority`,
    );
  }
  if (/^(ERR_SSL|ERR_TLS|EPROTO)/.test(code)) return new TlsFailed(`${place}: no TLS connection (${code})`);
  if (/^(ENOTFOUND|EAI_|ECONNREFUSED|EHOST|ENET|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)/.test(code)) {
    return new ProviderUnreachable(
      `${place}: ${code}; check url in STRONGROOM_API, and the function's way out: subnets, NAT, security group`,
    );
  }
  return new ConnectionLost(`${place}: the connection broke off; the next try finds out what was done`);
}

function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  const code = error instanceof Error ? (error as { code?: unknown }).code : undefined;
  return typeof code === 'string' ? code : '';
}

function timeOf(header: string | undefined): Date | undefined {
  const time = new Date(header ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

/** Seconds, or a date by the clock that has also dated the answer. */
function secondsOf(header: string | undefined, dated: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const until = timeOf(header);
  if (until === undefined) return undefined;
  return Math.max(0, (until.getTime() - (timeOf(dated)?.getTime() ?? Date.now())) / 1_000);
}
