import { createHash } from 'node:crypto';
import type { ListedKey } from './key-provider';

/** Enough that two secrets of one account don't share it, short enough for providers that limit names to 64 characters. */
const SECRET_DIGITS = 12;

const ANY_TAG = new RegExp(`^strongroom-[0-9a-f]{${SECRET_DIGITS}}-`);

/** Every tag of this secret begins so. */
export function tagPrefix(secretArn: string): string {
  const digest = createHash('sha256').update(secretArn).digest('hex').slice(0, SECRET_DIGITS);
  return `strongroom-${digest}-`;
}

/** The name of the key that a rotation makes. The same at every try, so that an interrupted one finds its key again. */
export function tagOf(secretArn: string, token: string): string {
  return tagPrefix(secretArn) + token;
}

/** Whether the secret's id names this key: by the provider's id, or by the tag of a key that was chosen here. */
export function isNamed(key: ListedKey, id: string | undefined): boolean {
  return id !== undefined && (key.id === id || key.tag === id);
}

/** Whether a key was made for another secret: whoever may write this secret's id must not get that one revoked. */
export function belongsElsewhere(key: ListedKey, secretArn: string): boolean {
  return key.tag !== undefined && ANY_TAG.test(key.tag) && !key.tag.startsWith(tagPrefix(secretArn));
}
