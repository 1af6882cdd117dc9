import { OutOfTime, RotationError } from '../errors';
import type { Journal } from '../log';
import type { Access, KeyProvider, ListedKey } from './key-provider';
import { belongsElsewhere, isNamed, tagPrefix } from './ownership';

/** Key of the secret's JSON with the ids of keys that are to be revoked, and have no tag of ours to know them by. */
export const UNREVOKED = 'unrevokedKeyIds';

/** Which keys are in use, or about to be. */
export interface InUse {
  readonly secretArn: string;
  /** The id in AWSCURRENT. */
  readonly current: string;
  /** The tag of the rotation that is under way. */
  readonly tag: string;
}

export interface Past {
  /** The id in AWSPREVIOUS. */
  readonly previous: string | undefined;
  /** Ids that an earlier rotation has left. */
  readonly remembered: readonly string[];
}

export function isInUse(key: ListedKey, { current, tag }: InUse): boolean {
  return isNamed(key, current) || key.tag === tag;
}

/** Keys of this secret's past: that of AWSPREVIOUS, of abandoned rotations, and what could not be revoked before. */
export function retired(keys: readonly ListedKey[], inUse: InUse, past: Past): ListedKey[] {
  const prefix = tagPrefix(inUse.secretArn);
  return keys.filter(
    (key) =>
      !isInUse(key, inUse) &&
      !belongsElsewhere(key, inUse.secretArn) &&
      (isNamed(key, past.previous) || key.tag?.startsWith(prefix) === true || past.remembered.includes(key.id)),
  );
}

/** A key that could not be revoked, and why. */
export interface Unrevoked {
  readonly key: ListedKey;
  readonly error: RotationError;
}

/** Revokes what it can; a key that stays is noted, and does not stop the rotation. Returns those that stay. */
export async function revokeAll(
  keys: readonly ListedKey[],
  provider: KeyProvider,
  access: Access,
  journal: Journal,
): Promise<Unrevoked[]> {
  const left: Unrevoked[] = [];
  for (const key of keys) {
    try {
      await provider.revoke(key.id, access);
    } catch (error) {
      if (!(error instanceof RotationError) || error instanceof OutOfTime) throw error;
      left.push({ key, error });
      journal.notes.push(
        `key ${JSON.stringify(key.id)} could not be revoked and still works (${error.name}); tried again at the next rotation`,
      );
    }
  }
  return left;
}
