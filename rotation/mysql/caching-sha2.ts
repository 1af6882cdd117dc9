import { createHash, randomInt } from 'node:crypto';

const SALT_LENGTH = 20;
const ROUNDS = 5_000;
const LETTERS = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/**
 * What `caching_sha2_password` stores: SHA-crypt with a salt of twenty characters. Made here, so that no statement, and so no
 * log of the server, holds the password.
 *
 * @see https://www.akkadia.org/drepper/SHA-crypt.txt
 */
export function cachingSha2Hash(password: string, salt: string = newSalt()): string {
  return `$A$005$${salt}${shaCrypt(Buffer.from(password), Buffer.from(salt))}`;
}

function newSalt(): string {
  return Array.from({ length: SALT_LENGTH }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');
}

function sha256(...parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The block, repeated to a length. */
function repeated(block: Buffer, length: number): Buffer {
  return Buffer.alloc(length, block);
}

function shaCrypt(key: Buffer, salt: Buffer): string {
  const inner = sha256(key, salt, key);
  const bits: Buffer[] = [];
  for (let rest = key.length; rest > 0; rest >>= 1) bits.push(rest & 1 ? inner : key);
  let digest = sha256(key, salt, repeated(inner, key.length), ...bits);
  const p = repeated(sha256(...Array<Buffer>(key.length).fill(key)), key.length);
  const s = repeated(sha256(...Array<Buffer>(16 + (digest[0] ?? 0)).fill(salt)), salt.length);
  for (let round = 0; round < ROUNDS; round++) {
    const odd = round % 2 === 1;
    digest = sha256(
      odd ? p : digest,
      ...(round % 3 === 0 ? [] : [s]),
      ...(round % 7 === 0 ? [] : [p]),
      odd ? digest : p,
    );
  }
  return encoded(digest);
}

function encoded(digest: Buffer): string {
  const byte = (index: number) => digest[index] ?? 0;
  let text = '';
  const add = (value: number, count: number) => {
    for (let n = 0, rest = value; n < count; n++, rest >>= 6) text += LETTERS.charAt(rest & 63);
  };
  for (const [x, y, z] of ORDER) add((byte(x) << 16) | (byte(y) << 8) | byte(z), 4);
  add((byte(31) << 8) | byte(30), 3);
  return text;
}

const ORDER = [
  [0, 10, 20],
  [21, 1, 11],
  [12, 22, 2],
  [3, 13, 23],
  [24, 4, 14],
  [15, 25, 5],
  [6, 16, 26],
  [27, 7, 17],
  [18, 28, 8],
  [9, 19, 29],
] as const;
