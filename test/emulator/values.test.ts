import { describe, expect, it } from 'vitest';
import { oneSecret, refusal, standing } from './support';

const TOKEN = 'a'.repeat(32);

function constraint(where: string, rule: string) {
  return refusal(
    'ValidationException',
    `1 validation error detected: ${where} failed to satisfy constraint: Member must ${rule}`,
  );
}

describe('a value', () => {
  it('is AWSCURRENT’s by default, also after the label was moved', async () => {
    const { first, call, get, put } = await oneSecret(standing());
    const second = await put('second', ['OTHER']);
    expect(await get()).toBe('first');
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: first };
    await call('UpdateSecretVersionStage', move);
    expect(await get()).toBe('second');
    expect(await get({ VersionStage: 'AWSPREVIOUS' })).toBe('first');
    expect(await get({ VersionId: first })).toBe('first');
  });

  it('of a version is not given for a label that is elsewhere', async () => {
    const { first, get } = await oneSecret(standing());
    await expect(get({ VersionId: first, VersionStage: 'AWSPENDING' })).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        'You provided a VersionStage that is not associated to the provided VersionId.',
      ),
    );
  });

  it('that is not there is named by what it was looked for by', async () => {
    const service = standing();
    const { get } = await oneSecret(service);
    const cant = "Secrets Manager can't find the specified secret";
    const missing = (what: string) => refusal('ResourceNotFoundException', `${cant}${what}`);
    await expect(get({ VersionStage: 'AWSPREVIOUS' })).rejects.toMatchObject(
      missing(' value for staging label: AWSPREVIOUS'),
    );
    await expect(get({ VersionId: TOKEN })).rejects.toMatchObject(missing(` value for VersionId: ${TOKEN}`));
    const { ARN } = await service.call('CreateSecret', { Name: 'empty' });
    await expect(service.call('GetSecretValue', { SecretId: ARN })).rejects.toMatchObject(
      missing(' value for staging label: AWSCURRENT'),
    );
    await expect(service.call('GetSecretValue', { SecretId: 'nowhere' })).rejects.toMatchObject(missing('.'));
  });

  it('is of 65,536 bytes at most', async () => {
    const { call, put, get } = await oneSecret(standing());
    const tooLong = constraint("Value at 'secretString'", 'have length less than or equal to 65536');
    await expect(put('x'.repeat(65_537))).rejects.toMatchObject(tooLong);
    // Bytes are counted, not characters.
    await expect(put('é'.repeat(32_769))).rejects.toMatchObject(tooLong);
    await expect(call('UpdateSecret', { SecretString: 'x'.repeat(65_537) })).rejects.toMatchObject(tooLong);
    const SecretBinary = Buffer.alloc(65_537).toString('base64');
    await expect(call('PutSecretValue', { SecretBinary })).rejects.toMatchObject(
      constraint("Value at 'secretBinary'", 'have length less than or equal to 65536'),
    );
    await put('x'.repeat(65_536));
    await call('PutSecretValue', { SecretBinary: Buffer.alloc(65_536).toString('base64') });
    expect(await get()).toBeUndefined();
  });

  it('is a text or bytes, and never both or none', async () => {
    const { call } = await oneSecret(standing());
    await expect(call('PutSecretValue')).rejects.toMatchObject(
      refusal('InvalidRequestException', 'You must provide either SecretString or SecretBinary.'),
    );
    await expect(call('PutSecretValue', { SecretString: 'x', SecretBinary: 'eA==' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
      status: 400,
    });
  });
});

describe('a token', () => {
  it('takes the same value again without any effect', async () => {
    const { call, get, labels, first } = await oneSecret(standing());
    const put = (VersionStages: readonly string[]) =>
      call('PutSecretValue', { ClientRequestToken: TOKEN, SecretString: 'second', VersionStages });
    await put(['OWN']);
    expect(await put(['AWSCURRENT'])).toMatchObject({ VersionId: TOKEN, VersionStages: ['OWN'] });
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'], [TOKEN]: ['OWN'] });
    expect((await call('UpdateSecret', { ClientRequestToken: TOKEN, SecretString: 'second' })).VersionId).toBe(TOKEN);
    expect(await get()).toBe('first');
  });

  it('takes no other value, whoever stores it', async () => {
    const service = standing();
    const input = { Name: 'one', ClientRequestToken: TOKEN, SecretString: 'first' };
    const { ARN } = await service.call('CreateSecret', input);
    const used = refusal(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${TOKEN} because that value is already in use for a version of secret ${ARN}.`,
    );
    const other = { ClientRequestToken: TOKEN, SecretString: 'second' };
    await expect(service.call('CreateSecret', { Name: 'one', ...other })).rejects.toMatchObject(used);
    await expect(service.call('PutSecretValue', { SecretId: ARN, ...other })).rejects.toMatchObject(used);
    await expect(service.call('UpdateSecret', { SecretId: ARN, ...other })).rejects.toMatchObject(used);
    expect((await service.call('GetSecretValue', { SecretId: ARN })).SecretString).toBe('first');
  });

  it('has 32 to 64 characters', async () => {
    const { call } = await oneSecret(standing());
    for (const length of [31, 65]) {
      const input = { ClientRequestToken: 'x'.repeat(length), SecretString: 'x' };
      for (const operation of ['PutSecretValue', 'UpdateSecret', 'RotateSecret'])
        await expect(call(operation, input)).rejects.toMatchObject(
          refusal('InvalidParameterException', 'ClientRequestToken must be 32-64 characters long.'),
        );
    }
  });

  it('of a rotation that comes with a value is checked for its form', async () => {
    const { call } = await oneSecret(standing());
    const put = (RotationToken: string) => call('PutSecretValue', { SecretString: 'x', RotationToken });
    await expect(put('x'.repeat(35))).rejects.toMatchObject(
      constraint("Value at 'rotationToken'", 'have length greater than or equal to 36'),
    );
    await expect(put('_'.repeat(36))).rejects.toMatchObject(
      constraint("Value at 'rotationToken'", 'satisfy regular expression pattern: ^[a-zA-Z0-9\\-]+$'),
    );
    await put('x'.repeat(36));
  });
});

describe('versions', () => {
  it('are refused beyond a quota, if one is set', async () => {
    const service = standing();
    const { put, call } = await oneSecret(service);
    service.faults.versionQuota = 3;
    await put('second');
    await put('third');
    await expect(put('fourth')).rejects.toMatchObject(
      refusal(
        'LimitExceededException',
        'The request failed because it would exceed one of the Secrets Manager quotas.',
      ),
    );
    await expect(call('UpdateSecret', { SecretString: 'fourth' })).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
  });
});
