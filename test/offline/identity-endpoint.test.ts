import { afterAll, beforeAll, expect, it } from 'vitest';
import { DETACH } from '../../offline/detached';
import { type IdentityEndpoint, startIdentityEndpoint } from '../../offline/identity-endpoint';

const TENANT = '11111111-2222-4333-8444-555555555555';
const SURROUNDINGS = { version: '5.2.0', identityUrl: (tenant: string) => `http://127.0.0.1:1/${tenant}/token` };

let endpoint: IdentityEndpoint;
beforeAll(async () => {
  endpoint = await startIdentityEndpoint();
});
afterAll(() => endpoint.stop());

async function token(tenant = TENANT, resource = 'https://management.azure.com/') {
  const answer = await fetch(`${endpoint.url(tenant)}?api-version=2018-02-01&resource=${encodeURIComponent(resource)}`);
  return (await answer.json()) as Record<string, string>;
}

function partOf(jwt: string | undefined, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt?.split('.')[index] ?? '', 'base64url').toString()) as Record<string, unknown>;
}

it('listens on loopback alone', () => {
  expect(new URL(endpoint.url(TENANT)).hostname).toBe('127.0.0.1');
});

it('hands out a token without a signature, which no service takes', async () => {
  const { access_token } = await token();
  expect(partOf(access_token, 0)['alg']).toBe('none');
  expect(access_token?.split('.')[2]).toBe('');
});

it('claims the tenant that it is asked for', async () => {
  expect(partOf((await token()).access_token, 1)['tid']).toBe(TENANT);
});

it('claims the resource that it is asked for', async () => {
  const answer = await token(TENANT, 'https://vault.azure.net');
  expect(partOf(answer.access_token, 1)['aud']).toBe('https://vault.azure.net');
  expect(answer.resource).toBe('https://vault.azure.net');
});

it('hands out tokens that are valid for hours', async () => {
  const exp = Number(partOf((await token()).access_token, 1)['exp']);
  expect(exp).toBeGreaterThan(Date.now() / 1000 + 3_600);
});

it('turns the 4.x line away from its look at the cloud, with the variable that 5.x refuses', () => {
  expect(DETACH['azurerm']?.environment?.('4.81.0')).toEqual({ ARM_PROVIDER_ENHANCED_VALIDATION: 'false' });
  expect(DETACH['azurerm']?.environment?.('5.0.0')).toEqual({});
});

it('keeps the tenant and the subscription that a stack names', () => {
  const named = { tenant_id: TENANT, subscription_id: '22222222-2222-4333-8444-555555555555' };
  const override = DETACH['azurerm']?.block(named, SURROUNDINGS);
  expect(override).toMatchObject({ ...named, msi_endpoint: `http://127.0.0.1:1/${TENANT}/token` });
});

it('replaces a tenant that only a variable knows', () => {
  const override = DETACH['azurerm']?.block({ tenant_id: '${var.tenant}' }, SURROUNDINGS);
  expect(override?.['tenant_id']).toMatch(/^[0-9a-f-]{36}$/);
});

it('takes every other way to log in out of a block', () => {
  const block = { use_oidc: true, oidc_token_file_path: 'a', client_secret: '${var.secret}', metadata_host: 'b' };
  const override = DETACH['azurerm']?.block(block, SURROUNDINGS);
  expect(override).toMatchObject({
    use_oidc: false,
    oidc_token_file_path: null,
    client_secret: null,
    metadata_host: null,
  });
});
