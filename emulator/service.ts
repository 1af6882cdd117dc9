import { Clock } from './clock';
import type { Context, Operate } from './context';
import { ServiceError } from './errors';
import { Faults } from './faults';
import type { Input } from './input';
import * as lists from './operations/lists';
import * as policies from './operations/policies';
import { CancelRotateSecret, RotateSecret, rotateBySchedule } from './operations/rotation';
import * as secrets from './operations/secrets';
import * as values from './operations/values';
import { type Invoke, RotationDriver } from './rotation-driver';
import { newToken, type Secret, SecretTable } from './store';

const OPERATIONS = {
  BatchGetSecretValue: values.BatchGetSecretValue,
  CancelRotateSecret,
  CreateSecret: secrets.CreateSecret,
  DeleteResourcePolicy: policies.DeleteResourcePolicy,
  DeleteSecret: secrets.DeleteSecret,
  DescribeSecret: secrets.DescribeSecret,
  GetRandomPassword: values.GetRandomPassword,
  GetResourcePolicy: policies.GetResourcePolicy,
  GetSecretValue: values.GetSecretValue,
  ListSecretVersionIds: lists.ListSecretVersionIds,
  ListSecrets: lists.ListSecrets,
  PutResourcePolicy: policies.PutResourcePolicy,
  PutSecretValue: values.PutSecretValue,
  RemoveRegionsFromReplication: secrets.RemoveRegionsFromReplication,
  ReplicateSecretToRegions: secrets.ReplicateSecretToRegions,
  RestoreSecret: secrets.RestoreSecret,
  RotateSecret,
  TagResource: secrets.TagResource,
  UntagResource: secrets.UntagResource,
  UpdateSecret: secrets.UpdateSecret,
  UpdateSecretVersionStage: values.UpdateSecretVersionStage,
  ValidateResourcePolicy: policies.ValidateResourcePolicy,
} as const satisfies Record<string, Operate>;

/** Operations whose token SDKs make when the caller gives none. */
const TAKES_A_TOKEN: ReadonlySet<string> = new Set(['CreateSecret', 'PutSecretValue', 'RotateSecret', 'UpdateSecret']);

/** Operations of the service that there is no use for without secrets in other regions. */
const NOT_MODELLED: ReadonlySet<string> = new Set(['StopReplicationToReplica']);

export type Operation = keyof typeof OPERATIONS;

export const OPERATION_NAMES = Object.keys(OPERATIONS) as readonly Operation[];

/** A hook that throws makes the call fail; `count` is the number of calls of this operation so far, from 1. */
export type Hook = (operation: Operation, count: number, input: Input) => void | Promise<void>;

export interface ServiceOptions {
  /** @default '111122223333' */
  readonly account?: string;
  /** @default 'eu-central-1' */
  readonly region?: string;
  /** Milliseconds since 1970, to which `advance` adds. @default the system's clock */
  readonly now?: () => number;
  /** From 0 (inclusive) to 1, for throttling. @default Math.random */
  readonly random?: () => number;
  /** How often a rotation is tried from createSecret on. @default 3 */
  readonly rotationAttempts?: number;
  /** Milliseconds between two tries of a rotation. @default 0 */
  readonly rotationPauseMs?: number;
  /** Milliseconds after which an invocation of the function counts as failed. @default it may take for ever */
  readonly invocationTimeoutMs?: number;
  /** Stands for every function that was not registered. @default rotation to such a function is refused */
  readonly anyFunction?: Invoke;
}

/**
 * Secrets Manager in memory: strict staging labels, placeholders, schedules, the rotation driver, faults, and the errors
 * by name.
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
  readonly clock: Clock;
  readonly faults: Faults;

  private readonly table: SecretTable;
  private readonly context: Context;
  private readonly counts = new Map<Operation, number>();
  private readonly functions = new Map<string, Invoke>();

  constructor(options: ServiceOptions = {}) {
    this.clock = new Clock(options.now);
    this.faults = new Faults(options.random);
    this.table = new SecretTable({
      account: options.account ?? '111122223333',
      region: options.region ?? 'eu-central-1',
      now: this.clock.now,
      staleReadsMs: () => this.faults.staleReadsMs,
      pendingLingersMs: () => this.faults.pendingLingersMs,
      versionQuota: () => this.faults.versionQuota,
    });
    this.driver = new RotationDriver(this.clock.now, {
      attempts: options.rotationAttempts ?? 3,
      pauseMs: options.rotationPauseMs ?? 0,
      timeoutMs: options.invocationTimeoutMs,
    });
    const { table, driver, clock, faults } = this;
    const functionOf = (arn: string) => this.functions.get(arn) ?? options.anyFunction;
    this.context = { table, driver, clock, faults, functionOf };
  }

  /** The function that is invoked under this ARN; without one a rotation to it is refused. */
  registerFunction(arn: string, invoke: Invoke): void {
    this.functions.set(arn, invoke);
  }

  /** One call as an SDK makes it, which adds a token where the call may make a version. @throws {ServiceError} */
  call(operation: string, input: Input): Promise<Input> {
    if (!TAKES_A_TOKEN.has(operation)) return this.answer(operation, input);
    return this.answer(operation, { ...input, ClientRequestToken: input.ClientRequestToken ?? newToken() });
  }

  /** One call as it comes over the wire. @throws {ServiceError} */
  async answer(operation: string, input: Input): Promise<Input> {
    const known = OPERATION_NAMES.find((name) => name === operation);
    if (!known) throw unknown(operation);
    const count = (this.counts.get(known) ?? 0) + 1;
    this.counts.set(known, count);
    this.calls.push(known);
    await this.faults.beforeCall();
    await this.before?.(known, count, input);
    const output = OPERATIONS[known](this.context, input);
    await this.after?.(known, count, input);
    return output;
  }

  /** Starts the rotations that are due by now. */
  rotateDue(): void {
    for (const secret of this.table.all()) if (this.isDue(secret)) rotateBySchedule(this.context, secret);
  }

  /** Puts the clock forward; what is due on the way happens at its time, one rotation after the other. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.clock.now() + milliseconds;
    for (;;) {
      const next = this.table
        .all()
        .filter((secret) => (opening(secret) ?? Number.POSITIVE_INFINITY) <= end)
        .sort((a, b) => (opening(a) ?? 0) - (opening(b) ?? 0))[0];
      if (!next) break;
      this.clock.forward((opening(next) ?? 0) - this.clock.now());
      rotateBySchedule(this.context, next);
      await this.driver.settled(next.arn);
    }
    this.clock.forward(end - this.clock.now());
    this.table.all();
  }

  private isDue(secret: Secret): boolean {
    return (opening(secret) ?? Number.POSITIVE_INFINITY) <= this.clock.now();
  }
}

/** AWS answers an operation that it doesn't know with the name of the error alone. */
function unknown(operation: string): Error {
  if (!NOT_MODELLED.has(operation)) return new ServiceError('UnknownOperationException', '');
  return new ServiceError('NotModelledException', `this emulator does not model ${operation}`);
}

/** When a secret's next window opens, if there will be one. */
function opening({ rotation, deleted }: Secret): number | undefined {
  return rotation.enabled && deleted === undefined ? rotation.next?.opens : undefined;
}
