import { expect, it } from 'vitest';
import { succeed } from './every-point';
import { STEPS } from './faults';
import { POSTGRES } from './sites';
import { complete, intact, startStruckLine } from './struck-line';
import { atOnePlace } from './suites/at-one-place';
import { lostUserFaults } from './suites/lost-user-faults';
import { networkFaults } from './suites/network-faults';
import { newPrimaryFaults } from './suites/new-primary-faults';
import { superuserFaultsOfServers } from './suites/superuser-faults';

atOnePlace(POSTGRES, (place) => {
  // First and beside the others, because the server waits for so long.
  it.concurrent('survives: silence in the middle of a change, whose lock the server gives back by itself', async () => {
    const site = place();
    const [way] = POSTGRES.ways;
    const line = await startStruckLine(site, POSTGRES, way);
    const { subject, proxy } = line;
    await succeed(subject);
    const before = await subject.value();
    const token = await subject.begin();
    await subject.step('createSecret', token);
    proxy.fate = (text) => (text.includes('ALTER ROLE') ? 'silence' : undefined);
    const event = { Step: 'setSecret', SecretId: subject.arn, ClientRequestToken: token };
    await expect(subject.handle(event, { getRemainingTimeInMillis: () => 4_000 })).rejects.toMatchObject({
      name: 'DatabaseSilent',
    });
    await intact(site, way, subject, before);
    proxy.fate = undefined;
    const held = `SELECT FROM pg_stat_activity WHERE usename = '${before.username}' AND state = 'idle in transaction'`;
    expect(await site.query(held)).toHaveLength(1);
    await expect.poll(() => site.query(held), { timeout: 30_000, interval: 250 }).toEqual([]);
    for (const step of STEPS) await subject.step(step, token);
    await complete(site, way, subject, before);
    await line.close();
  });

  networkFaults(POSTGRES, place);
  lostUserFaults(POSTGRES, place);
  superuserFaultsOfServers(POSTGRES, place);
  newPrimaryFaults(POSTGRES, place);
});
