import { describe, expect, it } from 'vitest';
import type { Input } from '../../emulator/input';
import { LAMBDA, oneSecret, refusal, standing } from './support';

describe('metadata', () => {
  it('holds description, key and tags, and takes changes of each', async () => {
    const service = standing();
    const { call, describe: described } = await oneSecret(service, {
      Description: 'a database',
      KmsKeyId: 'alias/one',
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    await call('UpdateSecret', { Description: 'another', KmsKeyId: 'alias/two' });
    await call('TagResource', { Tags: [{ Key: 'tier', Value: 'prod' }] });
    await call('UntagResource', { TagKeys: ['team'] });
    expect(await described()).toMatchObject({
      Description: 'another',
      KmsKeyId: 'alias/two',
      Tags: [{ Key: 'tier', Value: 'prod' }],
    });
  });

  it('refuses more than 50 tags and those of AWS, and stores none of them', async () => {
    const service = standing();
    const { call, describe: described } = await oneSecret(service);
    const Tags = Array.from({ length: 51 }, (_, n) => ({ Key: `tag ${n}`, Value: '' }));
    await expect(call('TagResource', { Tags })).rejects.toMatchObject({ name: 'InvalidParameterException' });
    await expect(service.call('CreateSecret', { Name: 'n', Tags })).rejects.toMatchObject({
      name: 'LimitExceededException',
    });
    await expect(service.call('DescribeSecret', { SecretId: 'n' })).rejects.toThrow("can't find");
    await expect(call('TagResource', { Tags: [{ Key: 'aws:x' }] })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect(await described()).not.toHaveProperty('Tags');
  });

  it('is found by the ARN without its random end', async () => {
    const service = standing();
    const { id } = await oneSecret(service);
    expect(await service.call('DescribeSecret', { SecretId: id.slice(0, -7) })).toMatchObject({ ARN: id });
  });

  it('lists replicas, and a secret with one cannot be deleted', async () => {
    const AddReplicaRegions = [{ Region: 'eu-west-1' }];
    const { id, call, describe: described } = await oneSecret(standing(), { AddReplicaRegions });
    expect(await described()).toMatchObject({
      PrimaryRegion: 'eu-central-1',
      ReplicationStatus: [{ Region: 'eu-west-1', Status: 'InSync' }],
    });
    await call('ReplicateSecretToRegions', { AddReplicaRegions: [{ Region: 'us-east-1', KmsKeyId: 'alias/there' }] });
    await expect(call('DeleteSecret')).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        `You can't delete secret ${id} that still has replica regions [eu-west-1, us-east-1].`,
      ),
    );
    await call('RemoveRegionsFromReplication', { RemoveReplicaRegions: ['us-east-1'] });
    await call('RemoveRegionsFromReplication', { RemoveReplicaRegions: ['eu-west-1'] });
    await call('DeleteSecret');
  });
});

describe('creating twice', () => {
  it('is the same secret with the same token and value, and refused with another value', async () => {
    const service = standing();
    const input = { Name: 'one', ClientRequestToken: 'a'.repeat(32), SecretString: 'x' };
    const { ARN } = await service.call('CreateSecret', input);
    expect((await service.call('CreateSecret', input)).ARN).toBe(ARN);
    await expect(service.call('CreateSecret', { ...input, SecretString: 'y' })).rejects.toMatchObject({
      name: 'ResourceExistsException',
    });
  });

  it('leaves nothing behind when the value is refused', async () => {
    const service = standing();
    for (const wrong of [
      { SecretString: 'x'.repeat(65_537) },
      { Description: 1 },
      { AddReplicaRegions: [{ Region: 'eu-central-1' }] },
      { Tags: [{ Key: 'aws:x' }] },
    ])
      await expect(service.call('CreateSecret', { Name: 'one', ...wrong })).rejects.toMatchObject({ status: 400 });
    await service.call('CreateSecret', { Name: 'one' });
  });
});

describe('RotateSecret', () => {
  it('keeps the function of the first call', async () => {
    const service = standing({ anyFunction: async () => {} });
    const { id, call, describe: described } = await oneSecret(service);
    await call('RotateSecret', { RotationLambdaARN: LAMBDA, RotateImmediately: false });
    await service.driver.settled(id);
    await call('RotateSecret', { RotateImmediately: false });
    await service.driver.settled(id);
    expect(await described()).toMatchObject({ RotationEnabled: true, RotationLambdaARN: LAMBDA });
  });

  it('changes nothing when the rules are refused', async () => {
    const service = standing({ anyFunction: async () => {} });
    const { call, describe: described } = await oneSecret(service);
    const RotationRules = { AutomaticallyAfterDays: 0 };
    await expect(call('RotateSecret', { RotationLambdaARN: LAMBDA, RotationRules })).rejects.toMatchObject({
      name: 'InvalidParameterException',
    });
    expect(await described()).not.toHaveProperty('RotationEnabled');
  });

  it('refuses tokens and ARNs of the wrong length', async () => {
    const { call } = await oneSecret(standing({ anyFunction: async () => {} }));
    for (const wrong of [
      { RotationLambdaARN: LAMBDA, ClientRequestToken: 'short' },
      { RotationLambdaARN: LAMBDA, ClientRequestToken: 'x'.repeat(65) },
      { RotationLambdaARN: `arn:${'x'.repeat(2_048)}` },
    ])
      await expect(call('RotateSecret', wrong)).rejects.toMatchObject({ name: 'InvalidParameterException' });
  });
});

describe('resource policies', () => {
  const policy = (Principal: unknown, more: object = {}) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal, Action: 'secretsmanager:GetSecretValue', Resource: '*', ...more }],
    });
  const ROOT = { AWS: 'arn:aws:iam::111122223333:root' };

  it('are stored, given back and deleted', async () => {
    const { call } = await oneSecret(standing());
    expect(await call('GetResourcePolicy')).not.toHaveProperty('ResourcePolicy');
    await call('PutResourcePolicy', { ResourcePolicy: policy(ROOT), BlockPublicPolicy: true });
    expect(await call('GetResourcePolicy')).toMatchObject({ ResourcePolicy: policy(ROOT) });
    await call('DeleteResourcePolicy');
    expect(await call('GetResourcePolicy')).not.toHaveProperty('ResourcePolicy');
  });

  it('are refused when malformed, or public while that is blocked', async () => {
    const { call } = await oneSecret(standing());
    const put = (ResourcePolicy: string, BlockPublicPolicy = true) =>
      call('PutResourcePolicy', { ResourcePolicy, BlockPublicPolicy });
    for (const wrong of ['{', '{}', '{"Statement":[{"Effect":"Allow"}]}'])
      await expect(put(wrong)).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException' });
    for (const principal of ['*', { AWS: '*' }, { AWS: ['*'] }])
      await expect(put(policy(principal))).rejects.toMatchObject({ name: 'PublicPolicyException' });
    await put(policy('*'), false);
    await put(policy('*', { Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } }));
  });

  it('are validated without being stored', async () => {
    const { call } = await oneSecret(standing());
    expect(await call('ValidateResourcePolicy', { ResourcePolicy: policy(ROOT) })).toEqual({
      PolicyValidationPassed: true,
      ValidationErrors: [],
    });
    expect(await call('ValidateResourcePolicy', { ResourcePolicy: policy('*') })).toMatchObject({
      PolicyValidationPassed: false,
    });
    expect(await call('GetResourcePolicy')).not.toHaveProperty('ResourcePolicy');
  });
});

describe('lists', () => {
  it('come in pages and by filters', async () => {
    const service = standing();
    for (let n = 0; n < 5; n++) {
      const Tags = [{ Key: 'parity', Value: n % 2 ? 'odd' : 'even' }];
      await service.call('CreateSecret', { Name: `app/${n}`, SecretString: String(n), Tags });
    }
    const names = ({ SecretList }: Input) => (SecretList as readonly Input[]).map(({ Name }) => Name);
    const first = await service.call('ListSecrets', { MaxResults: 3 });
    const rest = await service.call('ListSecrets', { MaxResults: 3, NextToken: first.NextToken });
    expect([...names(first), ...names(rest)]).toEqual([0, 1, 2, 3, 4].map((n) => `app/${n}`));
    expect(rest).not.toHaveProperty('NextToken');
    const Filters = [{ Key: 'tag-value', Values: ['odd'] }];
    expect(names(await service.call('ListSecrets', { Filters }))).toEqual(['app/1', 'app/3']);
    expect(names(await service.call('ListSecrets', { Filters: [{ Key: 'name', Values: ['!app/1'] }] }))).toHaveLength(
      4,
    );
    await service.call('DeleteSecret', { SecretId: 'app/1' });
    expect(names(await service.call('ListSecrets', { Filters }))).toEqual(['app/3']);
    expect(names(await service.call('ListSecrets', { Filters, IncludePlannedDeletion: true }))).toHaveLength(2);
    const batch = await service.call('BatchGetSecretValue', { SecretIdList: ['app/0', 'app/1', 'app/9'] });
    expect(batch.SecretValues).toMatchObject([{ SecretString: '0' }]);
    expect(batch.Errors).toMatchObject([
      { SecretId: 'app/1', ErrorCode: 'InvalidRequestException' },
      { SecretId: 'app/9', ErrorCode: 'ResourceNotFoundException' },
    ]);
  });
});

describe('GetRandomPassword', () => {
  it('keeps what it is asked for', async () => {
    const service = standing();
    const password = async (input: Input = {}) =>
      String((await service.call('GetRandomPassword', input)).RandomPassword);
    expect(await password()).toHaveLength(32);
    for (let n = 0; n < 50; n++) {
      const four = await password({ PasswordLength: 4 });
      for (const kind of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) expect(four).toMatch(kind);
      expect(await password({ ExcludePunctuation: true, ExcludeNumbers: true, ExcludeCharacters: 'abc' })).toMatch(
        /^[d-zA-Z]{32}$/,
      );
    }
    expect(await password({ PasswordLength: 4_096 })).toHaveLength(4_096);
    expect(await password({ PasswordLength: 1, RequireEachIncludedType: false })).toHaveLength(1);
    expect(await password({ IncludeSpace: true })).toContain(' ');
  });

  it('refuses lengths that it cannot make', async () => {
    const service = standing();
    const password = (PasswordLength: number) => service.call('GetRandomPassword', { PasswordLength });
    await expect(password(3)).rejects.toMatchObject(
      refusal('InvalidParameterException', 'Password length is too short based on the required types.'),
    );
    for (const [length, rule] of [
      [0, 'greater than or equal to 1'],
      [5_555, 'less than or equal to 4096'],
    ] as const)
      await expect(password(length)).rejects.toMatchObject(
        refusal(
          'ValidationException',
          `1 validation error detected: Value '${length}' at 'passwordLength' failed to satisfy constraint: Member must have value ${rule}`,
        ),
      );
  });
});
