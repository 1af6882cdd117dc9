import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Fault } from '../support/key-service-faults';
import { failsWith, once } from './api-key-expectations';
import { describedAs, type KeyWorld, startKeyWorld } from './api-key-world';
import { succeed } from './every-point';

describe('what the provider of API keys answers', () => {
  let world: KeyWorld;

  beforeAll(async () => {
    world = await startKeyWorld();
  });
  afterAll(() => world.stop());

  it.each<[Fault, string, RegExp]>([
    [429, 'ProviderThrottled', /status 429, 3 times/],
    [500, 'ProviderUnavailable', /status 500, 3 times/],
    [418, 'ProviderRefused', /status 418/],
    ['redirect', 'ProviderRefused', /a redirect, and none is followed/],
    ['lost', 'ConnectionLost', /the connection broke off/],
    ['huge', 'ProviderAnswerInvalid', /more than 1048576 bytes/],
  ])('T7 a test that is answered by %s says nothing about the key: %s', async (fault, name, message) => {
    const subject = await world.subject();
    subject.keys.fault = (operation) => (operation === 'test' ? fault : undefined);
    await failsWith(subject, name, message);
    expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).not.toContain(1);
  });

  it.each([401, 403])('T7 a test that is answered by %i means that the key is refused', async (status) => {
    const subject = await world.subject();
    subject.keys.fault = (operation) => (operation === 'test' ? status : undefined);
    await failsWith(subject, 'NewKeyRefused');
  });

  it('T7 asks for the pending key last of all, so that one that is gone by then does not become current', async () => {
    const subject = await world.subject();
    const token = await subject.begin();
    for (const step of ['createSecret', 'setSecret']) await subject.step(step, token);
    const asked: unknown[] = [];
    const { length } = subject.keys.seen;
    await subject.step('testSecret', token);
    for (const { headers } of subject.keys.seen.slice(length)) asked.push(headers.authorization);
    const keys = [await subject.value(), await subject.value(token)].map(({ password }) => `Bearer ${password}`);
    expect(asked).toEqual(keys);
  });

  it('T7 goes on when the provider was busy for a moment', async () => {
    const subject = await world.subject();
    once(subject, 'test', 429);
    const record = await subject.rotate();
    expect(record).toMatchObject({ name: 'RotationSucceeded' });
    expect(subject.lines).toHaveLength(4);
  });

  it('T7 leaves a provider alone that says until when, in seconds or by a date of its own clock', async () => {
    for (const retryAfter of ['3600', (now: number) => new Date(now + 3_600_000).toUTCString()]) {
      const subject = await world.subject();
      const token = await subject.begin();
      subject.keys.fault = () => ({ status: 503, retryAfter });
      await expect(subject.step('createSecret', token)).rejects.toMatchObject({ name: 'ProviderUnavailable' });
      expect(subject.keys.seen).toHaveLength(1);
      subject.keys.fault = () => undefined;
    }
  });

  it('T7 asks again as soon as a date says that the provider has', async () => {
    const subject = await world.subject();
    let asked = 0;
    subject.keys.fault = () =>
      asked++ === 0 ? { status: 429, retryAfter: (now) => new Date(now - 1_000).toUTCString() } : undefined;
    await succeed(subject);
    expect(subject.lines).toHaveLength(4);
  });

  it('T7 names a silent provider in less than 6 s', async () => {
    const subject = await world.subject();
    const token = await subject.begin();
    subject.keys.fault = () => 'silence';
    const event = { Step: 'createSecret', SecretId: subject.arn, ClientRequestToken: token };
    await expect(subject.handle(event, { getRemainingTimeInMillis: () => 3_000 })).rejects.toMatchObject({
      name: 'ProviderSilent',
      message: expect.stringMatching(/list \(GET .*\/keys\): no answer in time/),
    });
  });

  it('T7 refuses an answer that is not JSON, without a word of it', async () => {
    const subject = await world.subject();
    subject.keys.fault = (operation) => (operation === 'GET /keys' ? 'not-json' : undefined);
    await failsWith(subject, 'ProviderAnswerInvalid', /the answer is not JSON/);
    expect(subject.said()).not.toContain(subject.keys.keys[0]?.key);
  });

  it('names the credential that manages keys when that is refused', async () => {
    const subject = await world.subject({ api: { list: { ...listOf('nobody'), headers: {} } } });
    await failsWith(subject, 'AdminRefused', /refused \(status 401\)/);
  });

  it('reads the credential that manages keys once more when it has changed since', async () => {
    const subject = await world.subject();
    const { service } = world.manager;
    const admin = String(subject.variables.STRONGROOM_SUPERUSER_SECRET);
    await service.call('PutSecretValue', { SecretId: admin, SecretString: '{"apiKey":"old"}' });
    subject.keys.fault = async (operation) => {
      if (operation === 'GET /keys')
        await service.call('PutSecretValue', {
          SecretId: admin,
          SecretString: JSON.stringify({ apiKey: subject.keys.admin }),
        });
      return undefined;
    };
    await succeed(subject);
  });

  it('shows no key in a log, an error or an address', async () => {
    for (const fault of [undefined, 400, 'lost', 'not-json', 'redirect'] as const) {
      for (const at of ['GET /keys', 'POST /keys', 'test', 'DELETE /keys']) {
        const subject = await world.subject();
        await succeed(subject);
        subject.keys.fault = (operation) => {
          subject.keys.clock.forward(60_000);
          return operation === at ? fault : undefined;
        };
        await subject.rotate();
        const written = subject.said() + subject.keys.seen.map(({ url }) => url).join('\n');
        expect(written.length).toBeGreaterThan(1_000);
        const secrets = [subject.keys.admin, ...subject.keys.keys.map(({ key }) => key)];
        expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
      }
    }
  });

  const listOf = (url: string) => describedAs(url).list as Readonly<Record<string, unknown>>;
});
