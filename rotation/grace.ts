import { GraceNotOver } from './errors';
import type { SecretDescription } from './secrets-manager';

/**
 * A rotation ends what the one before it has left working. Clients may still hold that, for as long as the current value
 * is younger than the grace.
 *
 * The current value became current no earlier than it was made and than the last rotation ended: both by the clock of
 * Secrets Manager, as is the time now, so that this machine's clock has no say.
 *
 * @throws {GraceNotOver}
 */
export function refuseWithinGrace(
  graceSeconds: number,
  { lastRotated, now }: SecretDescription,
  currentCreated: Date | undefined,
): void {
  if (graceSeconds === 0) return;
  const since = Math.max(lastRotated?.getTime() ?? 0, currentCreated?.getTime() ?? 0);
  const seconds = Math.floor((now.getTime() - since) / 1000);
  if (seconds >= graceSeconds) return;
  throw new GraceNotOver(
    `the current value is ${Math.max(0, seconds)} s old, and clients may hold the previous one for ${graceSeconds} s (STRONGROOM_GRACE_SECONDS); ` +
      'Secrets Manager repeats the rotation, or rotate again then',
  );
}
