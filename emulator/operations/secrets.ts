import { type Context, mustEncrypt, type Operate } from '../context';
import { invalidParameter, invalidRequest, limitExceeded } from '../errors';
import { type Input, objects, optionalNumber, optionalText, text, texts, valueIn } from '../input';
import { checkToken, newToken, type Secret } from '../store';

const DAY = 86_400_000;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html */
const MOST_TAGS = 50;

export const CreateSecret: Operate = (context, input) => {
  const { table } = context;
  const name = text(input, 'Name');
  const token = optionalText(input, 'ClientRequestToken') ?? newToken();
  checkToken(token);
  const value = valueIn(input);
  if (value) mustEncrypt(context);
  const known = table.named(name);
  const same = known?.deleted === undefined ? known?.versions.get(token)?.value : undefined;
  if (known && same && same.text === value?.text && same.binary === value?.binary)
    return { ARN: known.arn, Name: name, VersionId: token };
  const tags = tagsIn(input);
  const secret = table.create(name);
  try {
    if (value) table.put(secret, token, value, ['AWSCURRENT']);
  } catch (error) {
    table.remove(secret);
    throw error;
  }
  describe(secret, input);
  for (const [key, tag] of tags) secret.tags.set(key, tag);
  replicate(secret, input);
  return { ARN: secret.arn, Name: name, ...(value ? { VersionId: token } : {}), ...replication(secret) };
};

export const UpdateSecret: Operate = (context, input) => {
  const { table, driver, clock } = context;
  const secret = table.find(text(input, 'SecretId'));
  const token = optionalText(input, 'ClientRequestToken') ?? newToken();
  const value = valueIn(input);
  if (value) {
    mustEncrypt(context);
    table.put(secret, token, value, ['AWSCURRENT']);
    driver.abandon(secret, token);
  }
  describe(secret, input);
  secret.changed = clock.now();
  return { ARN: secret.arn, Name: secret.name, ...(value ? { VersionId: token } : {}) };
};

export const DescribeSecret: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'), { deletedToo: true });
  return { ...listed(secret), VersionIdsToStages: labelled(table.seen(secret)), ...replication(secret) };
};

export const DeleteSecret: Operate = ({ table, clock, driver }, input) => {
  const days = optionalNumber(input, 'RecoveryWindowInDays');
  const force = input.ForceDeleteWithoutRecovery === true;
  if (force && days !== undefined)
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  if (days !== undefined && !(days >= 7 && days <= 30)) {
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  const secret = table.find(text(input, 'SecretId'));
  if (secret.replicas.size > 0)
    throw invalidRequest("You can't delete secret replicas that are still attached; remove the replica regions first.");
  secret.deleted = clock.now() + (force ? 0 : (days ?? 30) * DAY);
  driver.stop(secret);
  const answer = { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deleted / 1000 };
  if (force) table.remove(secret);
  return answer;
};

export const RestoreSecret: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'), { deletedToo: true });
  delete secret.deleted;
  return { ARN: secret.arn, Name: secret.name };
};

export const TagResource: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  const tags = tagsIn(input);
  if (new Set([...secret.tags.keys(), ...tags.keys()]).size > MOST_TAGS)
    throw limitExceeded(`A secret can have ${MOST_TAGS} tags.`);
  for (const [key, tag] of tags) secret.tags.set(key, tag);
  return {};
};

export const UntagResource: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  for (const key of texts(input, 'TagKeys')) secret.tags.delete(key);
  return {};
};

export const ReplicateSecretToRegions: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  replicate(secret, input);
  return { ARN: secret.arn, ...replication(secret) };
};

export const RemoveRegionsFromReplication: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  for (const region of texts(input, 'RemoveReplicaRegions')) secret.replicas.delete(region);
  return { ARN: secret.arn, ReplicationStatus: [], ...replication(secret) };
};

/** A secret without its versions, as lists show it. */
export function listed(secret: Secret): Input {
  const { rotation } = secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    CreatedDate: secret.created / 1000,
    LastChangedDate: secret.changed / 1000,
    ...given({
      Description: secret.description,
      KmsKeyId: secret.kmsKeyId,
      LastAccessedDate: secret.accessed === undefined ? undefined : (Math.floor(secret.accessed / DAY) * DAY) / 1000,
      RotationEnabled: rotation.lambdaArn === undefined ? undefined : rotation.enabled,
      RotationLambdaARN: rotation.lambdaArn,
      RotationRules: rotation.rules,
      LastRotatedDate: rotation.lastRotated === undefined ? undefined : rotation.lastRotated / 1000,
      NextRotationDate: rotation.enabled && rotation.next ? rotation.next.closes / 1000 : undefined,
      DeletedDate: secret.deleted === undefined ? undefined : secret.deleted / 1000,
      Tags: secret.tags.size === 0 ? undefined : [...secret.tags].map(([Key, Value]) => ({ Key, Value })),
    }),
  };
}

/** Labels by version, without the versions that have none. */
export function labelled(versions: ReturnType<Context['table']['seen']>): Input {
  return Object.fromEntries(
    [...versions.values()].filter(({ labels }) => labels.size > 0).map(({ id, labels }) => [id, [...labels]]),
  );
}

function given(members: Input): Input {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function describe(secret: Secret, input: Input): void {
  const description = optionalText(input, 'Description');
  const key = optionalText(input, 'KmsKeyId');
  if (description !== undefined) secret.description = description;
  if (key !== undefined) secret.kmsKeyId = key;
}

function tagsIn(input: Input): ReadonlyMap<string, string> {
  const tags = new Map(objects(input, 'Tags').map((tag) => [text(tag, 'Key'), optionalText(tag, 'Value') ?? '']));
  for (const key of tags.keys()) {
    if (key.startsWith('aws:')) throw invalidParameter('Tag keys must not begin with aws:.');
  }
  if (tags.size > MOST_TAGS) throw limitExceeded(`A secret can have ${MOST_TAGS} tags.`);
  return tags;
}

function replicate(secret: Secret, input: Input): void {
  for (const replica of objects(input, 'AddReplicaRegions')) {
    const region = text(replica, 'Region');
    if (region === secret.arn.split(':')[3]) throw invalidParameter('Invalid replica region.');
    secret.replicas.set(region, optionalText(replica, 'KmsKeyId'));
  }
}

function replication(secret: Secret): Input {
  if (secret.replicas.size === 0) return {};
  return {
    PrimaryRegion: secret.arn.split(':')[3],
    ReplicationStatus: [...secret.replicas].map(([Region, KmsKeyId]) => ({
      Region,
      KmsKeyId: KmsKeyId ?? 'alias/aws/secretsmanager',
      Status: 'InSync',
    })),
  };
}
