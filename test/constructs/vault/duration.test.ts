import { describe, expect, it } from 'vitest';
import { Duration, ttlProblems, ttlSeconds } from '../../../constructs/vault/duration';

const NAMES = { initial: 'defaultTtl', longest: 'maxTtl' };
const codes = (initial: number, longest: number, mount?: { path: string; longest: number }) =>
  ttlProblems(NAMES, { initial, longest }, mount).flatMap((problem) =>
    problem === undefined ? [] : [`${problem.property} ${problem.code}`],
  );

describe('a TTL', () => {
  it('is a duration or whole seconds', () => {
    expect([Duration.seconds(5), Duration.minutes(2), Duration.hours(1), Duration.days(1), 90].map(ttlSeconds)).toEqual(
      [5, 120, 3600, 86_400, 90],
    );
  });

  it('reads in its largest whole unit', () => {
    expect([90, 120, 3600, 86_400, 172_800].map((n) => String(Duration.seconds(n)))).toEqual([
      '90 seconds',
      '2 minutes',
      '1 hour',
      '1 day',
      '2 days',
    ]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('is not %d seconds', (seconds) => {
    expect(codes(seconds, 10)).toEqual(['defaultTtl SR-VAULT-TTL']);
  });

  it('is not longer than the longest', () => {
    expect(codes(3600, 3600)).toEqual([]);
    expect(codes(3601, 3600)).toEqual(['defaultTtl SR-VAULT-TTL-INVERTED']);
  });

  it('is not longer than the mount allows', () => {
    expect(codes(60, 3600, { path: 'database', longest: 3600 })).toEqual([]);
    expect(codes(60, 3601, { path: 'database', longest: 3600 })).toEqual(['maxTtl SR-VAULT-TTL-MOUNT']);
  });
});
