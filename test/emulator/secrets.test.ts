import { describe, expect, it } from 'vitest';
import { DAY, LAMBDA, oneSecret, refusal, rotatesWell, START, standing } from './support';

const MARKED = refusal(
  'InvalidRequestException',
  "You can't perform this operation on the secret because it was marked for deletion.",
);

describe('a name', () => {
  it('with other characters than AWS takes is refused by every call', async () => {
    const service = standing();
    const invalid = refusal(
      'ValidationException',
      'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
    );
    for (const name of ['Inv Name', ' Inv*Name? ', '']) {
      const more = { SecretString: 'x', ResourcePolicy: '{}', Tags: [], TagKeys: [], VersionStage: 'OWN' };
      await expect(service.call('CreateSecret', { Name: name, SecretString: 'x' })).rejects.toMatchObject(invalid);
      for (const operation of ['GetSecretValue', 'PutSecretValue', 'UpdateSecret', 'DescribeSecret', 'RotateSecret'])
        await expect(service.call(operation, { SecretId: name, ...more })).rejects.toMatchObject(invalid);
      const force = { SecretId: name, ForceDeleteWithoutRecovery: true };
      await expect(service.call('DeleteSecret', force)).rejects.toMatchObject(invalid);
      for (const operation of ['TagResource', 'UntagResource', 'ListSecretVersionIds', 'ValidateResourcePolicy'])
        await expect(service.call(operation, { SecretId: name, ...more })).rejects.toMatchObject(invalid);
    }
  });

  it('that is taken is refused, with or without the words of a deletion', async () => {
    const service = standing();
    const create = () => service.call('CreateSecret', { Name: 'one', SecretString: 'x' });
    await create();
    await expect(create()).rejects.toMatchObject(
      refusal('ResourceExistsException', 'The operation failed because the secret one already exists.'),
    );
    await service.call('DeleteSecret', { SecretId: 'one' });
    await expect(create()).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
      ),
    );
  });
});

describe('a deletion', () => {
  it('takes 7 to 30 days, or none, and not both', async () => {
    const { call, describe: described } = await oneSecret(standing());
    const range = refusal(
      'InvalidParameterException',
      'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).',
    );
    for (const RecoveryWindowInDays of [0, 2, 6, 31, 100]) {
      await expect(call('DeleteSecret', { RecoveryWindowInDays })).rejects.toMatchObject(range);
      const both = { RecoveryWindowInDays, ForceDeleteWithoutRecovery: true };
      await expect(call('DeleteSecret', both)).rejects.toMatchObject(range);
    }
    const both = { RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true };
    await expect(call('DeleteSecret', both)).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
      ),
    );
    expect(await described()).not.toHaveProperty('DeletedDate');
    expect((await call('DeleteSecret')).DeletionDate).toBe((START + 30 * DAY) / 1000);
  });

  it('leaves a secret that is described, listed when asked for, and nothing else', async () => {
    const service = standing({ anyFunction: async () => {} });
    const { call, first, labels, versions } = await oneSecret(service);
    await call('DeleteSecret');
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'] });
    expect(await versions()).toEqual([first]);
    const more = {
      ...{ SecretString: 'x', VersionStage: 'OWN', MoveToVersionId: first, ResourcePolicy: '{}' },
      ...{ Tags: [{ Key: 'a', Value: 'b' }], TagKeys: ['a'], RotationLambdaARN: LAMBDA },
    };
    for (const operation of [
      ...['GetSecretValue', 'PutSecretValue', 'UpdateSecret', 'UpdateSecretVersionStage', 'RotateSecret'],
      ...['CancelRotateSecret', 'DeleteSecret', 'TagResource', 'UntagResource', 'GetResourcePolicy'],
      ...['PutResourcePolicy', 'DeleteResourcePolicy', 'ReplicateSecretToRegions'],
    ])
      await expect(call(operation, more), operation).rejects.toMatchObject(MARKED);
  });

  it('by force takes what is scheduled already, and answers well for what is not there', async () => {
    const service = standing();
    const { id, call } = await oneSecret(service);
    await call('DeleteSecret', { RecoveryWindowInDays: 7 });
    await call('DeleteSecret', { ForceDeleteWithoutRecovery: true });
    await expect(call('DescribeSecret')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await call('DeleteSecret', { ForceDeleteWithoutRecovery: true })).toMatchObject({
      ARN: id,
      Name: id.split(':')[6]?.slice(0, -7),
      DeletionDate: START / 1000,
    });
    const force = { SecretId: 'never/there', ForceDeleteWithoutRecovery: true };
    const { ARN, Name } = await service.call('DeleteSecret', force);
    expect(Name).toBe('never/there');
    expect(ARN).toMatch(/^arn:aws:secretsmanager:eu-central-1:111122223333:secret:never\/there-[A-Za-z]{6}$/);
    await expect(service.call('DeleteSecret', { SecretId: 'never/there' })).rejects.toMatchObject(
      refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret."),
    );
  });

  it('stops the rotation that is under way, and its labels stay', async () => {
    const service = standing();
    const { id, call, labels } = await oneSecret(service);
    service.registerFunction(LAMBDA, rotatesWell(service));
    service.driver.beforeStep = (step) => (step === 'setSecret' ? call('DeleteSecret') : undefined);
    const { VersionId: token } = await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    await service.driver.settled(id);
    expect((await labels())[String(token)]).toEqual(['AWSPENDING']);
    expect(service.driver.records.map(({ name }) => name)).toEqual(['RotationStarted']);
  });

  it('is undone by RestoreSecret, which what is not deleted takes too', async () => {
    const { call, get, describe: described } = await oneSecret(standing());
    await call('RestoreSecret');
    await call('DeleteSecret');
    await expect(get()).rejects.toMatchObject(MARKED);
    await call('RestoreSecret');
    expect(await described()).not.toHaveProperty('DeletedDate');
    expect(await get()).toBe('first');
  });
});

describe('replicas', () => {
  it('are in other regions, and a call that names its own changes nothing', async () => {
    const { call, describe: described } = await oneSecret(standing());
    const AddReplicaRegions = [{ Region: 'eu-west-1' }, { Region: 'eu-central-1' }];
    await expect(call('ReplicateSecretToRegions', { AddReplicaRegions })).rejects.toMatchObject(
      refusal('InvalidParameterException', 'Invalid replica region.'),
    );
    expect(await described()).not.toHaveProperty('ReplicationStatus');
  });

  it('are not modelled as secrets of their own: the one call that is made to a replica says so', async () => {
    const { call } = await oneSecret(standing());
    await expect(call('StopReplicationToReplica')).rejects.toMatchObject(
      refusal('NotModelledException', 'this emulator does not model StopReplicationToReplica'),
    );
  });
});

describe('BatchGetSecretValue', () => {
  it('takes a list or filters, and pages only with filters', async () => {
    const service = standing();
    for (const name of ['app/1', 'app/2', 'app/3'])
      await service.call('CreateSecret', { Name: name, SecretString: name });
    const batch = (input: object) => service.call('BatchGetSecretValue', { ...input });
    const Filters = [{ Key: 'name', Values: ['app/'] }];
    const either = refusal(
      'InvalidParameterException',
      "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
    );
    await expect(batch({ SecretIdList: ['app/1'], Filters })).rejects.toMatchObject(either);
    await expect(batch({})).rejects.toMatchObject(either);
    await expect(batch({ SecretIdList: ['app/1'], MaxResults: 1 })).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.",
      ),
    );
    const { SecretValues, NextToken } = await batch({ Filters, MaxResults: 2 });
    expect(SecretValues).toMatchObject([{ SecretString: 'app/1' }, { SecretString: 'app/2' }]);
    const rest = await batch({ Filters, MaxResults: 2, NextToken });
    expect(rest.SecretValues).toMatchObject([{ SecretString: 'app/3' }]);
    expect(rest).not.toHaveProperty('NextToken');
  });

  it('answers what it can, and says of the rest why not', async () => {
    const service = standing();
    const { id } = await oneSecret(service);
    const gone = await oneSecret(service);
    await gone.call('DeleteSecret');
    const { SecretValues, Errors } = await service.call('BatchGetSecretValue', {
      SecretIdList: [id, gone.id, 'nowhere'],
    });
    expect(SecretValues).toMatchObject([{ ARN: id, SecretString: 'first', VersionStages: ['AWSCURRENT'] }]);
    expect(Errors).toEqual([
      { SecretId: gone.id, ErrorCode: MARKED.name, Message: MARKED.message },
      {
        SecretId: 'nowhere',
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      },
    ]);
  });
});

describe('lists', () => {
  it('refuse filters, sizes and places that AWS does not know', async () => {
    const service = standing();
    const list = (input: object) => service.call('ListSecrets', { ...input });
    const error = (where: string, rule: string) =>
      refusal(
        'ValidationException',
        `1 validation error detected: ${where} failed to satisfy constraint: Member must ${rule}`,
      );
    await expect(list({ Filters: [{ Key: 'colour', Values: ['x'] }] })).rejects.toMatchObject(
      error(
        "Value 'colour' at 'filters.1.member.key'",
        'satisfy enum value set: [description, name, tag-key, tag-value, primary-region, owning-service, all]',
      ),
    );
    await expect(list({ MaxResults: 101 })).rejects.toMatchObject(
      error("Value '101' at 'maxResults'", 'have value less than or equal to 100'),
    );
    await expect(list({ NextToken: 'x' })).rejects.toMatchObject(
      refusal('InvalidNextTokenException', 'The NextToken value is invalid.'),
    );
  });
});
