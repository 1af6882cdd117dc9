import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Seconds that a made-up token says it is valid; longer than any plan takes. */
const LIFETIME = 86_400;

/** Ids of the identity that nobody has; documentation uses this form. */
export const NOBODY = {
  tenant: '00000000-0000-4000-8000-000000000001',
  client: '00000000-0000-4000-8000-000000000002',
  object: '00000000-0000-4000-8000-000000000003',
  subscription: '00000000-0000-4000-8000-000000000004',
} as const;

/** A managed identity's endpoint on loopback, which hands out tokens that open nothing. */
export interface IdentityEndpoint {
  /** Where a plugin asks for tokens of one tenant. */
  url(tenant: string): string;
  stop(): Promise<void>;
}

/**
 * Starts an endpoint that answers as Azure's instance metadata does, with unsigned tokens.
 *
 * azurerm reads the claims of a token and plans with them; no service of Azure takes a token without a signature.
 *
 * @see https://learn.microsoft.com/en-us/entra/identity/managed-identities-azure-resources/how-to-use-vm-token#get-a-token-using-http
 */
export async function startIdentityEndpoint(): Promise<IdentityEndpoint> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://loopback');
    const [, tenant = NOBODY.tenant] = pathname.split('/');
    const resource = searchParams.get('resource') ?? '';
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer(tenant, resource, Math.floor(Date.now() / 1000))));
  });
  await listen(server);
  // An engine's end must not depend on it.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    url: (tenant) => `http://127.0.0.1:${port}/${tenant}/token`,
    stop: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function answer(tenant: string, resource: string, now: number): Readonly<Record<string, string>> {
  return {
    access_token: unsigned({
      aud: resource,
      iss: `https://sts.windows.net/${tenant}/`,
      iat: now,
      nbf: now,
      exp: now + LIFETIME,
      appid: NOBODY.client,
      oid: NOBODY.object,
      sub: NOBODY.object,
      tid: tenant,
    }),
    token_type: 'Bearer',
    expires_in: String(LIFETIME),
    expires_on: String(now + LIFETIME),
    resource,
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc7519#section-6 */
function unsigned(claims: Readonly<Record<string, string | number>>): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
}
