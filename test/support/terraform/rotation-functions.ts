import type { Invoke } from '../../../emulator/rotation-driver';
import type { SecretsManagerServer } from '../../../emulator/server';
import { rotatesWell } from '../../emulator/support';

/** The servers that stand for AWS. */
export interface AwsOnLoopback {
  /** moto's URL. */
  readonly moto: string;
  readonly region: string;
  /** Secrets Manager. */
  readonly manager: SecretsManagerServer;
}

/** What runs a stack's rotation functions, with what they change besides the secret. */
export interface RotationFunctions {
  readonly invoke: Invoke;
  /** Whether what the secret is for takes a value of it. */
  takes(value: string): Promise<boolean>;
  stop(): Promise<void>;
}

/** Functions that rotate as they should; what the secret is for takes the value that came last. */
export function plainFunctions({ manager: { service } }: AwsOnLoopback): RotationFunctions {
  const rotate = rotatesWell(service);
  let taken: unknown;
  return {
    invoke: async (event) => {
      const { Step, SecretId, ClientRequestToken: VersionId } = event;
      await rotate(event);
      if (Step !== 'setSecret') return;
      taken = (await service.call('GetSecretValue', { SecretId, VersionId })).SecretString;
    },
    takes: async (value) => value === taken,
    stop: async () => {},
  };
}
