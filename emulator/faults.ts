import { setTimeout as wait } from 'node:timers/promises';
import { throttled } from './errors';

/** What goes wrong without anybody's mistake. Every field may be changed while the emulator runs. */
export class Faults {
  /** Milliseconds from a request to its effect. */
  latencyMs = 0;
  /** Share of the calls, from 0 to 1, that are answered with a ThrottlingException before they have an effect. */
  throttle = 0;
  /** Milliseconds by which the time that a request was signed at may be off; AWS allows five minutes. The server looks at it. */
  signatureWindowMs = Number.POSITIVE_INFINITY;
  /** Milliseconds by which reads are behind writes. */
  staleReadsMs = 0;
  /** Whether the KMS key cannot be used: nothing is encrypted or decrypted then. */
  kmsDown = false;
  /** How many versions a secret may have before a new one is refused; AWS says about 100. @default no limit */
  versionQuota: number | undefined = undefined;
  /** Whether lists of versions leave out the pending one, as AWS says that they may. */
  listsOmitPending = false;
  /** Milliseconds for which AWSPENDING stays on a version of a rotation that has become current. */
  pendingLingersMs = 0;

  /** @param random from 0 (inclusive) to 1; a seeded one repeats a run. */
  constructor(private readonly random: () => number = Math.random) {}

  /** What happens to every call before anything else. */
  async beforeCall(): Promise<void> {
    if (this.latencyMs > 0) await wait(this.latencyMs);
    if (this.throttle > 0 && this.random() < this.throttle) throw throttled();
  }
}
