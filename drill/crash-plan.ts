import type { Connect, Session } from '../rotation/database';
import type { SecretStore } from '../rotation/secrets-manager';

export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * Counts the points just before and just after every call to Secrets Manager, connection and statement, and ends the
 * "process" at one of them: from then on nothing it tries has any effect, and its connections are gone.
 */
export class CrashPlan {
  /** The points that were passed since the plan was armed, in order, in words. */
  readonly passed: string[] = [];
  dead = false;
  /** Whether the point was reached. */
  crashed = false;
  private at = 0;
  private instead: (() => Promise<void>) | undefined;
  private readonly open = new Set<Session>();

  /** The process that starts now ends at this point, or `instead` happens there; 0 for never. */
  arm(at: number, instead?: () => Promise<void>): void {
    this.at = at;
    this.instead = instead;
    this.passed.length = 0;
    this.dead = false;
    this.crashed = false;
  }

  /** The next invocation is a new process, which doesn't crash any more. */
  revive(): void {
    this.dead = false;
  }

  store(real: SecretStore): SecretStore {
    return {
      describe: (...args) => this.around('DescribeSecret', () => real.describe(...args)),
      read: (...args) => this.around('GetSecretValue', () => real.read(...args)),
      unlabelled: (...args) => this.around('ListSecretVersionIds', () => real.unlabelled(...args)),
      put: (...args) => this.around('PutSecretValue', () => real.put(...args)),
      moveLabel: (...args) => this.around(`UpdateSecretVersionStage ${args[0].label}`, () => real.moveLabel(...args)),
    };
  }

  connect(real: Connect): Connect {
    return (target, credential, deadline) =>
      this.around('connect', async () => {
        const session = await real(target, credential, deadline);
        this.open.add(session);
        return {
          query: (purpose, sql, values) => this.around(purpose, () => session.query(purpose, sql, values)),
          close: async () => {
            this.open.delete(session);
            await session.close();
          },
        };
      });
  }

  /** An act between two points. */
  async around<T>(what: string, act: () => Promise<T>): Promise<T> {
    await this.point(`before ${what}`);
    const result = await act();
    await this.point(`after ${what}`);
    return result;
  }

  private async point(what: string): Promise<void> {
    if (this.dead) throw new Crash('the process is gone');
    this.passed.push(what);
    if (this.passed.length !== this.at || this.crashed) return;
    this.crashed = true;
    if (this.instead) return this.instead();
    this.dead = true;
    await Promise.all([...this.open].map((session) => session.close()));
    this.open.clear();
    throw new Crash(what);
  }
}
