import { STEP_LIMIT_MS } from '../deadline';
import {
  CurrentKeyMismatch,
  KeyBeingMade,
  KeyLimitReached,
  ProviderAnswerInvalid,
  ProviderRefused,
  type RotationError,
} from '../errors';
import type { Journal } from '../log';
import type { ApiDescription } from './description';
import type { Access, KeyList, KeyProvider, ListedKey, NewKey } from './key-provider';
import { belongsElsewhere, isNamed, tagPrefix } from './ownership';
import { isInUse, type Past, retired, revokeAll } from './retirement';

/** By then the invocation that made a key has stored it, or has ended without: no step takes longer than its limit. */
const IN_FLIGHT_MS = STEP_LIMIT_MS + 5_000;

/** Kept back when waiting, so that the step ends with the error that says why. */
const TIME_TO_SAY_SO_MS = 2_000;

/** How often a provider may answer with a key that is gone before it is believed to remember only that one. */
const REPETITIONS = 3;

export interface MakerWork {
  readonly secretArn: string;
  /** Of the key that this rotation makes. */
  readonly tag: string;
  /** What AWSCURRENT holds. */
  readonly current: NewKey;
  readonly access: Access;
  /** Whether the provider accepts a key. */
  works(key: NewKey): Promise<boolean>;
  readonly journal: Journal;
}

/** Makes one rotation's key, from whatever an interrupted try has left at the provider. */
export class KeyMaker {
  private list: KeyList = { keys: [], now: new Date(0) };
  /** Why a key of the past is still there. */
  private hindrance: RotationError | undefined;

  constructor(
    private readonly api: ApiDescription,
    private readonly provider: KeyProvider,
    private readonly work: MakerWork,
  ) {}

  get access(): Access {
    return this.work.access;
  }

  /**
   * Looks at what there is, and revokes the keys of the past: the previous key has worked until now.
   *
   * @returns the ids of keys without a tag of ours that are still to be revoked, to be remembered: by the next rotation the
   * current one is previous, but a person who writes a value meanwhile takes that label from it.
   * @throws {CurrentKeyMismatch} when the list is not the one that the current key is in.
   */
  async begin(past: Past): Promise<{ readonly unrevoked: readonly string[] }> {
    this.list = await this.provider.list(this.access);
    if (!this.list.keys.some((key) => isNamed(key, this.work.current.id))) await this.refuseUnlisted();
    if (this.api.keys.mode === 'slots') return { unrevoked: [] };
    const prefix = tagPrefix(this.work.secretArn);
    const nameless = (key: ListedKey) => !key.tag?.startsWith(prefix);
    const old = await this.retire(past);
    // Only the list says that such a key is gone: once its id is forgotten, nobody finds it again.
    const { keys } = old.some(nameless) ? await this.provider.list(this.access) : this.list;
    const left = keys.filter((key) => isNamed(key, this.work.current.id) || old.some(({ id }) => id === key.id));
    return { unrevoked: left.filter(nameless).map(({ id }) => id) };
  }

  /**
   * The key of this rotation: found again if the provider shows it or repeats itself, otherwise a new one.
   *
   * @returns undefined when another invocation has stored its key by now.
   * @throws {KeyLimitReached} @throws {KeyBeingMade}
   */
  async create(idempotent: boolean, isStored: () => Promise<boolean>): Promise<NewKey | undefined> {
    const own = this.list.keys.filter(({ tag }) => tag === this.work.tag);
    for (const { id, key } of own) if (key !== undefined) return { id, key };
    // Where keys have no names, one of those that fill the room may be the one that an interrupted try has made.
    if (idempotent && (own.length > 0 || (this.api.list.tag === undefined && this.room() <= 0))) {
      try {
        return await this.createAlive();
      } catch (error) {
        // It has forgotten its answer, or never gave one, and takes this for one key more.
        if (!(error instanceof KeyLimitReached || error instanceof ProviderRefused)) throw error;
      }
    }
    // With room the new key comes first: another invocation may be about to store the one that is there. Which of the two
    // counts is decided by what is stored, and setSecret revokes the other.
    if (this.room() <= 0 && own.length > 0) {
      await this.waitForMaker(own);
      if (await isStored()) return undefined;
      for (const { id } of own) await this.provider.revoke(id, this.access);
      this.forget(own);
      this.work.journal.notes.push('a key that an interrupted try had made was revoked, and another one made');
    }
    await this.makeRoom();
    return idempotent ? this.createAlive() : this.provider.create(this.work.tag, 1, this.access);
  }

  /**
   * The slot that AWSCURRENT doesn't use, made anew; repeated until a value is stored, because nobody has that key yet. What
   * is stored can't be replaced: whoever makes the slot anew while another one stores its key leaves that value without one.
   *
   * @returns undefined when another invocation has stored its key by now.
   * @throws {KeyBeingMade}
   */
  async regenerateOther(
    claim: () => Promise<'ours' | 'taken' | 'open'>,
    isStored: () => Promise<boolean>,
  ): Promise<NewKey | undefined> {
    const { current } = this.work;
    const own = this.list.keys.find((key) => isNamed(key, current.id));
    const other = this.list.keys.find((key) => !isNamed(key, current.id));
    if (!other || !own) {
      throw new CurrentKeyMismatch(
        `the list has ${this.list.keys.length} slots, and there must be that of the current key, ${JSON.stringify(current.id)}, and another; correct the secret or STRONGROOM_API`,
      );
    }
    if (other.key === current.key) {
      throw new CurrentKeyMismatch(
        `the current key is in slot ${JSON.stringify(other.id)}, and the secret says ${JSON.stringify(current.id)}; correct the secret`,
      );
    }
    const claimed = await claim();
    if (claimed === 'taken') throw beingMade();
    if (claimed === 'open') {
      await this.waitForMaker([other]);
      if (await isStored()) return undefined;
    }
    const made = await this.provider.regenerate(other.id, this.access);
    if (made.key !== other.key) return made;
    throw new ProviderAnswerInvalid(
      `slot ${JSON.stringify(other.id)} has the same key as before it was made anew; Secrets Manager repeats the rotation, and if that does not help, correct regenerate in STRONGROOM_API`,
    );
  }

  /** Registers a key that was made here, if it is not there and working already. */
  async register(pending: NewKey, remembered: readonly string[]): Promise<void> {
    this.list = await this.provider.list(this.access);
    const there = this.list.keys.some((key) => isNamed(key, pending.id));
    if (there && (await this.work.works(pending))) return;
    if (!there && this.room() <= 0) {
      // createSecret may not have been able to, and comes to it no more: its value is stored.
      await this.retire({ previous: undefined, remembered });
      await this.makeRoom();
    }
    await this.provider.register(this.work.tag, pending.key, this.access);
  }

  /** Keys that this rotation made, and that were not stored. */
  async revokeOrphans(stored: string): Promise<void> {
    this.list = await this.provider.list(this.access);
    const orphans = this.list.keys.filter(
      (key) => key.tag === this.work.tag && !isNamed(key, stored) && !isNamed(key, this.work.current.id),
    );
    await revokeAll(orphans, this.provider, this.access, this.work.journal);
  }

  private get inUse() {
    return { secretArn: this.work.secretArn, current: this.work.current.id, tag: this.work.tag };
  }

  /** A current key that works and is not in the list: then this is another account's list, and not to be touched. */
  private async refuseUnlisted(): Promise<void> {
    const { current, journal } = this.work;
    if (await this.work.works(current)) {
      throw new CurrentKeyMismatch(
        `the current key works, and the provider's list does not have ${JSON.stringify(current.id)}; correct the id in the secret, or the credential that lists keys (of another account?)`,
      );
    }
    journal.notes.push('the current key is gone from the provider; this rotation replaces it');
  }

  /** Revokes what it can of the keys of the past. Returns all of them. */
  private async retire(past: Past): Promise<readonly ListedKey[]> {
    const old = retired(this.list.keys, this.inUse, past);
    const left = await revokeAll(old, this.provider, this.access, this.work.journal);
    this.hindrance = left[0]?.error;
    this.forget(old.filter((key) => !left.some((one) => one.key === key)));
    return old;
  }

  private room(): number {
    return this.api.limit - this.list.keys.length;
  }

  /**
   * At the limit a key goes only if it is certain that nobody needs it.
   *
   * @throws {KeyLimitReached}, or the error for which a key of the past could not be revoked.
   */
  private async makeRoom(): Promise<void> {
    const { secretArn } = this.work;
    while (this.room() <= 0) {
      const others = this.list.keys
        .filter((key) => !isInUse(key, this.inUse) && !belongsElsewhere(key, secretArn))
        .sort((a, b) => (a.created?.getTime() ?? 0) - (b.created?.getTime() ?? 0));
      const [oldest] = others;
      if (this.hindrance !== undefined) throw this.hindrance;
      if (!this.api.exclusive || !oldest) {
        throw new KeyLimitReached(
          `${this.list.keys.length} keys work and the limit is ${this.api.limit}; ` +
            `revoke one that nobody uses, but not ${JSON.stringify(this.work.current.id)}, or set exclusive in STRONGROOM_API if all belong to this secret`,
        );
      }
      await this.provider.revoke(oldest.id, this.access);
      this.forget([oldest]);
      this.work.journal.notes.push(`key ${JSON.stringify(oldest.id)} was revoked to make room`);
    }
  }

  /** @throws {KeyBeingMade} when the invocation that made these keys may still be about to store one. */
  private async waitForMaker(own: readonly ListedKey[]): Promise<void> {
    const ages = own.map(({ created }) =>
      created === undefined ? IN_FLIGHT_MS : this.list.now.getTime() - created.getTime(),
    );
    const wait = IN_FLIGHT_MS - Math.min(...ages);
    if (wait <= 0) return;
    const { deadline } = this.access;
    const spare = deadline.left() - TIME_TO_SAY_SO_MS;
    if (spare > 0) await deadline.pause(Math.min(wait, spare));
    throw beingMade();
  }

  /** An idempotent provider can answer with a key that was revoked since: then it is asked for another one. */
  private async createAlive(): Promise<NewKey> {
    for (let repetition = 1; repetition <= REPETITIONS; repetition++) {
      const made = await this.provider.create(this.work.tag, repetition, this.access);
      const { keys } = await this.provider.list(this.access);
      if (keys.some(({ id }) => id === made.id)) return made;
    }
    throw new ProviderAnswerInvalid(
      `the provider made ${REPETITIONS} keys that its list does not have; correct list in STRONGROOM_API`,
    );
  }

  private forget(gone: readonly ListedKey[]): void {
    this.list = { ...this.list, keys: this.list.keys.filter((key) => !gone.includes(key)) };
  }
}

function beingMade(): KeyBeingMade {
  return new KeyBeingMade(
    'another try of this rotation made a key a moment ago, and may be about to store it; Secrets Manager repeats the rotation',
  );
}
