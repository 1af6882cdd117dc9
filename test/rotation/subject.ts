import { randomUUID } from 'node:crypto';
import type { RotationRecord } from '../../emulator/rotation-driver';
import type { SecretsManagerServer } from '../../emulator/server';
import { type Handler, handlerIn } from '../../rotation/handler';
import type { Reach } from '../../rotation/rotators';
import type { SecretStore } from '../../rotation/secrets-manager';

/** A secret and the function that rotates it. */
export interface Subject {
  readonly arn: string;
  readonly functionArn: string;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The lines that the function has written. */
  readonly lines: string[];
  /** Replaced by tests that crash it. */
  handle: Handler;
  /** Registers a pending version, as the service does before it calls the function. */
  begin(): Promise<string>;
  step(step: string, token: string): Promise<void>;
  /** A whole rotation by the service, with its retries; returns what came of it. */
  rotate(): Promise<RotationRecord>;
  labels(): Promise<Readonly<Record<string, readonly string[]>>>;
  /** The value of a version, or the current one. */
  value(version?: string): Promise<Readonly<Record<string, unknown>>>;
  put(changes: Readonly<Record<string, unknown>>): Promise<void>;
}

export interface SubjectParts {
  /** The first value of the secret. */
  readonly seed: Readonly<Record<string, unknown>>;
  /** Environment variables of the function, but for the list of secrets. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  readonly store: SecretStore;
  readonly reach: Partial<Reach>;
}

export async function makeSubject({ service }: SecretsManagerServer, parts: SubjectParts): Promise<Subject> {
  const created = await service.call('CreateSecret', {
    Name: `test/${randomUUID()}`,
    SecretString: JSON.stringify(parts.seed),
  });
  const arn = String(created.ARN);
  const functionArn = `arn:aws:lambda:eu-central-1:111122223333:function:${randomUUID()}`;
  const variables = { STRONGROOM_SECRETS: JSON.stringify([arn]), ...parts.variables };
  const lines: string[] = [];
  const subject: Subject = {
    arn,
    functionArn,
    variables,
    lines,
    handle: handlerIn({ variables, store: parts.store, reach: parts.reach, write: (line) => lines.push(line) }),
    begin: async () => {
      const token = randomUUID();
      // A function that never answers: the steps are called by hand.
      service.registerFunction(`${functionArn}:by-hand`, () => new Promise(() => {}));
      await service.call('RotateSecret', {
        SecretId: arn,
        RotationLambdaARN: `${functionArn}:by-hand`,
        ClientRequestToken: token,
      });
      return token;
    },
    step: (step, token) =>
      subject.handle({ Step: step, SecretId: arn, ClientRequestToken: token, RotationToken: randomUUID() }),
    rotate: async () => {
      service.registerFunction(functionArn, (event) => subject.handle(event));
      await service.call('RotateSecret', { SecretId: arn, RotationLambdaARN: functionArn });
      await service.driver.settled(arn);
      const record = service.driver.records.filter(({ secretArn }) => secretArn === arn).at(-1);
      if (!record) throw new Error('the rotation left no record');
      return record;
    },
    labels: async () =>
      (await service.call('DescribeSecret', { SecretId: arn })).VersionIdsToStages as Readonly<
        Record<string, readonly string[]>
      >,
    value: async (version) => {
      const answer = await service.call('GetSecretValue', {
        SecretId: arn,
        ...(version === undefined ? {} : { VersionId: version }),
      });
      return JSON.parse(String(answer.SecretString)) as Readonly<Record<string, unknown>>;
    },
    put: async (changes) => {
      const value = { ...(await subject.value()), ...changes };
      await service.call('PutSecretValue', { SecretId: arn, SecretString: JSON.stringify(value) });
    },
  };
  return subject;
}
