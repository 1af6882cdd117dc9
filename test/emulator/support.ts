import { randomUUID } from 'node:crypto';
import type { Input } from '../../emulator/input';
import { SecretsManagerService, type ServiceOptions } from '../../emulator/service';

export const LAMBDA = 'arn:aws:lambda:eu-central-1:111122223333:function:rotate';

/** Midnight UTC of a Thursday. */
export const START = Date.UTC(2026, 0, 1);

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** An emulator whose clock stands still unless it is put forward. */
export function standing(options: ServiceOptions = {}): SecretsManagerService {
  return new SecretsManagerService({ now: () => START, ...options });
}

/** One secret with a value, and what tests do to it. */
export async function oneSecret(service: SecretsManagerService, more: Input = {}) {
  const { ARN, VersionId } = await service.call('CreateSecret', { Name: randomUUID(), SecretString: 'first', ...more });
  const SecretId = String(ARN);
  const call = (operation: string, input: Input = {}) => service.call(operation, { SecretId, ...input });
  return {
    id: SecretId,
    first: String(VersionId),
    call,
    describe: () => call('DescribeSecret'),
    labels: async () =>
      (await call('DescribeSecret')).VersionIdsToStages as Readonly<Record<string, readonly string[]>>,
    put: async (value: string, labels?: readonly string[]) =>
      String(
        (await call('PutSecretValue', { SecretString: value, ...(labels ? { VersionStages: labels } : {}) })).VersionId,
      ),
    get: async (by: Input = {}) => (await call('GetSecretValue', by)).SecretString,
    versions: async () => {
      const ids: string[] = [];
      for (let more: Input = {}; ; ) {
        const answer = await call('ListSecretVersionIds', { IncludeDeprecated: true, ...more });
        ids.push(...(answer.Versions as readonly Input[]).map(({ VersionId: id }) => String(id)));
        if (answer.NextToken === undefined) return ids;
        more = { NextToken: answer.NextToken };
      }
    },
  };
}

/** A function that rotates as it should: a new value, then the label. */
export function rotatesWell(service: SecretsManagerService) {
  return async ({ Step, SecretId, ClientRequestToken: token }: Readonly<Record<string, string>>) => {
    const { VersionIdsToStages: labels } = await service.call('DescribeSecret', { SecretId });
    const current = Object.entries(labels as Record<string, string[]>).find(([, held]) =>
      held.includes('AWSCURRENT'),
    )?.[0];
    if (current === token) return;
    if (Step === 'createSecret') {
      await service.call('PutSecretValue', {
        ...{ SecretId, ClientRequestToken: token, SecretString: `value of ${token}`, VersionStages: ['AWSPENDING'] },
      });
    }
    if (Step === 'finishSecret') {
      const move = { MoveToVersionId: token, RemoveFromVersionId: current };
      await service.call('UpdateSecretVersionStage', { SecretId, VersionStage: 'AWSCURRENT', ...move });
    }
  };
}

/** A refusal as the service answers it: with this name, exactly these words, and the HTTP status 400. */
export function refusal(name: string, message: string) {
  return { name, message, status: 400 };
}
