import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tagOf } from '../../rotation/api-key/ownership';
import { failsWith, notesOf, once } from './api-key-expectations';
import { describedAs, type KeyWorld, startKeyWorld } from './api-key-world';
import { succeed } from './every-point';

describe('a rotation of API keys', () => {
  let world: KeyWorld;

  beforeAll(async () => {
    world = await startKeyWorld();
  });
  afterAll(() => world.stop());

  it('K1 goes by the list of the provider: the secret has id and key, and what else was in it', async () => {
    const subject = await world.subject();
    const { endpoint, keyId } = await subject.value();
    await succeed(subject);
    const value = await subject.value();
    const [made] = subject.keys.keys.slice(-1);
    expect(value).toEqual({ keyId: made?.id, password: made?.key, endpoint, unrevokedKeyIds: [keyId] });
  });

  it('K2 makes the key in createSecret, named by the token', async () => {
    const subject = await world.subject();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    expect(subject.keys.keys.at(-1)).toMatchObject({ name: tagOf(subject.arn, token), active: true });
    expect((await subject.value(token)).password).toBe(subject.keys.keys.at(-1)?.key);
  });

  it('K2 sends the same idempotency key at every try, and gets its key again', async () => {
    const subject = await world.subject({ idempotent: true });
    once(subject, 'POST /keys', 'lost');
    await succeed(subject);
    const sent = subject.keys.seen.filter(({ method }) => method === 'POST');
    expect(sent).toHaveLength(2);
    expect(new Set(sent.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(subject.keys.keys).toHaveLength(2);
  });

  it('K2 does not take a key for its own that an idempotent provider remembers and that is gone', async () => {
    const subject = await world.subject({ idempotent: true });
    const token = await subject.begin();
    once(subject, 'POST /keys', 'lost');
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({ name: 'ConnectionLost' });
    for (const key of subject.keys.keys) if (key.name.endsWith(token)) key.active = false;
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await subject.step(step, token);
    expect(subject.works(await subject.value())).toBe(true);
  });

  it('K3 asks for its key again where keys have no names, though the provider is full', async () => {
    const { tag: _, ...list } = describedAs('nobody').list as Readonly<Record<string, unknown>>;
    const subject = await world.subject({ idempotent: true, api: { list: { ...list, path: '/keys' } } });
    once(subject, 'POST /keys', 'lost');
    await succeed(subject);
    expect(subject.keys.keys).toHaveLength(2);
    // A key of somebody else is no reason to make more than there is room for.
    const full = await world.subject({ idempotent: true, api: { list: { ...list, path: '/keys' } } });
    full.keys.add('made by hand');
    await failsWith(full, 'KeyLimitReached');
  });

  it('K3 revokes only the key of the interrupted try, and makes another', async () => {
    const subject = await world.subject();
    const before = await subject.value();
    const token = await subject.begin();
    once(subject, 'POST /keys', 'lost');
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({ name: 'ConnectionLost' });
    const orphan = subject.keys.keys.at(-1);
    expect(orphan).toMatchObject({ name: tagOf(subject.arn, token), active: true });
    subject.keys.clock.forward(60_000);
    await subject.step('createSecret', token);
    expect(orphan?.active).toBe(false);
    expect(subject.works(await subject.value(token))).toBe(true);
    expect(subject.works(before)).toBe(true);
  });

  it('K3 leaves a key alone that another invocation may be about to store', async () => {
    const subject = await world.subject();
    const token = await subject.begin();
    const made = subject.keys.add(tagOf(subject.arn, token));
    // Little time, so that the step does not wait for long.
    const context = { getRemainingTimeInMillis: () => 4_000 };
    const event = { Step: 'createSecret', SecretId: subject.arn, ClientRequestToken: token };
    await expect(subject.handle(event, context)).rejects.toMatchObject({ name: 'KeyBeingMade' });
    expect(made.active).toBe(true);
  });

  it('K3 makes one key count when two invocations come at once, and revokes the other', async () => {
    const subject = await world.subject({ limit: 4, api: { limit: 4 } });
    const token = await subject.begin();
    const ends = await Promise.allSettled([subject.step('createSecret', token), subject.step('createSecret', token)]);
    expect(ends.map(({ status }) => status)).toContain('fulfilled');
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await subject.step(step, token);
    expect(subject.works(await subject.value())).toBe(true);
    expect(subject.keys.working()).toHaveLength(2);
  });

  it('K4 refuses at the limit when it is not known whose the other key is', async () => {
    const subject = await world.subject();
    const foreign = subject.keys.add('made by hand');
    await failsWith(subject, 'KeyLimitReached', /2 keys work and the limit is 2/);
    expect(foreign.active).toBe(true);
  });

  it('K4 revokes at the limit only what is neither the current key nor of this rotation', async () => {
    // Age decides nothing: the other key is once older than the current one, and once newer.
    for (const created of [0, Date.UTC(2090, 0, 1)]) {
      const subject = await world.subject({ api: { exclusive: true } });
      const before = await subject.value();
      const other = subject.keys.add('made by hand');
      other.created = created;
      await succeed(subject);
      expect(other.active).toBe(false);
      expect(subject.works(before)).toBe(true);
    }
  });

  it("K4 never revokes another secret's key, even if the secret names it", async () => {
    const subject = await world.subject({ limit: 4, api: { limit: 4, exclusive: true } });
    const [other, own] = [subject.keys.add(tagOf('arn:of:another', 'token')), await subject.value()];
    await subject.put({ keyId: other.id, password: other.key });
    await subject.put(own);
    await succeed(subject);
    expect(other.active).toBe(true);
  });

  it('K4 goes on when the current key is gone, and refuses a list that is not its own', async () => {
    const gone = await world.subject();
    for (const key of gone.keys.keys) key.active = false;
    await succeed(gone);
    expect(gone.works(await gone.value())).toBe(true);
    expect(notesOf(gone).join()).toMatch(/the current key is gone/);
    const strange = await world.subject();
    await strange.put({ keyId: 'another' });
    await failsWith(strange, 'CurrentKeyMismatch', /does not have "another"/);
    expect(strange.keys.count('POST')).toBe(0);
  });

  it('K5 keeps the previous key until the next rotation begins', async () => {
    const subject = await world.subject();
    const values = [await subject.value()];
    for (let round = 0; round < 3; round++) {
      await succeed(subject);
      values.unshift(await subject.value());
      expect(values.map(subject.works)).toEqual([true, true, false, false].slice(0, values.length));
    }
  });

  it('K5 revokes the key of an abandoned rotation', async () => {
    const subject = await world.subject();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    const abandoned = subject.keys.keys.at(-1);
    await subject.put({ note: 'by a person' });
    await succeed(subject);
    expect(abandoned?.active).toBe(false);
    expect(subject.works(await subject.value())).toBe(true);
  });

  it('K5 revokes the key that a person has made, though one has written a value since', async () => {
    const subject = await world.subject();
    const [first] = subject.keys.keys;
    await succeed(subject);
    await subject.put({ note: 'AWSPREVIOUS is on another version now' });
    await succeed(subject);
    expect(first?.active).toBe(false);
  });

  it('K4 goes on with the new key when the current one is gone that would have managed keys', async () => {
    const subject = await world.subject({ selfManaged: true });
    const token = await subject.begin();
    await subject.step('createSecret', token);
    const { keyId } = await subject.value();
    for (const key of subject.keys.keys) if (key.id === keyId) key.active = false;
    for (const step of ['setSecret', 'testSecret', 'finishSecret']) await subject.step(step, token);
    expect(subject.works(await subject.value())).toBe(true);
  });

  it('K7 makes only that slot anew which the current key does not use', async () => {
    const subject = await world.subject({ mode: 'slots' });
    for (const expected of ['key2', 'key1', 'key2']) {
      const before = await subject.value();
      await succeed(subject);
      expect(await subject.value()).toMatchObject({ keyId: expected });
      expect([subject.works(before), subject.works(await subject.value())]).toEqual([true, true]);
    }
    expect(subject.keys.count('POST')).toBe(3);
  });

  it('K7 makes the slot anew again as long as nothing is stored, and not once it is', async () => {
    const subject = await world.subject({ mode: 'slots' });
    const token = await subject.begin();
    once(subject, 'POST /keys', 'lost');
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({ name: 'ConnectionLost' });
    subject.keys.clock.forward(60_000);
    for (let round = 0; round < 3; round++) await subject.step('createSecret', token);
    expect(subject.keys.count('POST')).toBe(2);
    expect(subject.works(await subject.value(token))).toBe(true);
  });

  it('K7 leaves a slot alone whose key another invocation may be about to store', async () => {
    const subject = await world.subject({ mode: 'slots' });
    const token = await subject.begin();
    once(subject, 'POST /keys', 'lost');
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({ name: 'ConnectionLost' });
    const event = { Step: 'createSecret', SecretId: subject.arn, ClientRequestToken: token };
    const again = subject.handle(event, { getRemainingTimeInMillis: () => 4_000 });
    await expect(again).rejects.toMatchObject({ name: 'KeyBeingMade' });
    expect(subject.keys.count('POST')).toBe(1);
  });

  it('K7 makes a slot anew once when two invocations come at once', async () => {
    const subject = await world.subject({ mode: 'slots' });
    const token = await subject.begin();
    const ends = await Promise.allSettled([subject.step('createSecret', token), subject.step('createSecret', token)]);
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason.name] : []));
    expect(refused).toEqual(['KeyBeingMade']);
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await subject.step(step, token);
    expect(subject.keys.count('POST')).toBe(1);
    expect(subject.works(await subject.value())).toBe(true);
  });

  it('K7 refuses slots that the secret has mixed up, and a slot that somebody has made anew', async () => {
    const mixed = await world.subject({ mode: 'slots', shows: true });
    await mixed.put({ keyId: 'key2' });
    await failsWith(mixed, 'CurrentKeyMismatch', /in slot "key1"/);
    const taken = await world.subject({ mode: 'slots', shows: true });
    const token = await taken.begin();
    await taken.step('createSecret', token);
    for (const slot of taken.keys.keys) if (slot.id === 'key2') slot.key = 'another';
    await expect(taken.step('setSecret', token)).rejects.toMatchObject({ name: 'NewKeyRefused' });
  });

  it('K7 does not take what was in the slot before for its new key', async () => {
    const { key: _, ...regenerate } = describedAs('', { mode: 'slots' }).regenerate as Readonly<
      Record<string, unknown>
    >;
    const subject = await world.subject({ mode: 'slots', shows: true, api: { regenerate } });
    subject.keys.clock.forward(60_000);
    const token = await subject.begin();
    once(subject, 'POST /keys', 'not-json');
    await expect(subject.step('createSecret', token)).rejects.toMatchObject({
      name: 'ProviderAnswerInvalid',
      message: expect.stringMatching(/slot "key2" has the same key as before/),
    });
    await subject.step('createSecret', token);
    expect((await subject.value(token)).password).toBe(subject.keys.keys[1]?.key);
  });

  it('K8 takes a key that is gone for revoked', async () => {
    const subject = await world.subject();
    const { keyId } = await subject.value();
    await succeed(subject);
    subject.keys.fault = (operation) => (operation === 'DELETE /keys' ? 404 : undefined);
    for (const key of subject.keys.keys) if (key.id === keyId) key.active = false;
    await succeed(subject);
    expect(notesOf(subject)).toEqual([]);
  });

  it('K8 reports a key that could not be revoked, ends the rotation well, and revokes it the next time', async () => {
    const subject = await world.subject({ limit: 4, api: { limit: 4 } });
    const { keyId } = await subject.value();
    await succeed(subject);
    subject.keys.fault = (operation) => (operation === 'DELETE /keys' ? 503 : undefined);
    await succeed(subject);
    expect(notesOf(subject)).toEqual([expect.stringContaining(`key "${keyId}" could not be revoked and still works`)]);
    expect((await subject.value()).unrevokedKeyIds).toEqual([keyId]);
    subject.keys.fault = () => undefined;
    await succeed(subject);
    expect(subject.keys.keys.find(({ id }) => id === keyId)?.active).toBe(false);
    expect((await subject.value()).unrevokedKeyIds).toEqual([]);
  });

  it.each(['create', 'chosen'] as const)(
    'K8 names what keeps the previous key from being revoked where no other has room, mode %s',
    async (mode) => {
      const subject = await world.subject({ mode });
      await succeed(subject);
      subject.keys.fault = (operation) => (operation === 'DELETE /keys' ? 503 : undefined);
      await failsWith(subject, 'ProviderUnavailable', /revoke \(DELETE/);
    },
  );

  it('K8 revokes in setSecret what createSecret could not, where a key that is chosen here has no room', async () => {
    const subject = await world.subject({ mode: 'chosen' });
    const first = await subject.value();
    await succeed(subject);
    once(subject, 'DELETE /keys', 'dropped');
    await succeed(subject);
    expect(notesOf(subject)).toEqual([expect.stringContaining('could not be revoked and still works')]);
    expect([subject.works(first), subject.keys.working().length]).toEqual([false, 2]);
  });

  it('K8 remembers a key without a name until the list no longer has it, whatever the provider answers', async () => {
    const subject = await world.subject({ limit: 4, api: { limit: 4 } });
    const { keyId } = await subject.value();
    await succeed(subject);
    once(subject, 'DELETE /keys', 'not-json');
    await succeed(subject);
    expect((await subject.value()).unrevokedKeyIds).toEqual([keyId]);
    await succeed(subject);
    expect((await subject.value()).unrevokedKeyIds).toEqual([]);
    expect(subject.keys.working()).toHaveLength(2);
  });

  it('K9 makes a key here, and registers it in setSecret', async () => {
    const subject = await world.subject({ mode: 'chosen' });
    const before = await subject.value();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    const pending = await subject.value(token);
    expect(pending.keyId).toBe(tagOf(subject.arn, token));
    expect(subject.works(pending)).toBe(false);
    await subject.step('setSecret', token);
    await subject.step('setSecret', token);
    expect([subject.works(pending), subject.works(before)]).toEqual([true, true]);
    expect(subject.keys.working()).toHaveLength(2);
  });

  it('K10 refuses a provider that has one key at a time, because nobody gets in in between', async () => {
    const subject = await world.subject({ api: { limit: 1 } });
    await failsWith(subject, 'InvalidConfiguration', /limit is 1: with one key at a time the old one must go before/);
    expect(subject.keys.seen).toEqual([]);
  });
});
