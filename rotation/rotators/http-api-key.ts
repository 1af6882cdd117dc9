import type { ApiKeyConfiguration } from '../api-key/description';
import { httpProvider } from '../api-key/http-provider';
import { KeyMaker } from '../api-key/key-maker';
import type { KeyProvider, NewKey } from '../api-key/key-provider';
import { isNamed, tagOf } from '../api-key/ownership';
import { UNREVOKED } from '../api-key/retirement';
import { InvalidSecretValue, NewKeyRefused, PendingMismatch } from '../errors';
import { newPassword } from '../password';
import type { MakeWork, Rotator, SetWork, TestWork } from '../rotator';
import type { Reach } from '../rotators';
import type { SecretValue } from '../secret-value';

/** As for passwords: whoever counts refusals sees few of ours, and a new key can need a moment to be known everywhere. */
const TESTS = 3;
const PROPAGATION_PAUSE_MS = 1_000;

/**
 * API keys of which two work at once: the current one, and the one that is made, or was before it.
 *
 * A key is made in createSecret where the provider makes it, because a stored value never changes. What there is, the
 * provider's list says; a key goes only if it is known whose it is, and never the current one.
 */
export function httpApiKey(configuration: ApiKeyConfiguration, { send }: Reach): Rotator {
  const { api } = configuration;
  const provider = httpProvider(api, send);
  const keyOf = (value: SecretValue): NewKey => ({
    id: value.string(api.members.id),
    key: value.string(api.members.key),
  });

  async function accepts(work: TestWork | MakeWork, key: NewKey): Promise<boolean> {
    work.journal.loginsTried++;
    const accepted = await provider.test(key, work.deadline);
    if (!accepted) work.journal.loginsFailed++;
    return accepted;
  }

  async function prove(work: TestWork): Promise<void> {
    const key = keyOf(work.pending);
    for (let test = 1; !(await accepts(work, key)); test++) {
      if (test >= TESTS) {
        throw new NewKeyRefused(
          `the provider refuses the pending key ${JSON.stringify(key.id)}; if it was revoked, take AWSPENDING away from that version and rotate again`,
        );
      }
      await work.deadline.pause(PROPAGATION_PAUSE_MS);
    }
  }

  /** @param successor manages keys where nothing else does and the current key is refused */
  function makerFor(work: MakeWork | SetWork, current: SecretValue, successor = current): KeyMaker {
    let known: SecretValue | undefined;
    const admin = async (fresh = false) => {
      if (!known || fresh) known = (await work.superuser()) ?? (fresh ? successor : current);
      return known;
    };
    const { secretArn, deadline, journal } = work;
    return new KeyMaker(api, provider, {
      secretArn,
      tag: tagOf(secretArn, work.token),
      current: keyOf(current),
      access: { admin, deadline },
      works: (key) => accepts(work, key),
      journal,
    });
  }

  async function make(current: SecretValue, work: MakeWork): Promise<string> {
    const maker = makerFor(work, current);
    const previous = await previousId(work, api.members.id);
    const { unrevoked } = await maker.begin({ previous, remembered: remembered(current) });
    const made = await newKey(maker, current, work);
    // Stored by another invocation of this rotation meanwhile: that key counts.
    if (made === undefined) return (await work.readStored())?.with({}) ?? make(current, work);
    return current.with({
      [api.members.id]: made.id,
      [api.members.key]: made.key,
      ...(unrevoked.length > 0 || current.get(UNREVOKED) !== undefined ? { [UNREVOKED]: unrevoked } : {}),
    });
  }

  async function newKey(maker: KeyMaker, current: SecretValue, work: MakeWork): Promise<NewKey | undefined> {
    switch (api.keys.mode) {
      case 'create':
        return maker.create(api.keys.idempotent, async () => (await work.readStored()) !== undefined);
      case 'slots':
        return maker.regenerateOther(
          () => work.claim(),
          async () => (await work.readStored()) !== undefined,
        );
      case 'chosen': {
        const old = current.string(api.members.key);
        let key = newPassword(configuration.password);
        while (key === old) key = newPassword(configuration.password);
        return { id: tagOf(work.secretArn, work.token), key };
      }
    }
  }

  async function settle(work: SetWork, pending: NewKey): Promise<void> {
    const maker = makerFor(work, work.current, work.pending);
    // What createSecret could not revoke it has written into the value.
    const past = [...remembered(work.current), ...remembered(work.pending)];
    if (api.keys.mode === 'chosen') await maker.register(pending, past);
    if (api.keys.mode === 'slots') await refuseOtherInSlot(provider, maker, pending);
    if (api.keys.mode === 'create') await maker.revokeOrphans(pending.id);
  }

  return {
    accept: (current) => {
      keyOf(current);
    },

    make,

    agree: (current, pending) => {
      const [now, next] = [keyOf(current), keyOf(pending)];
      const same = [
        ...(now.id === next.id ? [api.members.id] : []),
        ...(now.key === next.key ? [api.members.key] : []),
      ];
      if (same.length > 0) {
        throw new PendingMismatch(
          `the pending value has the same ${same.join(' and ')} as the current one; take AWSPENDING away from that version and rotate again`,
        );
      }
    },

    set: async (work) => {
      await work.announce();
      await settle(work, keyOf(work.pending));
      await prove(work);
    },

    test: async (work) => {
      const current = keyOf(await work.readCurrent());
      const alone = current.key === keyOf(work.pending).key;
      // Nothing can give a lost key back: to go on is what helps.
      if (!alone && !(await accepts(work, current)))
        work.journal.notes.push(
          'the provider refuses the current key, which clients still use; the pending one replaces it',
        );
      // Last of all, so that as little as can be happens to it before it is current.
      await prove(work);
    },
  };
}

/** The slot is somebody else's now, and the key in the stored value is gone. */
async function refuseOtherInSlot(provider: KeyProvider, maker: KeyMaker, pending: NewKey): Promise<void> {
  const { keys } = await provider.list(maker.access);
  const slot = keys.find((key) => isNamed(key, pending.id));
  if (slot?.key === undefined || slot.key === pending.key) return;
  throw new NewKeyRefused(
    `slot ${JSON.stringify(pending.id)} has another key than the pending value: it was made anew since; take AWSPENDING away from that version and rotate again`,
  );
}

async function previousId(work: MakeWork, member: string): Promise<string | undefined> {
  try {
    const id = (await work.readPrevious())?.get(member);
    return typeof id === 'string' && id !== '' ? id : undefined;
  } catch (error) {
    // A value from before there were keys in it names none.
    if (error instanceof InvalidSecretValue) return undefined;
    throw error;
  }
}

function remembered(current: SecretValue): readonly string[] {
  const ids = current.get(UNREVOKED);
  return Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [];
}
