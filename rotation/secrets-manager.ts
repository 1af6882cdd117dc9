import {
  DescribeSecretCommand,
  GetSecretValueCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { type Deadline, outOfTime } from './deadline';
import {
  KeyDenied,
  LabelHasMoved,
  type RotationError,
  SecretDeleted,
  SecretNotFound,
  SecretsManagerDenied,
  SecretsManagerRefused,
  SecretsManagerUnavailable,
  VersionAlreadyHasValue,
  VersionHasNoValue,
} from './errors';

/** A request that got no answer in this time is sent again; three times in all. */
const REQUEST_LIMIT_MS = 3_000;
const ATTEMPTS = 3;

export interface SecretDescription {
  /** Undefined for secrets that another service manages. */
  readonly rotationEnabled: boolean | undefined;
  readonly deleted: boolean;
  /** Labels by version id. Versions without a label are not listed. */
  readonly labels: ReadonlyMap<string, readonly string[]>;
  /** When a rotation last made a version current. */
  readonly lastRotated: Date | undefined;
  /** When this was answered, by the service's own clock. */
  readonly now: Date;
}

export interface StoredValue {
  readonly text: string;
  /** When the version was made, by the service's clock. */
  readonly created: Date | undefined;
}

export interface NewValue {
  readonly secretArn: string;
  readonly token: string;
  readonly rotationToken?: string;
  readonly text: string;
}

export interface LabelMove {
  readonly secretArn: string;
  readonly label: string;
  readonly to?: string;
  readonly from?: string;
}

/** What a rotation asks of Secrets Manager. */
export interface SecretStore {
  /** @throws {SecretNotFound} */
  describe(secretArn: string, deadline: Deadline): Promise<SecretDescription>;
  /** The text of a version, or of AWSCURRENT. @throws {VersionHasNoValue} */
  read(secretArn: string, version: string | undefined, deadline: Deadline): Promise<StoredValue>;
  /** Ids of the versions that have no label any more, the newest first. */
  unlabelled(secretArn: string, deadline: Deadline): Promise<readonly string[]>;
  /** Stores a pending value. @throws {VersionAlreadyHasValue} when the version has another one. */
  put(value: NewValue, deadline: Deadline): Promise<void>;
  /** @throws {LabelHasMoved} when the label is not where `from` says. */
  moveLabel(move: LabelMove, deadline: Deadline): Promise<void>;
}

/** The real one. Its first request is made inside the handler: a client that signed long before would be refused. */
export function secretsManager(client: SecretsManagerClient = newClient()): SecretStore {
  return {
    describe: (secretArn, deadline) =>
      translated('DescribeSecret', async () => {
        const command = new DescribeSecretCommand({ SecretId: secretArn });
        const now = clockOf(command);
        const answer = await client.send(command, { abortSignal: deadline.signal });
        return {
          rotationEnabled: answer.RotationEnabled,
          deleted: answer.DeletedDate !== undefined,
          labels: new Map(Object.entries(answer.VersionIdsToStages ?? {})),
          lastRotated: answer.LastRotatedDate,
          now: now(),
        };
      }),
    read: (secretArn, version, deadline) =>
      translated('GetSecretValue', async () => {
        const answer = await client.send(
          new GetSecretValueCommand({ SecretId: secretArn, ...(version === undefined ? {} : { VersionId: version }) }),
          { abortSignal: deadline.signal },
        );
        return { text: answer.SecretString ?? '', created: answer.CreatedDate };
      }),
    unlabelled: (secretArn, deadline) =>
      translated('ListSecretVersionIds', async () => {
        const found: { readonly id: string; readonly created: number }[] = [];
        let NextToken: string | undefined;
        do {
          const answer = await client.send(
            new ListSecretVersionIdsCommand({ SecretId: secretArn, IncludeDeprecated: true, NextToken }),
            { abortSignal: deadline.signal },
          );
          for (const { VersionId: id, VersionStages = [], CreatedDate } of answer.Versions ?? []) {
            if (id !== undefined && VersionStages.length === 0)
              found.push({ id, created: CreatedDate?.getTime() ?? 0 });
          }
          NextToken = answer.NextToken;
        } while (NextToken !== undefined);
        return found.sort((a, b) => b.created - a.created).map(({ id }) => id);
      }),
    put: ({ secretArn, token, rotationToken, text }, deadline) =>
      translated('PutSecretValue', async () => {
        await client.send(
          new PutSecretValueCommand({
            SecretId: secretArn,
            ClientRequestToken: token,
            SecretString: text,
            VersionStages: ['AWSPENDING'],
            ...(rotationToken === undefined ? {} : { RotationToken: rotationToken }),
          }),
          { abortSignal: deadline.signal },
        );
      }),
    moveLabel: ({ secretArn, label, to, from }, deadline) =>
      translated('UpdateSecretVersionStage', async () => {
        await client.send(
          new UpdateSecretVersionStageCommand({
            SecretId: secretArn,
            VersionStage: label,
            ...(to === undefined ? {} : { MoveToVersionId: to }),
            ...(from === undefined ? {} : { RemoveFromVersionId: from }),
          }),
          { abortSignal: deadline.signal },
        );
      }),
  };
}

/** The time in the answer's head, which the service's own dates can be compared with; without one this machine's. */
function clockOf(command: DescribeSecretCommand): () => Date {
  let time: Date | undefined;
  command.middlewareStack.add(
    (next) => async (input) => {
      const answered = await next(input);
      time = dateIn(answered.response);
      return answered;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return () => time ?? new Date();
}

function dateIn(response: unknown): Date | undefined {
  const { headers } = response as { readonly headers?: Readonly<Record<string, string>> };
  const time = new Date(headers?.date ?? Number.NaN);
  return Number.isNaN(time.getTime()) ? undefined : time;
}

function newClient(): SecretsManagerClient {
  return new SecretsManagerClient({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: REQUEST_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
  });
}

type Operation =
  | 'DescribeSecret'
  | 'GetSecretValue'
  | 'ListSecretVersionIds'
  | 'PutSecretValue'
  | 'UpdateSecretVersionStage';

async function translated<T>(operation: Operation, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translation(operation, error);
  }
}

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/CommonErrors.html */
function translation(operation: Operation, error: unknown): RotationError {
  const name = error instanceof Error ? error.name : 'unknown';
  if (name === 'AbortError') return outOfTime();
  if (!(error instanceof SecretsManagerServiceException)) {
    return new SecretsManagerUnavailable(
      `${operation} got no answer (${name}); check the route to Secrets Manager: interface endpoint, its security group and private DNS`,
    );
  }
  const said = error.message;
  switch (name) {
    case 'ResourceNotFoundException':
      return operation === 'GetSecretValue'
        ? new VersionHasNoValue('the version has no value; createSecret has not stored one, or the version is gone')
        : new SecretNotFound(`${operation} did not find the secret; was it deleted without a recovery window?`);
    case 'ResourceExistsException':
      return new VersionAlreadyHasValue('the pending version has a value already; another invocation was first');
    case 'InvalidParameterException':
      if (operation === 'UpdateSecretVersionStage')
        return new LabelHasMoved(`a staging label is no longer where it was (${said}); another call moved it`);
      break;
    case 'InvalidRequestException':
      if (/deleted|deletion/i.test(said))
        return new SecretDeleted('the secret is scheduled for deletion; restore it, or take its rotation away');
      break;
    case 'AccessDeniedException':
      return /kms/i.test(said)
        ? new KeyDenied(
            `${operation} may not use the secret's KMS key; allow kms:Decrypt and kms:GenerateDataKey through Secrets Manager to the function's role`,
          )
        : new SecretsManagerDenied(
            `${operation} is not allowed; allow secretsmanager:${operation} on this secret to the function's role`,
          );
    case 'DecryptionFailure':
    case 'EncryptionFailure':
      return new KeyDenied(
        `${operation} could not use the secret's KMS key (${name}); is the key enabled, and may the function's role use it?`,
      );
  }
  const status = error.$metadata.httpStatusCode ?? 0;
  if (status >= 500 || /Throttl|TooManyRequests|InternalService|LimitExceeded/.test(name)) {
    return new SecretsManagerUnavailable(
      `${operation} failed ${ATTEMPTS} times (${name}); Secrets Manager repeats the rotation`,
    );
  }
  return new SecretsManagerRefused(`${operation} was refused: ${name}: ${said}`);
}
