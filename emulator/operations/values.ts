import { type Context, mustDecrypt, mustEncrypt, type Operate } from '../context';
import { invalidParameter, invalidRequest, ServiceError } from '../errors';
import { type Input, optionalText, text, texts, valueIn } from '../input';
import { randomPassword } from '../random-password';
import { newToken, type Secret } from '../store';
import { filtered } from './lists';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const LARGEST_BATCH = 20;

export const GetSecretValue: Operate = (context, input) => {
  const secret = context.table.find(text(input, 'SecretId'));
  return answerOf(context, secret, optionalText(input, 'VersionId'), optionalText(input, 'VersionStage'));
};

export const BatchGetSecretValue: Operate = (context, input) => {
  const ids = texts(input, 'SecretIdList');
  if (ids.length > LARGEST_BATCH) throw invalidParameter(`SecretIdList holds more than ${LARGEST_BATCH} secrets.`);
  if (ids.length > 0 === (input.Filters !== undefined))
    throw invalidParameter('You must provide either SecretIdList or Filters.');
  const wanted = ids.length > 0 ? ids : filtered(context, input).map(({ arn }) => arn);
  const values: Input[] = [];
  const errors: Input[] = [];
  for (const id of wanted) {
    try {
      values.push(answerOf(context, context.table.find(id), undefined, undefined));
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      errors.push({ SecretId: id, ErrorCode: error.name, Message: error.message });
    }
  }
  return { SecretValues: values, Errors: errors };
};

export const PutSecretValue: Operate = (context, input) => {
  const { table, driver } = context;
  const secret = table.find(text(input, 'SecretId'));
  const token = optionalText(input, 'ClientRequestToken') ?? newToken();
  const labels = input.VersionStages === undefined ? ['AWSCURRENT'] : texts(input, 'VersionStages');
  const value = valueIn(input);
  if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  mustEncrypt(context);
  const again = secret.versions.get(token)?.value !== undefined;
  const version = table.put(secret, token, value, labels);
  // What was stored before is stored again without any effect, so nothing was written behind a rotation's back.
  if (!again && labels.includes('AWSCURRENT')) driver.abandon(secret, token);
  return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.labels] };
};

export const UpdateSecretVersionStage: Operate = ({ table }, input) => {
  const secret = table.find(text(input, 'SecretId'));
  table.moveLabel(
    secret,
    text(input, 'VersionStage'),
    optionalText(input, 'MoveToVersionId'),
    optionalText(input, 'RemoveFromVersionId'),
  );
  return { ARN: secret.arn, Name: secret.name };
};

export const GetRandomPassword: Operate = (_context, input) => ({ RandomPassword: randomPassword(input) });

function answerOf(context: Context, secret: Secret, versionId: string | undefined, stage: string | undefined): Input {
  const version = context.table.read(secret, versionId, stage);
  mustDecrypt(context);
  secret.accessed = context.clock.now();
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: [...version.labels],
    CreatedDate: version.created / 1000,
    ...(version.value.text === undefined ? {} : { SecretString: version.value.text }),
    ...(version.value.binary === undefined ? {} : { SecretBinary: version.value.binary }),
  };
}
