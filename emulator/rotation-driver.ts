import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { nextWindow } from './schedule';
import { holder, type Secret, type SecretTable } from './store';

/** Invokes the rotation function with one event and waits for its end. */
export type Invoke = (event: Readonly<Record<string, string>>) => Promise<unknown>;

export interface RotationRecord {
  readonly name:
    | 'RotationStarted'
    | 'RotationSucceeded'
    | 'RotationFailed'
    | 'RotationAbandoned'
    | 'TestRotationStarted'
    | 'TestRotationSucceeded'
    | 'TestRotationFailed';
  readonly secretArn: string;
  readonly token: string;
  /** What the function threw, if it did. */
  readonly error?: unknown;
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

export type Step = (typeof STEPS)[number];

export interface DriverOptions {
  /** How often a rotation is tried from createSecret on. May be changed while the emulator runs. */
  attempts: number;
  /** Milliseconds between two tries. May be changed while the emulator runs. */
  pauseMs: number;
  /** Milliseconds after which an invocation counts as failed, whatever it still does. */
  readonly timeoutMs: number | undefined;
}

/** What the service does after RotateSecret was answered: step after step, and all of it again after a failure. */
export class RotationDriver {
  readonly records: RotationRecord[] = [];
  /** How often each step is delivered: Lambda promises once or more. */
  deliveries = 1;
  /** Runs before a step is delivered, for whatever happens between two steps. */
  beforeStep: ((step: Step, secret: { readonly arn: string; readonly token: string }) => unknown) | undefined;

  private readonly running = new Map<string, { readonly token: string; readonly done: Promise<void> }>();

  constructor(
    private readonly now: () => number,
    readonly options: DriverOptions,
  ) {}

  start(secret: Secret, token: string, invoke: Invoke): void {
    if (this.running.get(secret.arn)?.token === token) return;
    const done = this.rotate(secret, token, invoke).finally(() => {
      if (this.running.get(secret.arn)?.token === token) this.running.delete(secret.arn);
    });
    this.running.set(secret.arn, { token, done });
  }

  /** `RotateImmediately: false`: only testSecret, on a temporary version that holds the current value. */
  test(table: SecretTable, secret: Secret, token: string, invoke: Invoke): void {
    const current = table.read(secret, undefined, undefined);
    table.put(secret, token, current.value, ['AWSPENDING']);
    const run = async () => {
      this.note('TestRotationStarted', secret, token);
      try {
        await this.deliver(secret, token, 'testSecret', invoke);
        this.note('TestRotationSucceeded', secret, token);
      } catch (error) {
        this.note('TestRotationFailed', secret, token, error);
      } finally {
        secret.versions.delete(token);
      }
    };
    const done = nextTurn()
      .then(run)
      .finally(() => this.running.delete(secret.arn));
    this.running.set(secret.arn, { token, done });
  }

  /** Resolves when nothing is under way for the secret any more. */
  async settled(secretArn: string): Promise<void> {
    for (;;) {
      const running = this.running.get(secretArn);
      if (!running) return;
      await running.done;
    }
  }

  /** Somebody wrote a current value: the rotation that was under way is given up. */
  abandon(secret: Secret, token: string): void {
    this.running.delete(secret.arn);
    this.note('RotationAbandoned', secret, token);
  }

  /** Labels stay as they are. */
  stop(secret: Secret): string | undefined {
    this.running.delete(secret.arn);
    const pending = holder(secret, 'AWSPENDING');
    return pending?.labels.has('AWSCURRENT') ? undefined : pending?.id;
  }

  private async rotate(secret: Secret, token: string, invoke: Invoke): Promise<void> {
    // The answer to RotateSecret comes first.
    await nextTurn();
    this.note('RotationStarted', secret, token);
    const stopped = () => this.running.get(secret.arn)?.token !== token;
    for (let attempt = 1; attempt <= this.options.attempts; attempt++) {
      if (attempt > 1 && this.options.pauseMs > 0) await wait(this.options.pauseMs);
      try {
        for (const step of STEPS) {
          if (stopped()) return;
          await this.beforeStep?.(step, { arn: secret.arn, token });
          if (stopped()) return;
          await this.deliver(secret, token, step, invoke);
        }
        if (stopped()) return;
        const pending = holder(secret, 'AWSPENDING');
        if (!holder(secret, 'AWSCURRENT') || (pending && !pending.labels.has('AWSCURRENT'))) {
          throw new Error('the function ended, and the pending version is not current');
        }
        this.succeeded(secret, token);
        return;
      } catch (error) {
        if (stopped()) return;
        if (attempt === this.options.attempts) this.note('RotationFailed', secret, token, error);
      }
    }
  }

  private succeeded(secret: Secret, token: string): void {
    const { rotation } = secret;
    rotation.lastRotated = this.now();
    if (rotation.rules) rotation.next = nextWindow(rotation.rules, rotation.lastRotated, this.now());
    this.note('RotationSucceeded', secret, token);
  }

  private async deliver(secret: Secret, token: string, step: Step, invoke: Invoke): Promise<void> {
    for (let delivery = 0; delivery < this.deliveries; delivery++) {
      const event = { Step: step, SecretId: secret.arn, ClientRequestToken: token, RotationToken: randomUUID() };
      await within(this.options.timeoutMs, step, invoke(event));
    }
  }

  private note(name: RotationRecord['name'], secret: Secret, token: string, error?: unknown): void {
    this.records.push({ name, secretArn: secret.arn, token, ...(error === undefined ? {} : { error }) });
  }
}

async function within(limit: number | undefined, step: Step, invocation: Promise<unknown>): Promise<void> {
  if (limit === undefined) {
    await invocation;
    return;
  }
  const over = new AbortController();
  const late = wait(limit, undefined, { signal: over.signal }).then(() => {
    throw new Error(`${step} took longer than ${limit} ms`);
  });
  try {
    await Promise.race([invocation, late]);
  } finally {
    over.abort();
    late.catch(() => {});
    invocation.catch(() => {});
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
