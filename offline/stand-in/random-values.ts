import { createHash } from 'node:crypto';
import { makePassword, withDefaults } from './random-password';
import { uuidOf } from './uuid';
import type { Members, Value } from './value';

/** Letters of a made-up word of a pet's name. */
const WORD = 5;

type Maker = (planned: Members, bytes: (length: number) => Buffer, hash: string) => Members;

/**
 * What each type of random decides, of the length and the characters that are configured: names are built of it, and
 * whoever takes them checks how they look.
 *
 * @see https://registry.terraform.io/providers/hashicorp/random/latest/docs
 */
const TYPES: Readonly<Record<string, Maker>> = {
  random_bytes: ({ length }, bytes) => {
    const made = bytes(Number(length));
    return { base64: made.toString('base64'), hex: made.toString('hex') };
  },
  random_id: ({ byte_length, prefix }, bytes) => {
    const made = bytes(Number(byte_length));
    const [hex, id] = [made.toString('hex'), made.toString('base64url')];
    const before = text(prefix);
    return {
      id,
      b64_url: before + id,
      b64_std: before + made.toString('base64'),
      hex: before + hex,
      dec: before + BigInt(`0x0${hex}`).toString(),
    };
  },
  random_integer: ({ min }) => ({ id: String(min), result: min }),
  random_password: (planned, bytes) => ({ id: 'none', result: characters(planned, bytes) }),
  random_pet: ({ length, separator, prefix }, bytes) => {
    const words = [...bytes(Number(length) * WORD)].map((byte) => String.fromCharCode(97 + (byte % 26))).join('');
    const parts = [text(prefix), ...(words.match(new RegExp(`.{${WORD}}`, 'g')) ?? [])];
    return { id: parts.filter((part) => part !== '').join(text(separator)) };
  },
  random_shuffle: ({ input, result_count }) => {
    const all = input as readonly Value[];
    const count = typeof result_count === 'number' ? result_count : all.length;
    return { id: '-', result: Array.from({ length: all.length === 0 ? 0 : count }, (_, at) => all[at % all.length]) };
  },
  random_string: (planned, bytes) => {
    const result = characters(planned, bytes);
    return { id: result, result };
  },
  random_uuid: (_planned, _bytes, hash) => ({ id: uuidOf(hash), result: uuidOf(hash) }),
};

/** A value of random that looks like what is configured, the same for the same hash; undefined where nothing decides it. */
export function randomValue(type: string, path: string, planned: Members, hash: string): Value | undefined {
  return TYPES[type]?.(planned, (length) => bytesOf(hash, length), hash)[path];
}

function characters(planned: Members, bytes: (length: number) => Buffer): string {
  let drawn = 0;
  const config = withDefaults(planned);
  // Each character is drawn once, and once more when all are shuffled.
  const source = bytes(2 * config.length);
  return makePassword(config, (below) => (source[drawn++] ?? 0) % below);
}

function bytesOf(hash: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, index) =>
    createHash('sha256').update(`${hash}.${index}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function text(value: Value): string {
  return typeof value === 'string' ? value : '';
}
