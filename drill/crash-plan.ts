import type { Connect, Session } from '../rotation/database';
import type { SecretStore } from '../rotation/secrets-manager';
import { type Line, layLine } from './line';

export class Crash extends Error {
  override readonly name = 'Crash';
}

/**
 * How a process ends. The connections of one that is killed are closed by its kernel; those of one that is frozen, or that
 * the network has cut off, stay open, and the server hears nothing of it. Neither says goodbye.
 */
export type End = 'killed' | 'frozen';

/**
 * Counts the points just before and just after every call to Secrets Manager, connection and statement, and ends the
 * "process" at one of them: from then on nothing it tries has any effect.
 */
export class CrashPlan {
  /** The points that were passed since the plan was armed, in order, in words. */
  readonly passed: string[] = [];
  dead = false;
  /** Whether the point was reached. */
  crashed = false;
  private at = 0;
  private fate: End | (() => Promise<void>) = 'killed';
  /** The ways of the connections that the process has, each with its session. */
  private readonly open = new Map<Session, Line>();
  private readonly left = new Set<Session>();
  private frozen: Line[] = [];

  /**
   * The process that starts now ends at this point, or something else happens there; 0 for never. What is left of a frozen
   * one goes.
   */
  arm(at: number, fate: End | (() => Promise<void>) = 'killed'): void {
    this.at = at;
    this.fate = fate;
    this.passed.length = 0;
    this.dead = false;
    this.crashed = false;
    for (const line of this.frozen) line.drop();
    this.frozen = [];
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
        const line = this.mayEnd() ? await layLine(target) : undefined;
        const session = await real(line?.target ?? target, credential, deadline).catch((error: unknown) => {
          line?.drop();
          throw error;
        });
        if (line) this.open.set(session, line);
        return {
          query: async (purpose, sql, values) => {
            // A process that has ended does nothing in the life of the next one either.
            if (this.left.has(session)) throw gone();
            return this.around(purpose, () => session.query(purpose, sql, values));
          },
          close: async () => {
            // Who is gone says no goodbye.
            if (this.left.has(session)) return;
            this.open.delete(session);
            await session.close();
            line?.drop();
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
    if (this.dead) throw gone();
    this.passed.push(what);
    if (this.passed.length !== this.at || this.crashed) return;
    this.crashed = true;
    if (typeof this.fate === 'function') return this.fate();
    this.dead = true;
    const lines = [...this.open.values()];
    for (const session of this.open.keys()) this.left.add(session);
    this.open.clear();
    if (this.fate === 'frozen') this.frozen = lines;
    else for (const line of lines) line.drop();
    throw new Crash(what);
  }

  /** Only the connections of a process that will end need a way of their own. */
  private mayEnd(): boolean {
    return this.at > 0 && !this.crashed && typeof this.fate === 'string';
  }
}

function gone(): Crash {
  return new Crash('the process is gone');
}
