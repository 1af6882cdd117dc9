import { invalidParameter, invalidRequest, ServiceError } from './errors';
import { type Invoke, RotationDriver } from './rotation-driver';
import { checkToken, holder, newToken, SecretTable, type Value } from './store';

export const OPERATIONS = [
  'CreateSecret',
  'DescribeSecret',
  'GetSecretValue',
  'PutSecretValue',
  'UpdateSecretVersionStage',
  'RotateSecret',
  'CancelRotateSecret',
  'ListSecretVersionIds',
  'DeleteSecret',
] as const;

export type Operation = (typeof OPERATIONS)[number];

export type Input = Readonly<Record<string, unknown>>;

/** A hook that throws makes the call fail; `count` is the number of calls of this operation so far, from 1. */
export type Hook = (operation: Operation, count: number, input: Input) => void | Promise<void>;

export interface ServiceOptions {
  /** @default '111122223333' */
  readonly account?: string;
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** Milliseconds since 1970. @default the system's clock */
  readonly now?: () => number;
  /** How often a rotation is tried from createSecret on. @default 3 */
  readonly rotationAttempts?: number;
}

/**
 * Secrets Manager in memory: strict staging labels, placeholders, the rotation driver, and the errors by name.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html
 */
export class SecretsManagerService {
  /** Runs before the effect: what it throws is answered, and nothing has happened. */
  before: Hook | undefined;
  /** Runs after the effect: what it throws is answered although the effect stays. */
  after: Hook | undefined;
  /** Every call in order, for tests that count. */
  readonly calls: Operation[] = [];
  readonly driver: RotationDriver;

  private readonly table: SecretTable;
  private readonly now: () => number;
  private readonly counts = new Map<Operation, number>();
  private readonly functions = new Map<string, Invoke>();

  constructor(options: ServiceOptions = {}) {
    this.now = options.now ?? Date.now;
    this.table = new SecretTable(options.account ?? '111122223333', options.region ?? 'eu-central-1', this.now);
    this.driver = new RotationDriver(this.now, options.rotationAttempts ?? 3);
  }

  /** The function that is invoked under this ARN; without one a rotation to it is refused. */
  registerFunction(arn: string, invoke: Invoke): void {
    this.functions.set(arn, invoke);
  }

  async call(operation: string, input: Input): Promise<Input> {
    const known = OPERATIONS.find((name) => name === operation);
    if (!known) throw new ServiceError('UnknownOperationException', `${operation} is not simulated`);
    const count = (this.counts.get(known) ?? 0) + 1;
    this.counts.set(known, count);
    this.calls.push(known);
    await this.before?.(known, count, input);
    const output = this[known](input);
    await this.after?.(known, count, input);
    return output;
  }

  private CreateSecret(input: Input): Input {
    const name = text(input, 'Name');
    const token = optionalText(input, 'ClientRequestToken') ?? newToken();
    checkToken(token);
    const value = valueIn(input);
    const secret = this.table.create(name, optionalText(input, 'KmsKeyId'));
    if (value) this.table.put(secret, token, value, ['AWSCURRENT']);
    return { ARN: secret.arn, Name: name, ...(value ? { VersionId: token } : {}) };
  }

  private DescribeSecret(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'), { deletedToo: true });
    const { rotation } = secret;
    const labelled = [...secret.versions.values()].filter(({ labels }) => labels.size > 0);
    return {
      ARN: secret.arn,
      Name: secret.name,
      CreatedDate: secret.created / 1000,
      ...(secret.kmsKeyId === undefined ? {} : { KmsKeyId: secret.kmsKeyId }),
      ...(rotation.lambdaArn === undefined
        ? {}
        : { RotationEnabled: rotation.enabled, RotationLambdaARN: rotation.lambdaArn }),
      ...(rotation.rules === undefined ? {} : { RotationRules: rotation.rules }),
      ...(rotation.lastRotated === undefined ? {} : { LastRotatedDate: rotation.lastRotated / 1000 }),
      ...(secret.deleted === undefined ? {} : { DeletedDate: secret.deleted / 1000 }),
      VersionIdsToStages: Object.fromEntries(labelled.map(({ id, labels }) => [id, [...labels]])),
    };
  }

  private GetSecretValue(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'));
    const version = this.table.read(secret, optionalText(input, 'VersionId'), optionalText(input, 'VersionStage'));
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

  private PutSecretValue(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'));
    const token = optionalText(input, 'ClientRequestToken') ?? newToken();
    const labels = (input.VersionStages as readonly string[] | undefined) ?? ['AWSCURRENT'];
    const value = valueIn(input);
    if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
    const version = this.table.put(secret, token, value, labels);
    if (labels.includes('AWSCURRENT')) this.driver.abandon(secret, token);
    return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.labels] };
  }

  private UpdateSecretVersionStage(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'));
    this.table.moveLabel(
      secret,
      text(input, 'VersionStage'),
      optionalText(input, 'MoveToVersionId'),
      optionalText(input, 'RemoveFromVersionId'),
    );
    return { ARN: secret.arn, Name: secret.name };
  }

  private RotateSecret(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'));
    const token = optionalText(input, 'ClientRequestToken') ?? newToken();
    checkToken(token);
    const lambdaArn = optionalText(input, 'RotationLambdaARN') ?? secret.rotation.lambdaArn;
    if (lambdaArn === undefined) {
      throw invalidRequest(
        "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.",
      );
    }
    const invoke = this.functions.get(lambdaArn);
    if (!invoke) {
      throw new ServiceError(
        'AccessDeniedException',
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
      );
    }
    secret.rotation.lambdaArn = lambdaArn;
    secret.rotation.enabled = true;
    if (typeof input.RotationRules === 'object' && input.RotationRules !== null)
      secret.rotation.rules = input.RotationRules as Input;
    const pending = holder(secret, 'AWSPENDING');
    if (pending && !pending.labels.has('AWSCURRENT')) {
      this.driver.start(secret, pending.id, invoke);
      throw invalidRequest("A previous rotation isn't complete. That rotation will be reattempted.");
    }
    if (secret.versions.has(token)) throw exists(token);
    if (input.RotateImmediately === false) {
      this.driver.test(this.table, secret, token, invoke);
      return { ARN: secret.arn, Name: secret.name };
    }
    pending?.labels.delete('AWSPENDING');
    this.table.placeholder(secret, token).labels.add('AWSPENDING');
    this.driver.start(secret, token, invoke);
    return { ARN: secret.arn, Name: secret.name, VersionId: token };
  }

  private CancelRotateSecret(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'));
    if (secret.rotation.lambdaArn === undefined) {
      throw invalidRequest(
        "You tried to cancel the rotation of a secret that doesn't have a Lambda function ARN configured.",
      );
    }
    secret.rotation.enabled = false;
    const pending = this.driver.stop(secret);
    return { ARN: secret.arn, Name: secret.name, ...(pending === undefined ? {} : { VersionId: pending }) };
  }

  private ListSecretVersionIds(input: Input): Input {
    const secret = this.table.find(text(input, 'SecretId'));
    const versions = [...secret.versions.values()].filter(
      ({ labels, value }) => value !== undefined && (labels.size > 0 || input.IncludeDeprecated === true),
    );
    return {
      ARN: secret.arn,
      Name: secret.name,
      Versions: versions.map(({ id, labels, created }) => ({
        VersionId: id,
        VersionStages: [...labels],
        CreatedDate: created / 1000,
      })),
    };
  }

  private DeleteSecret(input: Input): Input {
    const days = input.RecoveryWindowInDays;
    const force = input.ForceDeleteWithoutRecovery === true;
    if (force && days !== undefined)
      throw invalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.");
    if (days !== undefined && !(Number(days) >= 7 && Number(days) <= 30)) {
      throw invalidParameter('The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
    }
    const secret = this.table.find(text(input, 'SecretId'));
    secret.deleted = this.now() + (force ? 0 : Number(days ?? 30) * 86_400_000);
    if (force) this.table.remove(secret);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: secret.deleted / 1000 };
  }
}

function exists(token: string): ServiceError {
  return new ServiceError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of the secret.`,
  );
}

function valueIn(input: Input): Value | undefined {
  const string = optionalText(input, 'SecretString');
  const binary = optionalText(input, 'SecretBinary');
  if (string !== undefined && binary !== undefined)
    throw invalidRequest('You must provide either SecretString or SecretBinary, not both.');
  if (string !== undefined) return { text: string };
  return binary === undefined ? undefined : { binary };
}

function text(input: Input, key: string): string {
  const value = optionalText(input, key);
  if (value === undefined) throw invalidParameter(`You must provide ${key}.`);
  return value;
}

function optionalText(input: Input, key: string): string | undefined {
  const value = input[key];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw new ServiceError('SerializationException', `${key} is not a string.`);
  return value;
}
