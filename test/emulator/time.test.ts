import { describe, expect, it } from 'vitest';
import { nextWindow, rulesIn } from '../../emulator/schedule';
import { DAY, HOUR, LAMBDA, oneSecret, refusal, rotatesWell, START, standing } from './support';

/** What is thrown for rules. */
function failureOf(rules: object): unknown {
  try {
    return rulesIn({ ...rules });
  } catch (error) {
    return error;
  }
}

describe('versions without a label', () => {
  it('go when there are more than 100 versions and they are older than a day, the oldest first', async () => {
    const service = standing();
    const { first, put, get, versions } = await oneSecret(service);
    for (let n = 0; n < 102; n++) await put(`value ${n}`);
    expect(await versions()).toHaveLength(103);
    await service.advance(DAY - 1);
    expect(await versions()).toHaveLength(103);
    await service.advance(1);
    expect(await versions()).toHaveLength(100);
    expect(await versions()).not.toContain(first);
    await expect(get({ VersionId: first })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect(await get()).toBe('value 101');
    expect(await get({ VersionStage: 'AWSPREVIOUS' })).toBe('value 100');
  });

  it('stay with 100 versions, however old', async () => {
    const service = standing();
    const { put, versions } = await oneSecret(service);
    for (let n = 0; n < 99; n++) await put(`value ${n}`);
    await service.advance(365 * DAY);
    expect(await versions()).toHaveLength(100);
  });

  it('stay when they have a label of their own', async () => {
    const service = standing();
    const { first, call, put, get } = await oneSecret(service);
    await call('UpdateSecretVersionStage', { VersionStage: 'OWN', MoveToVersionId: first });
    for (let n = 0; n < 102; n++) await put(`value ${n}`);
    await service.advance(2 * DAY);
    expect(await get({ VersionId: first })).toBe('first');
  });
});

describe('a schedule', () => {
  const opens = (rules: object, last = START, after = last) => nextWindow(rulesIn({ ...rules }), last, after);

  it('of days opens at midnight UTC and closes a day later', () => {
    expect(opens({ AutomaticallyAfterDays: 30 }, START + 5 * HOUR)).toEqual({
      opens: START + 30 * DAY,
      closes: START + 31 * DAY,
    });
  });

  it('of a rate in hours opens for one hour', () => {
    expect(opens({ ScheduleExpression: 'rate(6 hours)' })).toEqual({
      opens: START + 6 * HOUR,
      closes: START + 7 * HOUR,
    });
  });

  it('of a rate in hours counts from midnight, so that windows open on the hour', () => {
    const rotated = START + 7 * HOUR + 25 * 60_000;
    expect(opens({ ScheduleExpression: 'rate(6 hours)', Duration: '2h' }, rotated)).toEqual({
      opens: START + 12 * HOUR,
      closes: START + 14 * HOUR,
    });
  });

  it('takes the longest and the shortest distances', () => {
    for (const ScheduleExpression of ['rate(4 hours)', 'rate(1 day)', 'rate(999 days)', 'cron(0 0/4 * * ? *)'])
      expect(rulesIn({ ScheduleExpression })).toEqual({ ScheduleExpression });
    for (const AutomaticallyAfterDays of [1, 1_000])
      expect(rulesIn({ AutomaticallyAfterDays, Duration: '24h' })).toMatchObject({ AutomaticallyAfterDays });
  });

  it('of a cron expression counts days of the week from Sunday, which is 1', () => {
    // The first Sunday of 2026 is the fourth of January.
    for (const day of ['1', 'SUN']) {
      expect(opens({ ScheduleExpression: `cron(0 4 ? * ${day} *)`, Duration: '3h' })).toEqual({
        opens: START + 3 * DAY + 4 * HOUR,
        closes: START + 3 * DAY + 7 * HOUR,
      });
    }
  });

  const DURATION = 'rotationRules.duration';
  const EXPRESSION = 'rotationRules.scheduleExpression';
  it.each([
    [{ AutomaticallyAfterDays: 1, Duration: '3' }, DURATION, 'have length greater than or equal to 2'],
    [{ AutomaticallyAfterDays: 1, Duration: '100h' }, DURATION, 'have length less than or equal to 3'],
    [{ AutomaticallyAfterDays: 1, Duration: '3d' }, DURATION, 'satisfy regular expression pattern: [0-9]+h'],
    [{ ScheduleExpression: 'x'.repeat(257) }, EXPRESSION, 'have length less than or equal to 256'],
    [
      { ScheduleExpression: 'rate(4 hours);' },
      EXPRESSION,
      'satisfy regular expression pattern: [0-9A-Za-z\\(\\)#\\?\\*\\-\\/, ]+',
    ],
  ])('%j does not fit the service’s model', (rules, member, rule) => {
    const value = 'Duration' in rules ? rules.Duration : rules.ScheduleExpression;
    expect(failureOf(rules)).toMatchObject(
      refusal(
        'ValidationException',
        `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must ${rule}`,
      ),
    );
  });

  const OFTEN = 'Invalid ScheduleExpression: a secret can be rotated every 4 hours at most.';
  const ONE_DAY = 'Invalid ScheduleExpression: either the day of the month or the day of the week must be ?.';
  it.each([
    [{}, 'You must specify AutomaticallyAfterDays or ScheduleExpression.'],
    [{ AutomaticallyAfterDays: 0 }, 'RotationRules.AutomaticallyAfterDays must be within 1-1000.'],
    [{ AutomaticallyAfterDays: 1_001 }, 'RotationRules.AutomaticallyAfterDays must be within 1-1000.'],
    [
      { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(1 day)' },
      'You cannot specify both rotation frequency and schedule expression together.',
    ],
    [{ AutomaticallyAfterDays: 1, Duration: '0h' }, 'RotationRules.Duration must be at least 1h.'],
    [{ AutomaticallyAfterDays: 1, Duration: '25h' }, 'The rotation window must not extend into the next UTC day.'],
    [{ ScheduleExpression: 'rate(1000 days)' }, 'Invalid ScheduleExpression.'],
    [{ ScheduleExpression: 'rate(0 days)' }, 'Invalid ScheduleExpression.'],
    [{ ScheduleExpression: 'rate(3 hours)' }, OFTEN],
    [
      { ScheduleExpression: 'rate(6 hours)', Duration: '7h' },
      'The rotation window must not extend into the next rotation window.',
    ],
    [{ ScheduleExpression: 'cron(5 4 ? * SUN *)' }, 'Invalid ScheduleExpression: the minutes must be 0.'],
    [{ ScheduleExpression: 'cron(0 4 ? * SUN 2027)' }, 'Invalid ScheduleExpression: the year must be *.'],
    [{ ScheduleExpression: 'cron(0 4 1 * SUN *)' }, ONE_DAY],
    [{ ScheduleExpression: 'cron(0 4 * * * *)' }, ONE_DAY],
    [{ ScheduleExpression: 'cron(0 4 ? * ? *)' }, ONE_DAY],
    [{ ScheduleExpression: 'cron(0 4 30 2 ? *)' }, 'Invalid ScheduleExpression: it never comes true.'],
    [{ ScheduleExpression: 'cron(0 1,9,17,19 * * ? *)' }, OFTEN],
    [
      { ScheduleExpression: 'cron(0 22 ? * SUN *)', Duration: '3h' },
      'The rotation window must not extend into the next UTC day.',
    ],
    [
      { ScheduleExpression: 'cron(0 0/4 * * ? *)', Duration: '5h' },
      'The rotation window must not extend into the next rotation window.',
    ],
    [{ ScheduleExpression: 'cron(0 4 ? * NEVERDAY *)' }, 'Invalid ScheduleExpression.'],
    [{ ScheduleExpression: 'every day' }, 'Invalid ScheduleExpression: neither rate(…) nor cron(…) of six fields.'],
  ])('%j is refused', (rules, message) => {
    expect(failureOf(rules)).toMatchObject(refusal('InvalidParameterException', message));
  });

  // The first of each after the first of January 2026, a Thursday.
  it.each([
    ['cron(0 8/8 * * ? *)', 8 * HOUR],
    ['cron(0 2/10 * * ? *)', 2 * HOUR],
    ['cron(0 8 1/7 * ? *)', 8 * HOUR],
    ['cron(0 0 ? * SUN#1 *)', 3 * DAY],
    ['cron(0 16 L * ? *)', 30 * DAY + 16 * HOUR],
    ['cron(0 10 ? FEB,MAY TUE#2 *)', 40 * DAY + 10 * HOUR],
  ])('reads %s as AWS does', (ScheduleExpression, after) => {
    expect(opens({ ScheduleExpression }).opens - START).toBe(after);
  });

  it('rotates at its time, again and again, and says when it does next', async () => {
    const service = standing();
    const { id, call, get, describe: described } = await oneSecret(service);
    service.registerFunction(LAMBDA, rotatesWell(service));
    const RotationRules = { ScheduleExpression: 'cron(0 4 ? * SUN *)', Duration: '2h' };
    await call('RotateSecret', { RotationLambdaARN: LAMBDA, RotationRules, RotateImmediately: false });
    await service.driver.settled(id);
    expect(await described()).toMatchObject({ RotationRules, NextRotationDate: (START + 3 * DAY + 6 * HOUR) / 1000 });
    expect(await get()).toBe('first');
    await service.advance(3 * DAY + 4 * HOUR - 1);
    expect(await get()).toBe('first');
    await service.advance(1);
    expect(await get()).not.toBe('first');
    expect(await described()).toMatchObject({ LastRotatedDate: (START + 3 * DAY + 4 * HOUR) / 1000 });
    await service.advance(28 * DAY);
    expect(service.driver.records.filter(({ name }) => name === 'RotationSucceeded')).toHaveLength(5);
  });

  it('tries a rotation that failed again, with the same token', async () => {
    const service = standing();
    const { id, call, labels } = await oneSecret(service);
    let broken = true;
    const well = rotatesWell(service);
    service.registerFunction(LAMBDA, async (event) => {
      if (broken && event.Step === 'setSecret') throw new Error('no');
      await well(event);
    });
    const RotationRules = { AutomaticallyAfterDays: 1 };
    const { VersionId: token } = await call('RotateSecret', { RotationLambdaARN: LAMBDA, RotationRules });
    await service.driver.settled(id);
    broken = false;
    await service.advance(DAY);
    expect((await labels())[String(token)]).toEqual(['AWSCURRENT']);
  });

  it('stops with a cancellation and with a deletion', async () => {
    const service = standing();
    service.registerFunction(LAMBDA, rotatesWell(service));
    const RotationRules = { AutomaticallyAfterDays: 1 };
    for (const end of ['CancelRotateSecret', 'DeleteSecret']) {
      const { id, call, describe: described } = await oneSecret(service);
      await call('RotateSecret', { RotationLambdaARN: LAMBDA, RotationRules });
      await service.driver.settled(id);
      await call(end);
      const before = service.driver.records.length;
      await service.advance(5 * DAY);
      expect(service.driver.records).toHaveLength(before);
      if (end === 'CancelRotateSecret') expect(await described()).not.toHaveProperty('NextRotationDate');
    }
  });
});

describe('a deleted secret', () => {
  it('can be restored until its window ends, and its name is taken until then', async () => {
    const service = standing();
    const { id, call, get } = await oneSecret(service, { Name: 'kept' });
    await call('DeleteSecret', { RecoveryWindowInDays: 7 });
    await expect(service.call('CreateSecret', { Name: 'kept' })).rejects.toMatchObject({
      name: 'InvalidRequestException',
    });
    await service.advance(7 * DAY - 1);
    await call('RestoreSecret');
    expect(await get()).toBe('first');
    await call('DeleteSecret', { RecoveryWindowInDays: 7 });
    await service.advance(7 * DAY);
    await expect(call('RestoreSecret')).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    expect((await service.call('CreateSecret', { Name: 'kept' })).ARN).not.toBe(id);
  });
});
