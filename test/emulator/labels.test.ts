import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { LAMBDA, oneSecret, refusal, rotatesWell, standing } from './support';

const ABSENT = 'f'.repeat(32);

describe('a staging label', () => {
  it('is on one version only, whatever moves it', async () => {
    const { first, call, labels, put } = await oneSecret(standing());
    const second = await put('second', ['AWSPENDING', 'OWN']);
    const third = await put('third', ['AWSPENDING', 'OWN']);
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'], [third]: ['AWSPENDING', 'OWN'] });
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: first };
    await call('UpdateSecretVersionStage', move);
    const fourth = await put('fourth');
    expect(Object.entries(await labels()).filter(([, held]) => held.includes('AWSCURRENT'))).toEqual([
      [fourth, ['AWSCURRENT']],
    ]);
  });

  it('of one’s own stays where it is when AWSCURRENT moves on', async () => {
    const { first, labels, put } = await oneSecret(standing());
    const second = await put('second', ['AWSCURRENT', 'OWN']);
    const third = await put('third');
    expect(await labels()).toEqual({ [second]: ['OWN', 'AWSPREVIOUS'], [third]: ['AWSCURRENT'] });
    expect(await labels()).not.toHaveProperty(first);
  });

  it('moves only when the call says from which version', async () => {
    const { first, call, labels, put } = await oneSecret(standing());
    const second = await put('second', ['OWN']);
    for (const [label, to, from] of [
      ['AWSCURRENT', second, first],
      ['OWN', first, second],
    ] as const) {
      await expect(
        call('UpdateSecretVersionStage', { VersionStage: label, MoveToVersionId: to }),
      ).rejects.toMatchObject(
        refusal(
          'InvalidParameterException',
          `The parameter RemoveFromVersionId can't be empty. Staging label ${label} is currently attached to version ${from}, so you must explicitly reference that version in RemoveFromVersionId.`,
        ),
      );
    }
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'], [second]: ['OWN'] });
  });

  it('is not moved, nor taken away, by a call that names the wrong version', async () => {
    const { first, call, labels, put } = await oneSecret(standing());
    const second = await put('second', ['AWSPENDING']);
    const before = await labels();
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: second };
    await expect(call('UpdateSecretVersionStage', move)).rejects.toMatchObject(
      refusal('InvalidParameterException', `The staging label AWSCURRENT is not attached to version ${second}.`),
    );
    await expect(
      call('UpdateSecretVersionStage', { VersionStage: 'OWN', RemoveFromVersionId: first }),
    ).rejects.toMatchObject({ name: 'InvalidParameterException', status: 400 });
    expect(await labels()).toEqual(before);
  });

  it('stays where it is when the version to move it to does not exist', async () => {
    const { first, call, get, labels } = await oneSecret(standing());
    const before = await labels();
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: ABSENT, RemoveFromVersionId: first };
    await expect(call('UpdateSecretVersionStage', move)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      status: 400,
    });
    expect(await labels()).toEqual(before);
    expect(await get()).toBe('first');
  });

  it('AWSCURRENT is never taken away', async () => {
    const { first, call, labels } = await oneSecret(standing());
    await expect(
      call('UpdateSecretVersionStage', { VersionStage: 'AWSCURRENT', RemoveFromVersionId: first }),
    ).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed.",
      ),
    );
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'] });
  });

  it('AWSCURRENT comes by itself with the first version, whatever labels that is stored with', async () => {
    const service = standing();
    const { ARN: SecretId } = await service.call('CreateSecret', { Name: 'empty' });
    const put = (SecretString: string) =>
      service.call('PutSecretValue', { SecretId, SecretString, VersionStages: ['OWN'] });
    expect((await put('first')).VersionStages).toEqual(['OWN', 'AWSCURRENT']);
    expect((await put('second')).VersionStages).toEqual(['OWN']);
  });

  it('is one of 20 at most, over all versions of the secret', async () => {
    const { first, call, labels, put } = await oneSecret(standing());
    const second = await put(
      'second',
      Array.from({ length: 10 }, (_, n) => `A${n}`),
    );
    for (let n = 0; n < 9; n++)
      await call('UpdateSecretVersionStage', { VersionStage: `B${n}`, MoveToVersionId: first });
    const before = await labels();
    const tooMany = refusal(
      'LimitExceededException',
      'The request failed because it would exceed one of the Secrets Manager quotas.',
    );
    await expect(
      call('UpdateSecretVersionStage', { VersionStage: 'ONE', MoveToVersionId: second }),
    ).rejects.toMatchObject(tooMany);
    await expect(put('third', ['ONE'])).rejects.toMatchObject(tooMany);
    // AWSPREVIOUS would come in addition.
    await expect(put('third')).rejects.toMatchObject(tooMany);
    expect(await labels()).toEqual(before);
    await put('third', ['A0', 'B0']);
  });
});

describe('the words of labels', () => {
  const violated = (member: string, rule: string) =>
    refusal(
      'ValidationException',
      `1 validation error detected: Value at '${member}' failed to satisfy constraint: Member must ${rule}`,
    );

  it('are 1 to 256 characters long, and 1 to 20 in one call', async () => {
    const { first, call, put } = await oneSecret(standing());
    const move = (VersionStage: string) => call('UpdateSecretVersionStage', { VersionStage, MoveToVersionId: first });
    await expect(move('')).rejects.toMatchObject(violated('versionStage', 'have length greater than or equal to 1'));
    await expect(move('x'.repeat(257))).rejects.toMatchObject(
      violated('versionStage', 'have length less than or equal to 256'),
    );
    await move('x'.repeat(256));
    await expect(put('x', [])).rejects.toMatchObject(
      violated('versionStages', 'have length greater than or equal to 1'),
    );
    await expect(put('x', Array(21).fill('A'))).rejects.toMatchObject(
      violated('versionStages', 'have length less than or equal to 20'),
    );
    await expect(put('x', ['x'.repeat(257)])).rejects.toMatchObject(
      violated('versionStages', 'satisfy constraint: [Member must have length less than or equal to 256]'),
    );
  });
});

describe('AWSPENDING', () => {
  const promote = (first: string, second: string) => ({
    ...{ VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: first },
  });

  it('goes from the version of a rotation that becomes current', async () => {
    const service = standing();
    const { id, first, call, labels } = await oneSecret(service);
    service.registerFunction(LAMBDA, rotatesWell(service));
    const { VersionId: token } = await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    await service.driver.settled(id);
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [String(token)]: ['AWSCURRENT'] });
  });

  it('stays on a version that was stored and promoted by hand', async () => {
    const { first, call, labels, put } = await oneSecret(standing());
    const second = await put('second', ['AWSPENDING']);
    await call('UpdateSecretVersionStage', promote(first, second));
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSPENDING', 'AWSCURRENT'] });
  });

  it('that stayed goes with the next pending version, or with the next current one', async () => {
    const service = standing();
    for (const next of ['AWSPENDING', 'AWSCURRENT']) {
      const { first, call, labels, put } = await oneSecret(service);
      const second = await put('second', ['AWSPENDING']);
      await call('UpdateSecretVersionStage', promote(first, second));
      const third = await put('third', [next]);
      expect(await labels()).toEqual(
        next === 'AWSPENDING'
          ? { [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'], [third]: ['AWSPENDING'] }
          : { [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] },
      );
    }
    // Nothing was under way that could have been given up.
    expect(service.driver.records).toEqual([]);
  });
});

describe('a version without labels', () => {
  it('is read by its id, listed only when asked for, without labels, and not described', async () => {
    const { first, call, get, labels, put } = await oneSecret(standing());
    await put('second');
    await put('third');
    expect(await get({ VersionId: first })).toBe('first');
    expect(await labels()).not.toHaveProperty(first);
    const versions = async (more: object) => (await call('ListSecretVersionIds', { ...more })).Versions as object[];
    expect(await versions({})).toHaveLength(2);
    const [oldest] = await versions({ IncludeDeprecated: true });
    expect(oldest).toMatchObject({ VersionId: first, KmsKeyIds: ['DefaultEncryptionKey'] });
    expect(oldest).not.toHaveProperty('VersionStages');
  });
});

describe('a pending version without a value', () => {
  async function placeholder() {
    const service = standing();
    const secret = await oneSecret(service);
    let during: () => Promise<void> = async () => {};
    service.registerFunction(LAMBDA, async ({ Step }) => {
      if (Step === 'createSecret') await during();
    });
    const rotate = async (test: (token: string) => Promise<void>) => {
      const token = randomUUID();
      let failed: unknown;
      during = async () => {
        try {
          await test(token);
        } catch (error) {
          failed = error;
        }
      };
      await secret.call('RotateSecret', { RotationLambdaARN: LAMBDA, ClientRequestToken: token });
      await service.driver.settled(secret.id);
      if (failed !== undefined) throw failed;
    };
    return { ...secret, rotate };
  }

  it('is described, and is not there for readers nor in the list of versions', async () => {
    const { call, get, labels, rotate, versions, first } = await placeholder();
    await rotate(async (token) => {
      expect((await labels())[token]).toEqual(['AWSPENDING']);
      const cant = "Secrets Manager can't find the specified secret value for";
      const missing = (what: string) => refusal('ResourceNotFoundException', `${cant} ${what}`);
      await expect(get({ VersionStage: 'AWSPENDING' })).rejects.toMatchObject(missing('staging label: AWSPENDING'));
      await expect(get({ VersionId: token })).rejects.toMatchObject(missing(`VersionId: ${token}`));
      const both = { VersionId: token, VersionStage: 'AWSPENDING' };
      await expect(get(both)).rejects.toMatchObject(missing('staging label: AWSPENDING'));
      expect(await versions()).toEqual([first]);
      expect((await call('GetSecretValue')).VersionId).toBe(first);
    });
  });

  it('is filled by the first value under its token, and by no other', async () => {
    const { call, get, rotate } = await placeholder();
    await rotate(async (token) => {
      const fill = (SecretString: string) =>
        call('PutSecretValue', { SecretString, ClientRequestToken: token, VersionStages: ['AWSPENDING'] });
      await fill('next');
      await fill('next');
      await expect(fill('another')).rejects.toMatchObject({ name: 'ResourceExistsException' });
      expect(await get({ VersionId: token, VersionStage: 'AWSPENDING' })).toBe('next');
    });
  });
});
