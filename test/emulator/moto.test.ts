import { randomUUID } from 'node:crypto';
import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  SecretsManagerClient,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { canRun } from '../support/required';
import { type Moto, startMoto } from '../support/terraform/moto';
import { findMoto, NO_MOTO } from '../support/terraform/tools';

const TOKENS = { second: 'b'.repeat(32), third: 'c'.repeat(32), pending: 'd'.repeat(32) };
const ACCOUNT = '111122223333';

type Send = SecretsManagerClient['send'];
interface Subject {
  readonly send: Send;
  readonly SecretId: string;
  readonly first: string;
}

/** What both must answer alike. Left out is what differs between moto and AWS, or between versions of moto. */
const ALIKE: Readonly<Record<string, (subject: Subject) => Promise<unknown>>> = {
  'the same value under the same token': async ({ send, SecretId }) => {
    const put = { SecretId, SecretString: 'x', ClientRequestToken: TOKENS.second };
    await send(new PutSecretValueCommand(put));
    return (await send(new PutSecretValueCommand(put))).VersionStages;
  },
  'a first version after two puts': async ({ send, SecretId, first }) => {
    await send(new PutSecretValueCommand({ SecretId, SecretString: 'x' }));
    return (await send(new GetSecretValueCommand({ SecretId, VersionId: first }))).SecretString;
  },
  'a current version after a pending one was put': async ({ send, SecretId }) => {
    await send(new PutSecretValueCommand({ SecretId, SecretString: 'x', VersionStages: ['AWSPENDING'] }));
    return (await send(new GetSecretValueCommand({ SecretId }))).SecretString;
  },
  "a version of a label of one's own": async ({ send, SecretId }) => {
    await send(new PutSecretValueCommand({ SecretId, SecretString: 'x', VersionStages: ['OWN'] }));
    return (await send(new GetSecretValueCommand({ SecretId, VersionStage: 'OWN' }))).SecretString;
  },
  'the answer to a pending put': async ({ send, SecretId }) =>
    (await send(new PutSecretValueCommand({ SecretId, SecretString: 'x', VersionStages: ['AWSPENDING'] })))
      .VersionStages,
  'AWSCURRENT moved without saying from where': async ({ send, SecretId, first }) => {
    await send(
      new PutSecretValueCommand({
        ...{ SecretId, SecretString: 'x', ClientRequestToken: TOKENS.pending, VersionStages: ['AWSPENDING'] },
      }),
    );
    const move = { SecretId, VersionStage: 'AWSCURRENT', MoveToVersionId: TOKENS.pending };
    return failure(send(new UpdateSecretVersionStageCommand(move)), first);
  },
  'AWSPREVIOUS after AWSCURRENT was moved': async ({ send, SecretId, first }) => {
    const put = { SecretId, SecretString: 'x', ClientRequestToken: TOKENS.pending, VersionStages: ['OWN'] };
    await send(new PutSecretValueCommand(put));
    const move = { MoveToVersionId: TOKENS.pending, RemoveFromVersionId: first };
    await send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT', ...move }));
    return (await send(new DescribeSecretCommand({ SecretId }))).VersionIdsToStages?.[first];
  },
  'a version and a label that do not belong together': ({ send, SecretId, first }) =>
    failure(send(new GetSecretValueCommand({ SecretId, VersionId: first, VersionStage: 'AWSPENDING' })), first),
  'a secret without a value': async ({ send }) => {
    const { ARN } = await send(new CreateSecretCommand({ Name: randomUUID() }));
    return failure(send(new GetSecretValueCommand({ SecretId: ARN })));
  },
  'a secret that is not there': ({ send }) => failure(send(new GetSecretValueCommand({ SecretId: 'nowhere' }))),
  'a name that is taken': async ({ send }) => {
    const Name = `taken-${randomUUID()}`;
    await send(new CreateSecretCommand({ Name, SecretString: 'x' }));
    return failure(send(new CreateSecretCommand({ Name, SecretString: 'y' })), Name);
  },
  'rotation to a function that is not there': async ({ send, SecretId }) =>
    // The names of the error differ between versions of moto: that it is refused is what counts.
    (await failure(send(new RotateSecretCommand({ SecretId, RotationLambdaARN: absent() })))) !== undefined,
  'a token that is too short': async ({ send, SecretId }) =>
    name(send(new RotateSecretCommand({ SecretId, ClientRequestToken: 'x'.repeat(31) }))),
  'a token that is too long': async ({ send, SecretId }) =>
    name(send(new RotateSecretCommand({ SecretId, ClientRequestToken: 'x'.repeat(65) }))),
  'a period of no days': async ({ send, SecretId }) =>
    name(send(new RotateSecretCommand({ SecretId, RotationRules: { AutomaticallyAfterDays: 0 } }))),
  'a period of too many days': async ({ send, SecretId }) =>
    name(send(new RotateSecretCommand({ SecretId, RotationRules: { AutomaticallyAfterDays: 1_001 } }))),
  'a cancellation without a rotation': async ({ send, SecretId }) =>
    // moto leaves a space out.
    (await failure(send(new CancelRotateSecretCommand({ SecretId }))))?.replaceAll(' ', ''),
  'rotation of what is deleted': async ({ send, SecretId }) => {
    await send(new DeleteSecretCommand({ SecretId }));
    return name(send(new RotateSecretCommand({ SecretId })));
  },
  'a value after a deletion, and after its restoration': async ({ send, SecretId }) => {
    await send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 7 }));
    const deleted = await name(send(new GetSecretValueCommand({ SecretId })));
    await send(new RestoreSecretCommand({ SecretId }));
    return [deleted, (await send(new GetSecretValueCommand({ SecretId }))).SecretString];
  },
  'a deletion with both kinds of ends': ({ send, SecretId }) =>
    name(send(new DeleteSecretCommand({ SecretId, ForceDeleteWithoutRecovery: true, RecoveryWindowInDays: 7 }))),
  'a deletion with too short a window': ({ send, SecretId }) =>
    name(send(new DeleteSecretCommand({ SecretId, RecoveryWindowInDays: 6 }))),
  'the length of a random password': async ({ send }) =>
    (await send(new GetRandomPasswordCommand({ PasswordLength: 50 }))).RandomPassword?.length,
  'a random password that is too short': ({ send }) => name(send(new GetRandomPasswordCommand({ PasswordLength: 3 }))),
};

const binary = findMoto();

describe.skipIf(!canRun('moto', binary === undefined ? NO_MOTO : undefined))(
  'the emulator and moto answer alike:',
  () => {
    let moto: Moto;
    let server: SecretsManagerServer;
    const clients: SecretsManagerClient[] = [];
    beforeAll(async () => {
      moto = await startMoto(String(binary), ACCOUNT);
      server = await startSecretsManager();
      for (const endpoint of [server.endpoint, moto.url]) {
        const credentials = { accessKeyId: 'loopback', secretAccessKey: 'loopback' };
        clients.push(new SecretsManagerClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 }));
      }
    });
    afterAll(async () => {
      for (const client of clients) client.destroy();
      await server?.close();
      await moto?.stop();
    });

    it.each(Object.entries(ALIKE))('%s', async (_name, ask) => {
      const [ours, motos] = await Promise.all(
        clients.map(async (client) => {
          const send = client.send.bind(client) as Send;
          const { ARN, VersionId } = await send(new CreateSecretCommand({ Name: randomUUID(), SecretString: 'first' }));
          return ask({ send, SecretId: String(ARN), first: String(VersionId) });
        }),
      );
      expect(ours).not.toBeUndefined();
      expect(ours).toEqual(motos);
    });
  },
);

/** Name and message of the error; what is the secret's own is taken out. */
async function failure(call: Promise<unknown>, ...own: readonly string[]): Promise<string | undefined> {
  try {
    await call;
    return undefined;
  } catch (error) {
    const { name: kind, message } = error as Error;
    return own.reduce((text, one) => text.replaceAll(one, '…'), `${kind}: ${message}`);
  }
}

async function name(call: Promise<unknown>): Promise<string | undefined> {
  return (await failure(call))?.split(':')[0];
}

function absent(): string {
  return `arn:aws:lambda:eu-central-1:${ACCOUNT}:function:absent`;
}
