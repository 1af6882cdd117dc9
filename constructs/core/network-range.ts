import { isIPv4 } from 'node:net';

/** An IPv4 network in CIDR notation, as numbers. */
export interface NetworkRange {
  /** The first address as a number. */
  readonly first: number;
  /** Bits of the prefix, 0 to 32. */
  readonly prefix: number;
}

const ADDRESS_BITS = 32;

/** Reads a network in CIDR notation; nothing where it is malformed or its host bits are not zero. */
export function readRange(cidr: string): NetworkRange | undefined {
  const [address = '', bits = ''] = cidr.split('/');
  if (!isIPv4(address) || !/^\d{1,2}$/.test(bits) || Number(bits) > ADDRESS_BITS) return undefined;
  const first = address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  const prefix = Number(bits);
  return first % 2 ** (ADDRESS_BITS - prefix) === 0 ? { first, prefix } : undefined;
}

/** One of the equal parts of a network, counted from 0. */
export function partOf(range: NetworkRange, addedBits: number, n: number): string {
  const prefix = range.prefix + addedBits;
  return `${writeAddress(range.first + n * 2 ** (ADDRESS_BITS - prefix))}/${prefix}`;
}

/** Whether a network holds another one whole. */
export function contains(outer: NetworkRange, inner: NetworkRange): boolean {
  const end = (range: NetworkRange) => range.first + 2 ** (ADDRESS_BITS - range.prefix);
  return inner.first >= outer.first && end(inner) <= end(outer);
}

/** The private ranges of RFC 1918. */
const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

/** Whether a network is private by RFC 1918. */
export function isPrivate(range: NetworkRange): boolean {
  return PRIVATE.map(readRange).some((known) => known !== undefined && contains(known, range));
}

function writeAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}
