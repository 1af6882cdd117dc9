import { randomUUID } from 'node:crypto';
import { holder, type Secret, type SecretTable } from './store';

/** Invokes the rotation function with one event and waits for its end. */
export type Invoke = (event: Readonly<Record<string, string>>) => Promise<unknown>;

export interface RotationRecord {
  readonly name:
    | 'RotationStarted'
    | 'RotationSucceeded'
    | 'RotationFailed'
    | 'RotationAbandoned'
    | 'TestRotationSucceeded'
    | 'TestRotationFailed';
  readonly secretArn: string;
  readonly token: string;
  /** What the function threw, if it did. */
  readonly error?: unknown;
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** What the service does after RotateSecret was answered: step after step, and all of it again after a failure. */
export class RotationDriver {
  readonly records: RotationRecord[] = [];

  private readonly running = new Map<string, { readonly token: string; readonly done: Promise<void> }>();

  constructor(
    private readonly now: () => number,
    private readonly attempts: number,
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
      try {
        await invoke(this.event(secret, token, 'testSecret'));
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

  /** Somebody wrote a current value: the rotation that was under way is given up, and its version loses its label. */
  abandon(secret: Secret, writer: string): void {
    const pending = holder(secret, 'AWSPENDING');
    if (!pending || pending.id === writer || pending.labels.has('AWSCURRENT')) return;
    pending.labels.delete('AWSPENDING');
    this.running.delete(secret.arn);
    this.note('RotationAbandoned', secret, pending.id);
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
    for (let attempt = 1; attempt <= this.attempts; attempt++) {
      try {
        for (const step of STEPS) {
          if (this.running.get(secret.arn)?.token !== token) return;
          await invoke(this.event(secret, token, step));
        }
        const pending = holder(secret, 'AWSPENDING');
        if (!holder(secret, 'AWSCURRENT') || (pending && !pending.labels.has('AWSCURRENT'))) {
          throw new Error('the function ended, and the pending version is not current');
        }
        secret.rotation.lastRotated = this.now();
        this.note('RotationSucceeded', secret, token);
        return;
      } catch (error) {
        if (this.running.get(secret.arn)?.token !== token) return;
        if (attempt === this.attempts) this.note('RotationFailed', secret, token, error);
      }
    }
  }

  private event(secret: Secret, token: string, step: string): Readonly<Record<string, string>> {
    return { Step: step, SecretId: secret.arn, ClientRequestToken: token, RotationToken: randomUUID() };
  }

  private note(name: RotationRecord['name'], secret: Secret, token: string, error?: unknown): void {
    this.records.push({ name, secretArn: secret.arn, token, ...(error === undefined ? {} : { error }) });
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
