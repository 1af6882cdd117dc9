import { randomUUID } from 'node:crypto';
import { SecretsManager } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { canRun } from '../support/required';
import { type Moto, startMoto } from '../support/terraform/moto';
import { findMoto, NO_MOTO } from '../support/terraform/tools';
import { CASES } from './moto-cases';

const ACCOUNT = '111122223333';

const binary = findMoto();

describe.skipIf(!canRun('moto', binary === undefined ? NO_MOTO : undefined))('the emulator and moto', () => {
  let moto: Moto;
  let server: SecretsManagerServer;
  const clients: SecretsManager[] = [];
  beforeAll(async () => {
    moto = await startMoto(String(binary), ACCOUNT);
    server = await startSecretsManager();
    for (const endpoint of [server.endpoint, moto.url]) {
      const credentials = { accessKeyId: 'loopback', secretAccessKey: 'loopback' };
      clients.push(new SecretsManager({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 }));
    }
  });
  afterAll(async () => {
    for (const client of clients) client.destroy();
    await server?.close();
    await moto?.stop();
  });

  it.each(Object.entries(CASES))('answer alike: %s', async (_name, { ask }) => {
    const [ours, motos] = await Promise.all(
      clients.map(async (aws) => {
        const { ARN, VersionId } = await aws.createSecret({ Name: randomUUID(), SecretString: 'first' });
        return ask({ aws, SecretId: String(ARN), first: String(VersionId) });
      }),
    );
    expect(ours).not.toBeUndefined();
    expect(ours).toEqual(motos);
  });
});
