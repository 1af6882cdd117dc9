import type { Deadline } from '../deadline';
import type { SecretValue } from '../secret-value';

/** A key as the provider's list shows it. */
export interface ListedKey {
  readonly id: string;
  /** What it was named when it was made, if the provider keeps that. */
  readonly tag: string | undefined;
  readonly created: Date | undefined;
  /** The key itself, where the provider shows it again. */
  readonly key: string | undefined;
}

export interface KeyList {
  readonly keys: readonly ListedKey[];
  /** By the provider's own clock. */
  readonly now: Date;
}

export interface NewKey {
  readonly id: string;
  readonly key: string;
}

/** What a call needs besides its own arguments. */
export interface Access {
  /** The credential that manages keys, read when it is asked for first, and read again where `fresh` asks for that. */
  admin(fresh?: boolean): Promise<SecretValue>;
  readonly deadline: Deadline;
}

/**
 * Whoever makes and takes back API keys. Nothing is remembered between calls: what there is, the provider's list says.
 *
 * Every method throws named errors for a provider that is away, busy or silent; none of these says anything about a key.
 */
export interface KeyProvider {
  /** All keys that work. */
  list(access: Access): Promise<KeyList>;
  /**
   * Makes a key, named by the tag.
   *
   * @param repetition from 1: the same number asks an idempotent provider for the same key again.
   * @throws {KeyLimitReached}
   */
  create(tag: string, repetition: number, access: Access): Promise<NewKey>;
  /** Registers a key that was made here, under the tag. Nothing happens if it is there already. @throws {KeyLimitReached} */
  register(tag: string, key: string, access: Access): Promise<void>;
  /** Replaces the key in a slot by a new one; the one that was there stops working. */
  regenerate(slot: string, access: Access): Promise<NewKey>;
  /** Whether the key is accepted. */
  test(key: NewKey, deadline: Deadline): Promise<boolean>;
  /** Takes a key back. One that is gone already is no error. */
  revoke(id: string, access: Access): Promise<void>;
}
