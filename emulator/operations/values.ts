import { type Context, mustDecrypt, type Operate } from '../context';
import { invalidParameter, invalidRequest, ServiceError, violated } from '../errors';
import { checkRotationToken, type Input, optionalText, text, texts, tokenIn, valueIn } from '../input';
import { randomPassword } from '../random-password';
import type { Secret } from '../store';
import { filtered, page } from './lists';
import { store } from './storing';

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_BatchGetSecretValue.html */
const LARGEST_BATCH = 20;

export const GetSecretValue: Operate = (context, input) => {
  const secret = context.table.find(text(input, 'SecretId'));
  return answerOf(context, secret, optionalText(input, 'VersionId'), optionalText(input, 'VersionStage'));
};

export const BatchGetSecretValue: Operate = (context, input) => {
  const ids = texts(input, 'SecretIdList');
  if (ids.length > LARGEST_BATCH) throw violated('secretIdList', `have length less than or equal to ${LARGEST_BATCH}`);
  if (ids.length > 0 === (input.Filters !== undefined))
    throw invalidParameter("Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  if (ids.length > 0 && input.MaxResults !== undefined) {
    throw invalidParameter("'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.");
  }
  const all = ids.length > 0 ? ids : filtered(context, input).map(({ arn }) => arn);
  const { items: wanted, next } = page(all, input, LARGEST_BATCH);
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
  return { SecretValues: values, Errors: errors, ...next };
};

export const PutSecretValue: Operate = (context, input) => {
  const token = tokenIn(input);
  checkRotationToken(input);
  const secret = context.table.find(text(input, 'SecretId'));
  const labels = input.VersionStages === undefined ? ['AWSCURRENT'] : texts(input, 'VersionStages');
  const value = valueIn(input);
  if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  const version = store(context, secret, token, value, labels);
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
  // Readers may see a copy of some time ago; the version itself is what is listed.
  const stored = secret.versions.get(version.id);
  if (stored) stored.accessed = secret.accessed;
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
