import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ApiKeySecret } from '../../../constructs/aws/api-key-secret';
import type { ApiProvider } from '../../../constructs/aws/api-provider';
import type { AwsStack } from '../../../constructs/aws/aws-stack';
import { Secret } from '../../../constructs/aws/secret';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { Value } from '../../../constructs/core/value';
import { type SecretsManagerServer, startSecretsManager } from '../../../emulator/server';
import { awsStackJson, resourceOf } from '../../support/aws-stacks';
import { expectNoDrift, granted, SUPERUSER_ARN } from './rotation-drift';

const LONG = 600_000;

const ADMIN = { Authorization: 'Bearer {admin:token}' };

const PROVIDER: ApiProvider = {
  url: 'https://api.example.com',
  limit: 3,
  exclusive: true,
  list: { path: '/keys', headers: ADMIN, id: 'id', tag: 'name' },
  create: { method: 'POST', path: '/keys', headers: ADMIN, body: { name: '{tag}' }, id: 'id', key: 'key' },
  test: { path: '/me', headers: { Authorization: 'Bearer {key}' } },
  revoke: { method: 'DELETE', path: '/keys/{id}', headers: ADMIN },
};

interface Key {
  readonly id: string;
  readonly key: string;
  readonly name: string;
}

/** Hands keys out to whoever knows the administrator's token. */
class KeyServer {
  readonly token = randomUUID();
  readonly first: Key = { id: randomUUID(), key: randomUUID(), name: 'by hand' };
  private readonly keys = new Map<string, Key>([[this.first.id, this.first]]);
  private readonly server = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += String(part);
    const [status, answer] = this.answer(request.method ?? '', request.url ?? '', request.headers.authorization, body);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => {
      this.server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private answer(method: string, path: string, authorization: string | undefined, body: string): [number, unknown] {
    const bearer = authorization?.replace('Bearer ', '');
    if (path === '/me') return [[...this.keys.values()].some(({ key }) => key === bearer) ? 200 : 401, {}];
    if (bearer !== this.token) return [403, {}];
    if (method === 'GET') return [200, [...this.keys.values()].map(({ id, name }) => ({ id, name }))];
    if (method === 'DELETE') return [this.keys.delete(path.slice('/keys/'.length)) ? 204 : 404, {}];
    const key = { id: randomUUID(), key: randomUUID(), name: (JSON.parse(body) as { name: string }).name };
    this.keys.set(key.id, key);
    return [201, key];
  }
}

describe('a rotation function of API keys', () => {
  const provider = new KeyServer();
  let manager: SecretsManagerServer;
  let url: string;
  beforeAll(async () => {
    manager = await startSecretsManager();
    url = await provider.start();
  }, LONG);
  afterAll(async () => {
    provider.stop();
    await manager.close();
  });

  it(
    'asks all that it is granted, and nothing else',
    async () => {
      const rotated = (stack: AwsStack) => {
        const value = Value.external({ since: '2026-11-01' });
        const secret = new ApiKeySecret(stack, 'key', { name: 'myapp/key', owner: 'payments', value });
        secret.addRotation({
          schedule: RotationSchedule.everyDays(90),
          rotateImmediately: true,
          provider: PROVIDER,
          wayOut: { kind: 'outside-network' },
          admin: Secret.fromArn(stack, 'admin', SUPERUSER_ARN),
          grace: {},
        });
      };
      const lambda = resourceOf(await awsStackJson(rotated), 'aws_lambda_function');
      const { variables } = lambda['environment'] as { variables: Record<string, string> };
      const admin = await manager.service.call('CreateSecret', {
        Name: 'payments/admin',
        SecretString: JSON.stringify({ token: provider.token }),
      });
      await expectNoDrift(
        {
          manager,
          superuserSecret: String(admin.ARN),
          seed: { keyId: provider.first.id, apiKey: provider.first.key },
          variables: {
            STRONGROOM_ROTATOR: 'http-api-key',
            STRONGROOM_API: String(variables['STRONGROOM_API']).replace(PROVIDER.url, url),
            STRONGROOM_GRACE_SECONDS: String(variables['STRONGROOM_GRACE_SECONDS']),
            // On loopback; the function itself only speaks https.
            STRONGROOM_TLS: 'disabled',
          },
        },
        await granted(rotated),
      );
    },
    LONG,
  );
});
