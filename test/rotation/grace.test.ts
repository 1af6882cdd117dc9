import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeySubject, type KeyWorld, startKeyWorld } from './api-key-world';
import { succeed } from './every-point';

const HOUR = 3_600_000;

// The rule is the engine's: it holds for every rotator that leaves the previous credential working.
describe('the grace of the previous value', () => {
  let world: KeyWorld;

  beforeAll(async () => {
    world = await startKeyWorld();
  });
  afterAll(() => world.stop());

  const withGrace = (seconds: string | undefined) =>
    world.subject({ variables: { STRONGROOM_GRACE_SECONDS: seconds } });

  async function refused(subject: KeySubject): Promise<void> {
    const before = await subject.value();
    const calls = subject.keys.seen.length;
    const record = await subject.rotate();
    expect(record.error, String(record.error)).toMatchObject({ name: 'GraceNotOver' });
    expect(await subject.value()).toEqual(before);
    expect(subject.keys.seen.length).toBe(calls);
  }

  /** What an operator does after a rotation that failed for good. */
  async function giveUp(subject: KeySubject, { manager }: KeyWorld = world): Promise<void> {
    const pending = Object.entries(await subject.labels()).find(([, labels]) => labels.includes('AWSPENDING'));
    await manager.service.call('UpdateSecretVersionStage', {
      SecretId: subject.arn,
      VersionStage: 'AWSPENDING',
      RemoveFromVersionId: pending?.[0],
    });
  }

  it('K6 refuses a second rotation in a row, and allows it when the time is over', async () => {
    const subject = await withGrace('3600');
    await succeed(subject);
    await refused(subject);
    await giveUp(subject);
    await world.manager.service.advance(HOUR + 1_000);
    await succeed(subject);
  });

  it('K6 is an hour for API keys unless the stack says otherwise', async () => {
    const subject = await withGrace(undefined);
    await succeed(subject);
    await world.manager.service.advance(HOUR - 60_000);
    await refused(subject);
    await giveUp(subject);
    await world.manager.service.advance(120_000);
    await succeed(subject);
  });

  it('K6 does not hold the first rotation up, when there is no previous value', async () => {
    await succeed(await withGrace('3600'));
  });

  it('K6 counts from a value that a person has put in', async () => {
    const subject = await withGrace('3600');
    await succeed(subject);
    await world.manager.service.advance(HOUR + 1_000);
    await subject.put({ note: 'by a person' });
    await refused(subject);
  });

  it('K6 never stops a rotation that has begun', async () => {
    const subject = await withGrace('3600');
    await succeed(subject);
    await world.manager.service.advance(HOUR + 1_000);
    const token = await subject.begin();
    await subject.step('createSecret', token);
    Object.assign(subject.variables, { STRONGROOM_GRACE_SECONDS: '36000' });
    for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret']) await subject.step(step, token);
    expect(subject.works(await subject.value())).toBe(true);
  });

  it.each([
    ['ahead of', 5 * HOUR],
    ['behind', -5 * HOUR],
  ])('N20 goes by the clock of Secrets Manager, which is hours %s this machine here', async (_, skew) => {
    const other = await startKeyWorld({ now: () => Date.now() + skew });
    try {
      const subject = await other.subject({ variables: { STRONGROOM_GRACE_SECONDS: '3600' } });
      await succeed(subject);
      await other.manager.service.advance(HOUR - 60_000);
      await refused(subject);
      await giveUp(subject, other);
      await other.manager.service.advance(120_000);
      await succeed(subject);
    } finally {
      await other.stop();
    }
  });
});
