import { setTimeout as wait } from 'node:timers/promises';
import type { ClientSession, Credentials } from './databases';

/** How an application uses its secret. */
export const CLIENT_KINDS = ['fresh connections', 'cached secret', 'long-lived pool'] as const;

export type ClientKind = (typeof CLIENT_KINDS)[number];

/** What clients reach the world with. */
export interface ClientWorld {
  connect(credentials: Credentials): Promise<ClientSession>;
  /** Whether an error means that the password was refused. */
  refused(error: unknown): boolean;
  readSecret(): Promise<Credentials>;
}

export interface ClientCounts {
  tried: number;
  failed: number;
  /** Errors that are no refused login, such as a connection that broke. */
  otherErrors: number;
  /** Milliseconds between a login that was refused and the next that was not, at most. */
  longestGapMs: number;
}

/** Milliseconds between two requests of one client. */
const BETWEEN_REQUESTS = 10;

/** How long a client keeps a secret. Rotations must be further apart: where users alternate, a value is good until the next but one. */
export const CACHED_MS = 300;

/** How long a pool keeps a connection. */
const POOLED_MS = 200;

/** One client at work until it is told to stop. */
export class LoadClient {
  readonly counts: ClientCounts = { tried: 0, failed: 0, otherErrors: 0, longestGapMs: 0 };
  private stopping = false;
  private lately = 0;
  private refusedSince: number | undefined;
  private secret: { readonly credentials: Credentials; readonly until: number } | undefined;
  private pooled: { readonly connection: ClientSession; readonly until: number } | undefined;
  private work: Promise<void> = Promise.resolve();

  constructor(
    readonly kind: ClientKind,
    private readonly world: ClientWorld,
  ) {}

  start(): void {
    this.work = this.loop();
  }

  /** Milliseconds of the longest gap since the last call. */
  takeGap(): number {
    const gap = this.lately;
    this.lately = 0;
    return gap;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.work;
    await this.pooled?.connection.end().catch(() => {});
  }

  private async loop(): Promise<void> {
    while (!this.stopping) {
      try {
        if (this.kind === 'long-lived pool') await this.fromPool();
        else await this.once(this.kind === 'cached secret' ? await this.cached() : await this.world.readSecret());
      } catch {
        this.counts.otherErrors++;
      }
      await wait(BETWEEN_REQUESTS);
    }
  }

  private async once(credentials: Credentials): Promise<void> {
    const connection = await this.logIn(credentials);
    if (!connection) return;
    try {
      await connection.ask();
    } finally {
      await connection.end().catch(() => {});
    }
  }

  private async fromPool(): Promise<void> {
    if (this.pooled && this.pooled.until < performance.now()) {
      await this.pooled.connection.end().catch(() => {});
      this.pooled = undefined;
    }
    if (!this.pooled) {
      const connection = await this.logIn(await this.world.readSecret());
      if (!connection) return;
      this.pooled = { connection, until: performance.now() + POOLED_MS };
    }
    try {
      await this.pooled.connection.ask();
    } catch (error) {
      this.pooled = undefined;
      throw error;
    }
  }

  private async cached(): Promise<Credentials> {
    if (!this.secret || this.secret.until < performance.now())
      this.secret = { credentials: await this.world.readSecret(), until: performance.now() + CACHED_MS };
    return this.secret.credentials;
  }

  /** A connection, or nothing when the server refused the password. */
  private async logIn(credentials: Credentials): Promise<ClientSession | undefined> {
    this.counts.tried++;
    const begun = performance.now();
    let connection: ClientSession;
    try {
      connection = await this.world.connect(credentials);
    } catch (error) {
      if (!this.world.refused(error)) throw error;
      this.counts.failed++;
      this.refusedSince ??= begun;
      // As applications do: what was refused is not tried again.
      this.secret = undefined;
      return undefined;
    }
    if (this.refusedSince !== undefined) {
      const gap = performance.now() - this.refusedSince;
      this.counts.longestGapMs = Math.max(this.counts.longestGapMs, gap);
      this.lately = Math.max(this.lately, gap);
      this.refusedSince = undefined;
    }
    return connection;
  }
}
