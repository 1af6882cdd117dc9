import { isIPv4 } from 'node:net';

/** Of IPv4 addresses. */
interface Range {
  readonly first: number;
  readonly last: number;
  /** Of two that overlap the server asks that of the higher rank, and of one rank the narrower. */
  readonly rank: number;
}

const RANKS = { wildcard: 0, mask: 1, prefix: 2, address: 3 } as const;

/**
 * Whether the server would ask an account at the host `other` for its password where a client of `ours` logs in. Names and
 * odd patterns can't be compared with addresses by their text: there it counts what the server calls the client that asks.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/connection-access.html
 */
export function standsBefore(other: string, ours: string, client: string): boolean {
  const [theirs, own] = [rangeOf(other), rangeOf(ours)];
  if (theirs && own) {
    const apart = theirs.last < own.first || own.last < theirs.first;
    return !apart && (theirs.rank > own.rank || (theirs.rank === own.rank && sizeOf(theirs) < sizeOf(own)));
  }
  if (theirs?.rank === RANKS.wildcard && !isPattern(ours)) return false;
  return matches(other, client) || (!isPattern(other) && matches(ours, other));
}

/** Whether no client of this address can be of the host. Of names, and of clients that have one, nothing is known. */
export function excludes(host: string, client: string): boolean {
  const range = rangeOf(host);
  // As servers call the machine that they run on.
  const address = client === 'localhost' ? '127.0.0.1' : client;
  if (!range || !isIPv4(address)) return false;
  return numberOf(address) < range.first || numberOf(address) > range.last;
}

/** Of an address, a network, or a pattern that ends at a dot. */
function rangeOf(host: string): Range | undefined {
  if (isIPv4(host)) return { first: numberOf(host), last: numberOf(host), rank: RANKS.address };
  const [network = '', mask] = host.split('/');
  if (mask !== undefined && isIPv4(network)) {
    const size = isIPv4(mask) ? 2 ** 32 - numberOf(mask) : 2 ** (32 - Number(mask));
    const first = numberOf(network);
    return { first, last: first + size - 1, rank: isIPv4(mask) ? RANKS.mask : RANKS.prefix };
  }
  if (!/^(\d+\.){0,3}%?$/.test(host)) return undefined;
  // An empty host is any.
  const known = host.split('.').slice(0, -1);
  const filled = (octet: string) => numberOf([...known, ...Array(4 - known.length).fill(octet)].join('.'));
  return { first: filled('0'), last: filled('255'), rank: RANKS.wildcard };
}

function numberOf(address: string): number {
  return address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

function sizeOf({ first, last }: Range): number {
  return last - first;
}

function isPattern(host: string): boolean {
  return /[%_]/.test(host);
}

function matches(pattern: string, host: string): boolean {
  const signs: Readonly<Record<string, string>> = { '%': '.*', _: '.' };
  const source = [...pattern].map((sign) => signs[sign] ?? sign.replace(/[^\w]/, '\\$&')).join('');
  return new RegExp(`^${source}$`, 'i').test(host);
}
