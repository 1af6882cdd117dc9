import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_AUTHORITY, type RdsRelay, startRdsRelay } from '../support/terraform/rds-relay';

describe('the relay before RDS', () => {
  let behind: Server;
  let relay: RdsRelay;
  const seen: { readonly path: string; readonly signed: string; readonly form: string }[] = [];

  beforeAll(async () => {
    behind = createServer(async (request, response) => {
      let form = '';
      for await (const chunk of request) form += chunk;
      seen.push({ path: String(request.url), signed: String(request.headers.authorization), form });
      response.writeHead(404, { 'x-amzn-requestid': 'one' }).end('<Error/>');
    });
    await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve));
    relay = await startRdsRelay(`http://127.0.0.1:${(behind.address() as AddressInfo).port}`);
  });
  afterAll(async () => {
    await relay?.stop();
    behind?.close();
  });

  const ask = (form: string) =>
    fetch(`${relay.url}/?of=rds`, {
      method: 'POST',
      body: form,
      headers: { authorization: 'AWS4-HMAC-SHA256 as-it-is' },
    });

  it('gives a new instance the authority that AWS gives it', async () => {
    await ask('Action=CreateDBInstance&Port=5432');
    expect(seen.at(-1)?.form).toBe(`Action=CreateDBInstance&Port=5432&CACertificateIdentifier=${DEFAULT_AUTHORITY}`);
  });

  it.each([
    'Action=CreateDBInstance&CACertificateIdentifier=rds-ca-ecc384-g1',
    'Action=ModifyDBInstance&DBInstanceIdentifier=one',
    'Action=DescribeDBInstances',
  ])('leaves %s as it is', async (form) => {
    await ask(form);
    expect(seen.at(-1)).toEqual({ path: '/?of=rds', signed: 'AWS4-HMAC-SHA256 as-it-is', form });
  });

  it('brings back what was answered', async () => {
    const answer = await ask('Action=DescribeDBInstances');
    expect(answer.status).toBe(404);
    expect(answer.headers.get('x-amzn-requestid')).toBe('one');
    expect(await answer.text()).toBe('<Error/>');
  });
});
