import { ServiceError } from './errors';
import type { SecretsManagerService } from './service';

/**
 * Refuses a request that was signed at another time than the service's own, by more than the faults allow.
 *
 * @param signed the header `x-amz-date`, such as `20261124T195900Z`
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html
 */
export function refuseWrongTime({ clock, faults }: SecretsManagerService, signed: string): void {
  const { signatureWindowMs: window } = faults;
  const now = clock.now();
  const off = timeOf(signed) - now;
  if (!(Math.abs(off) > window)) return;
  const allowed = `${window / 60_000} min.)`;
  throw new ServiceError(
    'InvalidSignatureException',
    off < 0
      ? `Signature expired: ${signed} is now earlier than ${stamp(now - window)} (${stamp(now)} - ${allowed}`
      : `Signature not yet current: ${signed} is still later than ${stamp(now + window)} (${stamp(now)} + ${allowed}`,
  );
}

function timeOf(signed: string): number {
  return Date.parse(signed.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'));
}

function stamp(time: number): string {
  return new Date(time).toISOString().replace(/[-:]|\.\d+/g, '');
}
