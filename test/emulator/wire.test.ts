import { randomUUID } from 'node:crypto';
import {
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { internal, throttled } from '../../emulator/errors';
import { ReplyLost, type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { OPERATION_NAMES, type Operation, type SecretsManagerService } from '../../emulator/service';
import { LAMBDA, oneSecret, rotatesWell } from './support';

const SIGNED = 'AWS4-HMAC-SHA256 Credential=test/20260101/eu-central-1/secretsmanager/aws4_request';

describe('over HTTP', () => {
  let server: SecretsManagerServer;
  let client: SecretsManagerClient;
  const draws: number[] = [];

  beforeEach(async () => {
    draws.length = 0;
    server = await startSecretsManager({ random: () => draws.shift() ?? 0.9 });
    const credentials = { accessKeyId: 'loopback', secretAccessKey: 'loopback' };
    client = new SecretsManagerClient({ endpoint: server.endpoint, region: 'eu-central-1', credentials });
  });
  afterEach(async () => {
    client.destroy();
    await server.close();
  });

  async function post(operation: string, input: object, headers: Readonly<Record<string, string>> = {}) {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': `secretsmanager.${operation}`, authorization: SIGNED, ...headers },
      body: JSON.stringify(input),
    });
    return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
  }

  it('every refusal has the status 400, with name and words in the body', async () => {
    const cant = "Secrets Manager can't find the specified secret.";
    expect(await post('GetSecretValue', { SecretId: 'nowhere' })).toEqual({
      status: 400,
      body: { __type: 'ResourceNotFoundException', message: cant, Message: cant },
    });
    const { first, id } = await oneSecret(server.service);
    const mismatch = await post('GetSecretValue', { SecretId: id, VersionId: first, VersionStage: 'OWN' });
    expect(mismatch).toMatchObject({ status: 400, body: { __type: 'InvalidRequestException' } });
    expect(
      (await post('PutSecretValue', { SecretId: 'a b', SecretString: 'x', ClientRequestToken: randomUUID() })).status,
    ).toBe(400);
  });

  it('an error of the service itself has the status 500', async () => {
    server.service.before = () => {
      throw internal();
    };
    expect(await post('ListSecrets', {})).toMatchObject({
      status: 500,
      body: { __type: 'InternalServiceError', message: 'An error occurred on the server side.' },
    });
  });

  it.each(['GetSecretValues', 'toString', ''])(
    'an operation %j, which AWS has not, is answered by name alone',
    async (name) => {
      expect(await post(name, {})).toEqual({ status: 400, body: { __type: 'UnknownOperationException' } });
    },
  );

  it('a call for another service is answered in the same way', async () => {
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameter' };
    expect(await post('', {}, headers)).toEqual({ status: 400, body: { __type: 'UnknownOperationException' } });
  });

  it('what is no JSON, or of another type, is refused', async () => {
    const { id } = await oneSecret(server.service);
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { 'x-amz-target': 'secretsmanager.ListSecrets', authorization: SIGNED },
      body: '{',
    });
    expect([response.status, await response.json()]).toMatchObject([400, { __type: 'SerializationException' }]);
    for (const [operation, input] of [
      ['GetSecretValue', { SecretId: 1 }],
      ['ListSecrets', { MaxResults: 1.5 }],
      ['ListSecrets', { Filters: 'x' }],
      ['ListSecrets', { Filters: ['x'] }],
      ['UntagResource', { SecretId: id, TagKeys: [1] }],
    ] as const)
      expect(await post(operation, input)).toMatchObject({ status: 400, body: { __type: 'SerializationException' } });
  });

  it('a call that is not signed is refused', async () => {
    expect(await post('ListSecrets', {}, { authorization: '' })).toMatchObject({
      status: 403,
      body: { __type: 'MissingAuthenticationTokenException' },
    });
  });

  it.each([
    ['CreateSecret', 'InvalidRequestException'],
    ['UpdateSecret', 'InvalidRequestException'],
    ['PutSecretValue', 'InvalidRequestException'],
    ['RotateSecret', 'InvalidParameterException'],
  ])('%s without the token that SDKs add is refused, before the secret is looked for', async (operation, __type) => {
    const answer = await post(operation, { Name: 'new', SecretId: 'nowhere', SecretString: 'x' });
    expect(answer).toMatchObject({
      status: 400,
      body: { __type, message: 'You must provide a ClientRequestToken value. We recommend a UUID-type value.' },
    });
  });

  it('every operation can fail before its effect, and after it without an answer', async () => {
    const { service } = server;
    service.registerFunction(LAMBDA, async () => {});
    for (const operation of OPERATION_NAMES) {
      const secret = await prepared(service, operation);
      const input = inputOf(operation, secret);
      const before = await stateOf(service, secret.id);
      service.before = (name) => {
        if (name === operation) throw throttled();
      };
      expect(await post(operation, input), operation).toMatchObject({
        status: 400,
        body: { __type: 'ThrottlingException', message: 'Rate exceeded' },
      });
      service.before = undefined;
      expect(await stateOf(service, secret.id), operation).toBe(before);
      service.after = (name) => {
        if (name === operation) throw new ReplyLost();
      };
      await expect(post(operation, input), operation).rejects.toThrow('fetch failed');
      service.after = undefined;
      expect((await stateOf(service, secret.id)) !== before, operation).toBe(CHANGES.has(operation));
    }
  });

  it('a throttled call is repeated by the SDK, and succeeds', async () => {
    const { id } = await oneSecret(server.service);
    draws.push(0.1, 0.9);
    server.service.faults.throttle = 0.5;
    const { $metadata, SecretString } = await client.send(new GetSecretValueCommand({ SecretId: id }));
    expect([SecretString, $metadata.attempts]).toEqual(['first', 2]);
  });

  it('reads are behind writes', async () => {
    const { id } = await oneSecret(server.service);
    await server.service.advance(60_000);
    server.service.faults.staleReadsMs = 30_000;
    const { VersionId } = await client.send(new PutSecretValueCommand({ SecretId: id, SecretString: 'second' }));
    const get = (by: object = {}) => client.send(new GetSecretValueCommand({ SecretId: id, ...by }));
    expect((await get()).SecretString).toBe('first');
    await expect(get({ VersionId })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await server.service.advance(30_000);
    expect((await get()).SecretString).toBe('second');
  });

  it('nothing is read or written while the KMS key is out of use', async () => {
    const { id } = await oneSecret(server.service);
    server.service.faults.kmsDown = true;
    await expect(client.send(new GetSecretValueCommand({ SecretId: id }))).rejects.toMatchObject({
      name: 'DecryptionFailure',
      message: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
      $metadata: { httpStatusCode: 400 },
    });
    const put = new PutSecretValueCommand({ SecretId: id, SecretString: 'x' });
    await expect(client.send(put)).rejects.toMatchObject({ name: 'EncryptionFailure' });
  });

  it('answers come after the latency', async () => {
    const { id } = await oneSecret(server.service);
    server.service.faults.latencyMs = 40;
    const begun = performance.now();
    await client.send(new GetSecretValueCommand({ SecretId: id }));
    expect(performance.now() - begun).toBeGreaterThanOrEqual(38);
  });

  it('a list of versions may leave the pending one out', async () => {
    const { id, put, first } = await oneSecret(server.service);
    const pending = await put('next', ['AWSPENDING']);
    const list = async () =>
      (await client.send(new ListSecretVersionIdsCommand({ SecretId: id, IncludeDeprecated: true }))).Versions?.map(
        ({ VersionId }) => VersionId,
      );
    expect(await list()).toEqual([first, pending]);
    server.service.faults.listsOmitPending = true;
    expect(await list()).toEqual([first]);
  });

  it('a rotation is given up at any point: here by a person who writes as soon as the new value is stored', async () => {
    const { service } = server;
    const { id, call, get } = await oneSecret(service);
    service.registerFunction(LAMBDA, rotatesWell(service));
    service.after = async (operation, _count, { VersionStages }) => {
      if (operation !== 'PutSecretValue' || VersionStages === undefined) return;
      await client.send(new PutSecretValueCommand({ SecretId: id, SecretString: 'by a person' }));
    };
    await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    await service.driver.settled(id);
    expect(service.driver.records.at(-1)?.name).toBe('RotationAbandoned');
    expect(await get()).toBe('by a person');
  });
});

const CHANGES: ReadonlySet<Operation> = new Set([
  ...(['CancelRotateSecret', 'CreateSecret', 'DeleteResourcePolicy', 'DeleteSecret', 'PutResourcePolicy'] as const),
  ...(['PutSecretValue', 'RemoveRegionsFromReplication', 'ReplicateSecretToRegions', 'RestoreSecret'] as const),
  ...(['RotateSecret', 'TagResource', 'UntagResource', 'UpdateSecret', 'UpdateSecretVersionStage'] as const),
]);

/** A secret on which the operation has an effect, if it has any. */
async function prepared(service: SecretsManagerService, operation: Operation) {
  const secret = await oneSecret(service, { Tags: [{ Key: 'old', Value: 'x' }] });
  const { call } = secret;
  if (operation === 'CancelRotateSecret') await call('RotateSecret', { RotationLambdaARN: LAMBDA });
  if (operation === 'DeleteResourcePolicy') await call('PutResourcePolicy', { ResourcePolicy: POLICY });
  if (operation === 'RemoveRegionsFromReplication')
    await call('ReplicateSecretToRegions', { AddReplicaRegions: [{ Region: 'eu-west-1' }] });
  if (operation === 'RestoreSecret') await call('DeleteSecret');
  await service.driver.settled(secret.id);
  return secret;
}

const POLICY = '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}';

/** A call that succeeds. */
function inputOf(operation: Operation, { id, first }: { readonly id: string; readonly first: string }): object {
  const wanted: Partial<Record<Operation, object>> = {
    BatchGetSecretValue: { SecretIdList: [id] },
    CreateSecret: { Name: randomUUID(), SecretString: 'x', ClientRequestToken: randomUUID() },
    PutResourcePolicy: { ResourcePolicy: POLICY },
    PutSecretValue: { SecretString: 'second', ClientRequestToken: randomUUID() },
    RemoveRegionsFromReplication: { RemoveReplicaRegions: ['eu-west-1'] },
    ReplicateSecretToRegions: { AddReplicaRegions: [{ Region: 'eu-west-1' }] },
    RotateSecret: { RotationLambdaARN: LAMBDA, ClientRequestToken: randomUUID() },
    TagResource: { Tags: [{ Key: 'new', Value: 'x' }] },
    UntagResource: { TagKeys: ['old'] },
    UpdateSecret: { Description: 'another' },
    UpdateSecretVersionStage: { VersionStage: 'OWN', MoveToVersionId: first },
    ValidateResourcePolicy: { ResourcePolicy: POLICY },
  };
  return { SecretId: id, ...wanted[operation] };
}

/** All that can be seen of the secrets, but for when they were read. */
async function stateOf(service: SecretsManagerService, SecretId: string): Promise<string> {
  const { SecretList } = await service.call('ListSecrets', { IncludePlannedDeletion: true });
  const described = await service.call('DescribeSecret', { SecretId });
  const policy = await service.call('GetResourcePolicy', { SecretId }).catch(({ message }) => message);
  return JSON.stringify([SecretList, described, policy]).replace(/"LastAccessedDate":\d+,?/g, '');
}
