import { randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throttled } from '../../emulator/errors';
import { ReplyLost, type SecretsManagerServer, startSecretsManager } from '../../emulator/server';

const LAMBDA = 'arn:aws:lambda:eu-central-1:111122223333:function:rotate';

describe('the emulator of Secrets Manager, spoken to by the SDK', () => {
  let server: SecretsManagerServer;
  let client: SecretsManagerClient;

  beforeAll(async () => {
    server = await startSecretsManager();
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    client = new SecretsManagerClient({
      endpoint: server.endpoint,
      region: 'eu-central-1',
      credentials,
      maxAttempts: 1,
    });
  });
  afterAll(() => server.close());

  async function secret(value: string | undefined = 'first') {
    const { ARN: SecretId, VersionId: first } = await client.send(
      new CreateSecretCommand({ Name: randomUUID(), ...(value === '' ? {} : { SecretString: value }) }),
    );
    const id = String(SecretId);
    return {
      SecretId: id,
      first: String(first),
      put: (SecretString: string, VersionStages?: string[], ClientRequestToken: string = randomUUID()) =>
        client.send(
          new PutSecretValueCommand({
            SecretId: id,
            SecretString,
            ClientRequestToken,
            ...(VersionStages ? { VersionStages } : {}),
          }),
        ),
      get: async (by: { VersionId?: string; VersionStage?: string } = {}) =>
        (await client.send(new GetSecretValueCommand({ SecretId: id, ...by }))).SecretString,
      move: (VersionStage: string, MoveToVersionId?: string, RemoveFromVersionId?: string) =>
        client.send(
          new UpdateSecretVersionStageCommand({
            SecretId: id,
            VersionStage,
            ...(MoveToVersionId ? { MoveToVersionId } : {}),
            ...(RemoveFromVersionId ? { RemoveFromVersionId } : {}),
          }),
        ),
      labels: async () => (await client.send(new DescribeSecretCommand({ SecretId: id }))).VersionIdsToStages ?? {},
      rotate: (more: { ClientRequestToken?: string; RotateImmediately?: boolean } = {}) =>
        client.send(new RotateSecretCommand({ SecretId: id, RotationLambdaARN: LAMBDA, ...more })),
    };
  }

  it('reads AWSCURRENT by default, also after the label was moved', async () => {
    const { first, put, get, move } = await secret();
    const { VersionId: second } = await put('second', ['OTHER']);
    expect(await get()).toBe('first');
    await move('AWSCURRENT', second, first);
    expect(await get()).toBe('second');
    expect(await get({ VersionStage: 'AWSPREVIOUS' })).toBe('first');
  });

  it('takes the same value under the same token again, and refuses another one', async () => {
    const { put, get } = await secret();
    const token = randomUUID();
    await put('second', undefined, token);
    await put('second', undefined, token);
    await expect(put('third', undefined, token)).rejects.toMatchObject({ name: 'ResourceExistsException' });
    expect(await get()).toBe('second');
  });

  it('leaves AWSPREVIOUS behind, and AWSPENDING on what was promoted by hand', async () => {
    const { first, put, labels, move } = await secret();
    const { VersionId: second = '' } = await put('second', ['AWSPENDING']);
    await move('AWSCURRENT', second, first);
    expect(await labels()).toEqual({ [second]: ['AWSPENDING', 'AWSCURRENT'], [first]: ['AWSPREVIOUS'] });
  });

  it('moves AWSCURRENT only when told where it is, never removes it, and changes nothing when it refuses', async () => {
    const { first, put, labels, move } = await secret();
    const { VersionId: second = '' } = await put('second', ['AWSPENDING']);
    const before = await labels();
    await expect(move('AWSCURRENT', second)).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: `The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${first}, so you must explicitly reference that version in RemoveFromVersionId.`,
    });
    await expect(move('AWSCURRENT', second, second)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(move('AWSCURRENT', undefined, first)).rejects.toThrow('You can only move staging label AWSCURRENT');
    await expect(move('AWSCURRENT', randomUUID(), first)).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await labels()).toEqual(before);
  });

  it('moves another label only when told where it is', async () => {
    const { first, put, move } = await secret();
    const { VersionId: second = '' } = await put('second', ['AWSPENDING']);
    await move('OWN', first);
    await expect(move('OWN', second)).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await move('OWN', second, first);
  });

  it('keeps a version without labels readable by its id, and does not describe it', async () => {
    const { SecretId, first, put, get, labels } = await secret();
    await put('second');
    await put('third');
    expect(await labels()).not.toHaveProperty(first);
    expect(await get({ VersionId: first })).toBe('first');
    const list = async (IncludeDeprecated: boolean) =>
      (await client.send(new ListSecretVersionIdsCommand({ SecretId, IncludeDeprecated }))).Versions?.map(
        ({ VersionId }) => VersionId,
      );
    expect(await list(false)).not.toContain(first);
    expect(await list(true)).toContain(first);
  });

  it('tells an id and a label that do not belong together', async () => {
    const { first, get } = await secret();
    await expect(get({ VersionId: first, VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: 'You provided a VersionStage that is not associated to the provided VersionId.',
    });
  });

  it('refuses a second secret of the same name, a short token, and too large a value', async () => {
    const Name = randomUUID();
    await client.send(new CreateSecretCommand({ Name }));
    await expect(client.send(new CreateSecretCommand({ Name }))).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
    const { put } = await secret();
    await expect(put('x', undefined, 'short')).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(put('x'.repeat(65_537))).rejects.toMatchObject({ name: 'ValidationException' });
  });

  it('calls the four steps with one token, on a placeholder that has no value yet', async () => {
    const { SecretId, first, get, labels, put, move, rotate } = await secret();
    const steps: unknown[] = [];
    server.service.registerFunction(LAMBDA, async (event) => {
      const { Step, ClientRequestToken: token = '' } = event;
      steps.push([Step, event.SecretId]);
      if (Step === 'createSecret') {
        expect((await labels())[token]).toEqual(['AWSPENDING']);
        await expect(get({ VersionId: token })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
        await expect(get({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
        await put('second', ['AWSPENDING'], token);
      }
      if (Step === 'finishSecret') await move('AWSCURRENT', token, first);
    });
    await rotate();
    await server.service.driver.settled(SecretId);
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret'].map((step) => [step, SecretId]));
    expect(await get()).toBe('second');
    expect(server.service.driver.records.at(-1)).toMatchObject({ name: 'RotationSucceeded' });
  });

  it('begins again at createSecret with the same token, then gives up and keeps AWSPENDING', async () => {
    const { SecretId, labels, rotate } = await secret();
    const calls: string[] = [];
    server.service.registerFunction(LAMBDA, async ({ Step, ClientRequestToken }) => {
      calls.push(`${Step} ${ClientRequestToken}`);
      if (Step === 'setSecret') throw new Error('no');
    });
    const { VersionId: token = '' } = await rotate();
    await server.service.driver.settled(SecretId);
    expect(calls).toEqual(Array.from({ length: 3 }, () => [`createSecret ${token}`, `setSecret ${token}`]).flat());
    expect((await labels())[token]).toEqual(['AWSPENDING']);
    await expect(rotate()).rejects.toMatchObject({
      name: 'InvalidRequestException',
      message: "A previous rotation isn't complete. That rotation will be reattempted.",
    });
    await server.service.driver.settled(SecretId);
    expect(calls).toHaveLength(12);
  });

  it('gives the rotation up when somebody writes a current value', async () => {
    const { SecretId, labels, put, rotate } = await secret();
    server.service.registerFunction(LAMBDA, async ({ Step }) => {
      if (Step === 'setSecret') await put('by a person');
    });
    const { VersionId: token = '' } = await rotate();
    await server.service.driver.settled(SecretId);
    expect(server.service.driver.records.at(-1)).toMatchObject({ name: 'RotationAbandoned', token });
    expect(Object.values(await labels()).flat()).not.toContain('AWSPENDING');
  });

  it('only tests when it must not rotate at once', async () => {
    const { SecretId, get, labels, rotate } = await secret();
    const seen: unknown[] = [];
    server.service.registerFunction(LAMBDA, async ({ Step, ClientRequestToken = '' }) => {
      seen.push([Step, await get({ VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' })]);
    });
    await rotate({ RotateImmediately: false });
    await server.service.driver.settled(SecretId);
    expect(seen).toEqual([['testSecret', 'first']]);
    expect(Object.values(await labels()).flat()).toEqual(['AWSCURRENT']);
  });

  it('stops after a cancellation and keeps the labels', async () => {
    const { SecretId, labels, rotate } = await secret();
    server.service.registerFunction(LAMBDA, async () => {
      await client.send(new CancelRotateSecretCommand({ SecretId }));
    });
    const { VersionId: token = '' } = await rotate();
    await server.service.driver.settled(SecretId);
    await expect
      .poll(async () => (await client.send(new DescribeSecretCommand({ SecretId }))).RotationEnabled)
      .toBe(false);
    expect((await labels())[token]).toEqual(['AWSPENDING']);
  });

  it('refuses rotation without a function, to an unknown one, and cancelling what never was', async () => {
    const { SecretId } = await secret();
    await expect(client.send(new RotateSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await expect(
      client.send(new RotateSecretCommand({ SecretId, RotationLambdaARN: `${LAMBDA}-unknown` })),
    ).rejects.toMatchObject({ name: 'AccessDeniedException' });
    await expect(client.send(new CancelRotateSecretCommand({ SecretId }))).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
  });

  it('keeps a deleted secret describable but not readable until its recovery window ends', async () => {
    const { SecretId, get } = await secret();
    await client.send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    expect((await client.send(new DescribeSecretCommand({ SecretId }))).DeletedDate).toBeInstanceOf(Date);
    await expect(get()).rejects.toMatchObject({ name: 'InvalidRequestException' });
    const gone = await secret();
    await client.send(new DeleteSecretCommand({ SecretId: gone.SecretId, ForceDeleteWithoutRecovery: true }));
    await expect(gone.get()).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await expect(
      client.send(new DeleteSecretCommand({ SecretId: gone.SecretId, RecoveryWindowInDays: 6 })),
    ).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });

  it('fails before the effect, or loses the reply after it, when a hook says so', async () => {
    const { put, get } = await secret();
    server.service.before = (operation) => {
      if (operation === 'PutSecretValue') throw throttled();
    };
    await expect(put('second')).rejects.toMatchObject({ name: 'ThrottlingException' });
    server.service.before = undefined;
    expect(await get()).toBe('first');
    server.service.after = (operation) => {
      if (operation === 'PutSecretValue') throw new ReplyLost();
    };
    await expect(put('second')).rejects.toThrow();
    server.service.after = undefined;
    expect(await get()).toBe('second');
  });
});
