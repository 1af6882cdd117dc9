import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Description, Instruments, Reading } from './examine';

/** A secret that could not be examined at all. */
export class NotExamined extends Error {}

export interface AwsOptions {
  /** @default what the SDK finds: AWS_REGION, or the profile's */
  readonly region?: string;
  /** Name of the profile in the user's AWS configuration. @default what the SDK finds */
  readonly profile?: string;
}

/**
 * Reads through the user's own credentials. The SDK is an optional dependency, loaded only here.
 *
 * @throws {NotExamined} when it is not installed.
 */
export async function awsReader(
  options: AwsOptions,
): Promise<Pick<Instruments, 'describe' | 'read'> & { close(): void }> {
  const sdk = await import('@aws-sdk/client-secrets-manager').catch(() => undefined);
  if (!sdk) throw new NotExamined('the AWS SDK is not installed; npm install @aws-sdk/client-secrets-manager');
  const client: SecretsManagerClient = new sdk.SecretsManagerClient({ ...options });
  return {
    describe: async (secretId): Promise<Description> => {
      const found = await client.send(new sdk.DescribeSecretCommand({ SecretId: secretId })).catch(refuse);
      return {
        arn: found.ARN ?? secretId,
        labels: found.VersionIdsToStages ?? {},
        ...(found.KmsKeyId === undefined ? {} : { kmsKeyId: found.KmsKeyId }),
        ...(found.RotationEnabled === undefined ? {} : { rotationEnabled: found.RotationEnabled }),
        ...(found.DeletedDate === undefined ? {} : { deletedAt: found.DeletedDate.getTime() }),
        ...(found.NextRotationDate === undefined ? {} : { nextRotation: found.NextRotationDate.getTime() }),
      };
    },
    read: async (SecretId, VersionId): Promise<Reading> => {
      try {
        const { SecretString } = await client.send(new sdk.GetSecretValueCommand({ SecretId, VersionId }));
        return { text: SecretString ?? '' };
      } catch (error) {
        const { name, message } = error as Error;
        if (name === 'ResourceNotFoundException') return { unreadable: 'empty' };
        if (name === 'DecryptionFailure' || (name === 'AccessDeniedException' && /kms/i.test(message)))
          return { unreadable: 'key' };
        if (name === 'AccessDeniedException') return { unreadable: 'denied' };
        return refuse(error);
      }
    },
    close: () => client.destroy(),
  };
}

function refuse(error: unknown): never {
  const { name, message } = error as Error;
  // What the network says has no name of its own.
  throw new NotExamined(name === 'Error' ? `Secrets Manager was not reached: ${message}` : `${name}: ${message}`);
}
