import { type Context, mustEncrypt, type Operate } from '../context';
import { invalidParameter, limitExceeded } from '../errors';
import { type Input, objects, optionalNumber, optionalText, text, texts, tokenIn, valueIn } from '../input';
import { checkToken, type Secret, tokenInUse } from '../store';
import { store } from './storing';

const DAY = 86_400_000;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_TagResource.html */
const MOST_TAGS = 50;

export const CreateSecret: Operate = (context, input) => {
  const { table } = context;
  const name = text(input, 'Name');
  const value = valueIn(input);
  const token = value ? tokenIn(input) : (optionalText(input, 'ClientRequestToken') ?? '');
  if (token !== '') checkToken(token);
  if (value) mustEncrypt(context);
  const known = table.named(name);
  const stored = known?.deleted === undefined ? known?.versions.get(token)?.value : undefined;
  if (known && stored) {
    if (stored.text !== value?.text || stored.binary !== value?.binary) throw tokenInUse(known, token);
    return { ARN: known.arn, Name: name, VersionId: token };
  }
  const tags = tagsIn(input);
  if (tags.size > MOST_TAGS) throw limitExceeded();
  const metadata = metadataIn(input);
  const replicas = replicasIn(input, table.region);
  const secret = table.create(name);
  try {
    if (value) table.put(secret, token, value, ['AWSCURRENT']);
  } catch (error) {
    table.remove(secret);
    throw error;
  }
  Object.assign(secret, metadata);
  for (const [key, tag] of tags) secret.tags.set(key, tag);
  for (const [region, key] of replicas) secret.replicas.set(region, key);
  return { ARN: secret.arn, Name: name, ...(value ? { VersionId: token } : {}), ...replication(secret) };
};

export const UpdateSecret: Operate = (context, input) => {
  const value = valueIn(input);
  const token = value ? tokenIn(input) : '';
  const secret = context.table.find(text(input, 'SecretId'));
  const metadata = metadataIn(input);
  if (value) store(context, secret, token, value, ['AWSCURRENT']);
  Object.assign(secret, metadata);
  secret.changed = context.clock.now();
  return { ARN: secret.arn, Name: secret.name, ...(value ? { VersionId: token } : {}) };
};

export const DescribeSecret: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'), { deletedToo: true });
  return { ...listed(secret), VersionIdsToStages: labelled(table.seen(secret)), ...replication(secret) };
};

export const DeleteSecret: Operate = ({ table, clock, driver }, input) => {
  const days = optionalNumber(input, 'RecoveryWindowInDays');
  const force = input.ForceDeleteWithoutRecovery === true;
  if (days !== undefined && !(days >= 7 && days <= 30)) {
    throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
  if (force && days !== undefined)
    throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
  const id = text(input, 'SecretId');
  // Recorded on AWS: a forced deletion of what is not there answers as if it had been.
  if (force && !table.has(id)) return { ...table.identityOf(id), DeletionDate: clock.now() / 1000 };
  const secret = table.find(id, { deletedToo: force });
  if (secret.replicas.size > 0) {
    throw invalidParameter(
      `You can't delete secret ${secret.arn} that still has replica regions [${[...secret.replicas.keys()].join(', ')}].`,
    );
  }
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
    throw invalidParameter(`A secret can have ${MOST_TAGS} tags.`);
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
  for (const [region, key] of replicasIn(input, table.region)) secret.replicas.set(region, key);
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
      LastAccessedDate: secret.accessed === undefined ? undefined : dayOf(secret.accessed),
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

/** The day of a moment, as the service gives dates of access: in seconds. */
export function dayOf(moment: number): number {
  return (Math.floor(moment / DAY) * DAY) / 1000;
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

function metadataIn(input: Input): Pick<Secret, 'description' | 'kmsKeyId'> {
  const description = optionalText(input, 'Description');
  const kmsKeyId = optionalText(input, 'KmsKeyId');
  return { ...(description === undefined ? {} : { description }), ...(kmsKeyId === undefined ? {} : { kmsKeyId }) };
}

function tagsIn(input: Input): ReadonlyMap<string, string> {
  const tags = new Map(objects(input, 'Tags').map((tag) => [text(tag, 'Key'), optionalText(tag, 'Value') ?? '']));
  for (const key of tags.keys()) {
    if (key.startsWith('aws:')) throw invalidParameter('Tag keys must not begin with aws:.');
  }
  return tags;
}

/** The regions to replicate to, with their keys; all are looked at before any is taken. */
function replicasIn(input: Input, home: string): readonly (readonly [string, string | undefined])[] {
  return objects(input, 'AddReplicaRegions').map((replica) => {
    const region = text(replica, 'Region');
    if (region === home) throw invalidParameter('Invalid replica region.');
    return [region, optionalText(replica, 'KmsKeyId')] as const;
  });
}

function regionOf(arn: string): string {
  return arn.split(':')[3] ?? '';
}

function replication(secret: Secret): Input {
  if (secret.replicas.size === 0) return {};
  return {
    PrimaryRegion: regionOf(secret.arn),
    ReplicationStatus: [...secret.replicas].map(([Region, KmsKeyId]) => ({
      Region,
      KmsKeyId: KmsKeyId ?? 'alias/aws/secretsmanager',
      Status: 'InSync',
    })),
  };
}
