import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { internal, ServiceError, throttled } from '../../emulator/errors';
import { startWorld, type World } from './world';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

describe('a rotation that Secrets Manager gets wrong, or leaves', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());

  it('refuses a secret that the function does not know, before any call', async () => {
    const [one, other] = [await world.application(), await world.application()];
    const token = await other.begin();
    const before = world.manager.service.calls.length;
    await expect(
      one.handle({ Step: 'createSecret', SecretId: other.arn, ClientRequestToken: token }),
    ).rejects.toMatchObject({ name: 'SecretNotAllowed' });
    expect(world.manager.service.calls.length).toBe(before);
  });

  it('refuses finishSecret when setSecret never ran', async () => {
    const app = await world.application();
    const token = await app.begin();
    await app.step('createSecret', token);
    await expect(app.step('finishSecret', token)).rejects.toMatchObject({ name: 'PasswordNotSet' });
    expect((await app.labels())[token]).toEqual(['AWSPENDING']);
  });

  it('refuses setSecret when createSecret never ran', async () => {
    const app = await world.application();
    const token = await app.begin();
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'VersionHasNoValue' });
  });

  it('refuses a token that nobody registered', async () => {
    const app = await world.application();
    await app.begin();
    await expect(app.step('setSecret', randomUUID())).rejects.toMatchObject({ name: 'VersionNotRegistered' });
  });

  it('refuses a version from which AWSPENDING has moved on', async () => {
    const app = await world.application();
    const [token, later] = [await app.begin(), randomUUID()];
    const { service } = world.manager;
    await app.step('createSecret', token);
    await service.call('UpdateSecretVersionStage', {
      SecretId: app.arn,
      VersionStage: 'KEPT',
      MoveToVersionId: token,
    });
    await service.call('UpdateSecretVersionStage', {
      SecretId: app.arn,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: token,
    });
    await service.call('PutSecretValue', {
      SecretId: app.arn,
      ClientRequestToken: later,
      SecretString: '{}',
      VersionStages: ['AWSPENDING'],
    });
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'PendingElsewhere' });
  });

  it('refuses a secret that never had a value', async () => {
    const app = await world.application();
    const { service } = world.manager;
    const empty = await service.call('CreateSecret', { Name: `empty/${randomUUID()}` });
    const other = await world.application({ variables: { STRONGROOM_SECRETS: JSON.stringify([empty.ARN]) } });
    service.registerFunction(app.functionArn, () => new Promise(() => {}));
    const token = randomUUID();
    await service.call('RotateSecret', {
      SecretId: empty.ARN,
      ClientRequestToken: token,
      RotationLambdaARN: app.functionArn,
    });
    await expect(
      other.handle({ Step: 'createSecret', SecretId: empty.ARN, ClientRequestToken: token }),
    ).rejects.toMatchObject({ name: 'NoCurrentValue' });
  });

  it('refuses a secret whose rotation was cancelled', async () => {
    const app = await world.application();
    const token = await app.begin();
    await world.manager.service.call('CancelRotateSecret', { SecretId: app.arn });
    await expect(app.step('createSecret', token)).rejects.toMatchObject({ name: 'RotationNotEnabled' });
  });

  it('refuses a secret that is marked as deleted, at every step, without a login', async () => {
    const app = await world.application();
    const token = await app.begin();
    await world.manager.service.call('DeleteSecret', { SecretId: app.arn });
    for (const step of STEPS) await expect(app.step(step, token)).rejects.toMatchObject({ name: 'SecretDeleted' });
    expect(app.lines.every((line) => JSON.parse(line).logins.tried === 0)).toBe(true);
  });

  it('refuses a pending value that somebody has made for another user', async () => {
    const app = await world.application();
    const token = await app.begin();
    const answer = await world.manager.service.call('GetSecretValue', { SecretId: app.arn });
    const text = JSON.stringify({
      ...JSON.parse(String(answer.SecretString)),
      username: 'master',
      password: 'chosen-by-somebody',
    });
    await world.manager.service.call('PutSecretValue', {
      SecretId: app.arn,
      ClientRequestToken: token,
      SecretString: text,
      VersionStages: ['AWSPENDING'],
    });
    await expect(app.step('createSecret', token)).rejects.toMatchObject({
      name: 'PendingMismatch',
      message: expect.stringContaining('username'),
    });
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'PendingMismatch' });
  });

  it('stops before it begins when Lambda leaves too little time', async () => {
    const app = await world.application();
    const token = await app.begin();
    const event = { Step: 'createSecret', SecretId: app.arn, ClientRequestToken: token };
    await expect(app.handle(event, { getRemainingTimeInMillis: () => 2_100 })).rejects.toMatchObject({
      name: 'OutOfTime',
    });
  });

  it('ends before Lambda does when Secrets Manager never answers', async () => {
    const app = await world.application();
    const token = await app.begin();
    let release = () => {};
    world.manager.service.before = () =>
      new Promise((resolve) => {
        release = resolve;
      });
    const event = { Step: 'createSecret', SecretId: app.arn, ClientRequestToken: token };
    try {
      await expect(app.handle(event, { getRemainingTimeInMillis: () => 3_000 })).rejects.toMatchObject({
        name: 'OutOfTime',
      });
    } finally {
      world.manager.service.before = undefined;
      release();
    }
  });

  it.each([
    ['a throttled call', throttled, 'SecretsManagerUnavailable'],
    ['an error of the service', internal, 'SecretsManagerUnavailable'],
    [
      'a missing permission',
      () => new ServiceError('AccessDeniedException', 'User is not authorized'),
      'SecretsManagerDenied',
    ],
    [
      'a missing permission on the key',
      () => new ServiceError('AccessDeniedException', 'Access to KMS is not allowed'),
      'KeyDenied',
    ],
    ['a disabled key', () => new ServiceError('DecryptionFailure', 'KMS key is disabled'), 'KeyDenied'],
  ])('names %s', async (_, make, name) => {
    const app = await world.application();
    const token = await app.begin();
    world.manager.service.before = (operation) => {
      if (operation === 'GetSecretValue') throw make();
    };
    try {
      await expect(app.step('createSecret', token)).rejects.toMatchObject({ name });
    } finally {
      world.manager.service.before = undefined;
    }
  });
});
