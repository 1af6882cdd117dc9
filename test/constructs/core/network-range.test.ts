import { describe, expect, it } from 'vitest';
import { contains, isPrivate, type NetworkRange, partOf, readRange } from '../../../constructs/core/network-range';

/** A range that is written right, or a failed test. */
function range(cidr: string): NetworkRange {
  const read = readRange(cidr);
  if (read === undefined) throw new Error(`${cidr} was not read`);
  return read;
}

describe('readRange', () => {
  it('reads the first address as a number, and the bits of the prefix', () => {
    expect(readRange('10.0.1.0/24')).toEqual({ first: 10 * 2 ** 24 + 256, prefix: 24 });
    expect(readRange('255.255.255.255/32')).toEqual({ first: 2 ** 32 - 1, prefix: 32 });
    expect(readRange('0.0.0.0/0')).toEqual({ first: 0, prefix: 0 });
  });

  it.each(['', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0/24', '10.0.0.256/24', '10.0.0.0/-1', '::1/64'])(
    'refuses %j, which is no network',
    (cidr) => {
      expect(readRange(cidr)).toBeUndefined();
    },
  );

  it.each(['10.0.0.1/24', '10.0.8.0/20', '128.0.0.0/0'])('refuses %s, of which a host bit is set', (cidr) => {
    expect(readRange(cidr)).toBeUndefined();
  });
});

describe('partOf', () => {
  it('cuts a network into equal parts, counted from 0, up to the last', () => {
    const parts = [0, 1, 3].map((n) => partOf(range('10.22.0.0/20'), 2, n));
    expect(parts).toEqual(['10.22.0.0/22', '10.22.4.0/22', '10.22.12.0/22']);
  });

  it('writes addresses above the half of all', () => {
    expect(partOf(range('192.168.0.0/16'), 8, 255)).toBe('192.168.255.0/24');
  });
});

describe('contains', () => {
  it('says whether one network lies within another whole', () => {
    expect(contains(range('10.0.0.0/8'), range('10.255.255.0/24'))).toBe(true);
    expect(contains(range('10.0.0.0/24'), range('10.0.0.0/24'))).toBe(true);
    expect(contains(range('10.0.0.0/24'), range('10.0.0.0/23'))).toBe(false);
    expect(contains(range('10.0.0.0/24'), range('10.0.1.0/24'))).toBe(false);
  });
});

describe('isPrivate', () => {
  it.each(['10.0.0.0/8', '172.16.0.0/12', '172.31.255.0/24', '192.168.1.0/24'])('knows %s as private', (cidr) => {
    expect(isPrivate(range(cidr))).toBe(true);
  });

  it.each(['172.32.0.0/16', '11.0.0.0/8', '192.169.0.0/16', '10.0.0.0/7', '0.0.0.0/0'])(
    'knows %s as public',
    (cidr) => {
      expect(isPrivate(range(cidr))).toBe(false);
    },
  );
});
