import type { Clock } from './clock';
import { cannotDecrypt, cannotEncrypt } from './errors';
import type { Faults } from './faults';
import type { Input } from './input';
import type { Invoke, RotationDriver } from './rotation-driver';
import type { SecretTable } from './store';

/** What an operation works on. */
export interface Context {
  readonly table: SecretTable;
  readonly driver: RotationDriver;
  readonly clock: Clock;
  readonly faults: Faults;
  /** The function behind an ARN, if it may be invoked. */
  functionOf(arn: string): Invoke | undefined;
}

/** One operation: it either answers or throws, and has changed nothing when it throws. */
export type Operate = (context: Context, input: Input) => Input;

export function mustEncrypt({ faults }: Context): void {
  if (faults.kmsDown) throw cannotEncrypt();
}

export function mustDecrypt({ faults }: Context): void {
  if (faults.kmsDown) throw cannotDecrypt();
}
