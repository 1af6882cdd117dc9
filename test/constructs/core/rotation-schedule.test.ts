import { describe, expect, it } from 'vitest';
import { RotationSchedule, type ScheduleLimits } from '../../../constructs/core/rotation-schedule';

const LIMITS: ScheduleLimits = {
  shortestHours: 4,
  longestDays: 90,
  minute: 0,
  windowHours: { min: 1, max: 24 },
  see: 'https://docs.example.com/schedules',
};

const found = (schedule: RotationSchedule, limits = LIMITS) =>
  schedule.problems('schedule', limits).filter((problem) => problem !== undefined);
const codes = (schedule: RotationSchedule, limits = LIMITS) => found(schedule, limits).map(({ code }) => code);

describe('a schedule by period', () => {
  it('takes the shortest and the longest period that the store allows', () => {
    expect(codes(RotationSchedule.rate(4, 'hours'))).toEqual([]);
    expect(codes(RotationSchedule.everyDays(90))).toEqual([]);
    expect(codes(RotationSchedule.rate(90, 'days'))).toEqual([]);
  });

  it('refuses one hour less than the shortest', () => {
    expect(found(RotationSchedule.rate(3, 'hours'))).toEqual([
      {
        code: 'SR-SCHEDULE-TOO-OFTEN',
        property: 'schedule',
        message: 'runs 3 hours after the run before, allowed are 4 hours and more',
        fix: 'rotate less often, see https://docs.example.com/schedules',
      },
    ]);
  });

  it.each([RotationSchedule.everyDays(91), RotationSchedule.rate(91, 'days'), RotationSchedule.rate(2184, 'hours')])(
    'refuses one day more than the longest',
    (schedule) => {
      expect(found(schedule)).toMatchObject([
        { code: 'SR-SCHEDULE-TOO-RARE', message: 'leaves 91 days between two runs, allowed are 90' },
      ]);
    },
  );

  it.each([0, -1, 0.5, Number.NaN])('refuses a period of %d days, and says that alone', (days) => {
    expect(found(RotationSchedule.everyDays(days))).toMatchObject([
      { code: 'SR-SCHEDULE-WHOLE', message: `has a period of ${days}, allowed are whole days from 1 up` },
    ]);
  });

  it('refuses half an hour', () => {
    expect(found(RotationSchedule.rate(4.5, 'hours'))).toMatchObject([
      { code: 'SR-SCHEDULE-WHOLE', message: 'has a period of 4.5, allowed are whole hours from 1 up' },
    ]);
  });

  it('counts its runs from the date that it is asked for', () => {
    expect(RotationSchedule.everyDays(30).nextRuns('2026-11-01', 3)).toEqual([
      '2026-12-01T00:00:00.000Z',
      '2026-12-31T00:00:00.000Z',
      '2027-01-30T00:00:00.000Z',
    ]);
    expect(RotationSchedule.rate(12, 'hours').nextRuns('2026-11-01', 2)).toEqual([
      '2026-11-01T12:00:00.000Z',
      '2026-11-02T00:00:00.000Z',
    ]);
  });

  it('knows its longest gap in days', () => {
    expect(RotationSchedule.everyDays(30).longestDays).toBe(30);
    expect(RotationSchedule.rate(12, 'hours').longestDays).toBe(0.5);
  });
});

describe('a cron schedule', () => {
  it.each([
    { hour: 3, dayOfMonth: '*' },
    { hour: '3,15', dayOfWeek: 'SUN' },
    { hour: '0/12', dayOfMonth: '*' },
    { hour: '*/4', dayOfMonth: '*' },
    { hour: 3, dayOfMonth: 'L' },
    { hour: 3, dayOfMonth: '1,15' },
    { minute: 0, hour: 3, dayOfMonth: 1, month: '*/3' },
    { hour: 3, dayOfWeek: 'MON#1' },
    { hour: 3, dayOfWeek: 'FRI#L' },
    { hour: 3, dayOfWeek: 'MON-FRI' },
    { hour: 3, dayOfWeek: 'TUE,THU' },
  ])('takes %j', (fields) => {
    expect(codes(RotationSchedule.cron(fields), { ...LIMITS, longestDays: 92 })).toEqual([]);
  });

  it('refuses another minute where the store fixes it', () => {
    expect(found(RotationSchedule.cron({ minute: 30, hour: 3, dayOfWeek: 'SUN' }))).toEqual([
      {
        code: 'SR-SCHEDULE-MINUTE',
        property: 'schedule.minute',
        message: 'is 30, allowed is 0',
        fix: 'leave it out, see https://docs.example.com/schedules',
      },
    ]);
  });

  it('takes any minute where the store does not fix it', () => {
    const { minute: _, ...free } = LIMITS;
    expect(codes(RotationSchedule.cron({ minute: 30, hour: 3, dayOfWeek: 'SUN' }), free)).toEqual([]);
  });

  it('refuses both kinds of days, and neither', () => {
    expect(found(RotationSchedule.cron({ hour: 3, dayOfMonth: 1, dayOfWeek: 'SUN' }))).toMatchObject([
      { code: 'SR-SCHEDULE-DAYS', message: 'has both dayOfMonth and dayOfWeek, allowed is exactly one' },
    ]);
    expect(found(RotationSchedule.cron({ hour: 3 }))).toMatchObject([
      { code: 'SR-SCHEDULE-DAYS', message: 'has neither dayOfMonth nor dayOfWeek, allowed is exactly one' },
    ]);
  });

  it.each([
    { hour: 24, dayOfMonth: '*' },
    { hour: 'noon', dayOfMonth: '*' },
    { hour: '', dayOfMonth: '*' },
    { hour: '3 1', dayOfMonth: '*' },
    { minute: 0.5, hour: 3, dayOfMonth: '*' },
    { hour: 3, dayOfMonth: 32 },
    { hour: 3, dayOfMonth: 1, month: 13 },
    { hour: 3, dayOfWeek: 'SUNDAY' },
    { hour: 3, dayOfWeek: '1' },
    { hour: 3, dayOfWeek: 'MON#6' },
  ])('refuses %j as malformed', (fields) => {
    const { minute: _, ...free } = LIMITS;
    expect(found(RotationSchedule.cron(fields), free)).toMatchObject([
      { code: 'SR-SCHEDULE-FIELDS', message: expect.stringContaining('in which a field is malformed') },
    ]);
  });

  it('refuses a day that never comes', () => {
    expect(found(RotationSchedule.cron({ hour: 3, dayOfMonth: 30, month: 2 }))).toMatchObject([
      { code: 'SR-SCHEDULE-FIELDS', message: expect.stringContaining('which never comes') },
    ]);
  });

  it('reports a wrong minute, days and fields together', () => {
    expect(codes(RotationSchedule.cron({ minute: 5, hour: 99 }))).toEqual([
      'SR-SCHEDULE-MINUTE',
      'SR-SCHEDULE-DAYS',
      'SR-SCHEDULE-FIELDS',
    ]);
  });

  it.each([
    { hour: '3,6', dayOfMonth: '*', gap: 3 },
    { hour: '*/3', dayOfMonth: '*', gap: 3 },
    { hour: '1,22', dayOfMonth: '*', gap: 3 },
    { hour: '1,22', dayOfWeek: 'MON,TUE', gap: 3 },
  ])('finds runs that are too close, midnight between them or not: %j', ({ gap, ...fields }) => {
    expect(found(RotationSchedule.cron(fields))).toMatchObject([
      {
        code: 'SR-SCHEDULE-TOO-OFTEN',
        message: `runs ${gap} hours after the run before, allowed are 4 hours and more`,
      },
    ]);
  });

  it.each([
    [{ hour: 3, dayOfMonth: '*' }, 1],
    [{ hour: '3,15', dayOfMonth: '*' }, 0.5],
    [{ hour: 3, dayOfWeek: 'SUN' }, 7],
    [{ hour: 3, dayOfWeek: 'MON-FRI' }, 3],
    [{ hour: 3, dayOfMonth: 1 }, 31],
    // February, and the short months between two days 31.
    [{ hour: 3, dayOfMonth: 31 }, 61],
    [{ hour: 3, dayOfMonth: 'L' }, 31],
    [{ hour: 3, dayOfMonth: 1, month: '*/3' }, 92],
    [{ hour: 3, dayOfMonth: 1, month: 1 }, 366],
    [{ hour: 3, dayOfMonth: 29, month: 2 }, 1461],
    [{ hour: 3, dayOfWeek: 'MON#1' }, 35],
    // Over 28 years, as weekdays and dates repeat together.
    [{ hour: 3, dayOfWeek: 'MON#5' }, 119],
    [{ hour: 3, dayOfMonth: '*', month: 'JAN-JUN' }, 185],
  ])('knows the longest time between two runs of %j: %d days', (fields, days) => {
    expect(RotationSchedule.cron(fields).longestDays).toBe(days);
  });

  it('refuses a longest gap above the limit even if most gaps are below', () => {
    const schedule = RotationSchedule.cron({ hour: 3, dayOfMonth: 31 });
    expect(codes(schedule, { ...LIMITS, longestDays: 61 })).toEqual([]);
    expect(codes(schedule, { ...LIMITS, longestDays: 60 })).toEqual(['SR-SCHEDULE-TOO-RARE']);
  });

  it('lists its next runs from a date on, that day included', () => {
    expect(RotationSchedule.cron({ hour: 0, dayOfWeek: 'SUN' }).nextRuns('2026-11-01', 2)).toEqual([
      '2026-11-01T00:00:00.000Z',
      '2026-11-08T00:00:00.000Z',
    ]);
    expect(RotationSchedule.cron({ hour: '3,15', dayOfMonth: 'L' }).nextRuns('2028-02-01', 3)).toEqual([
      '2028-02-29T03:00:00.000Z',
      '2028-02-29T15:00:00.000Z',
      '2028-03-31T03:00:00.000Z',
    ]);
  });

  it('lists no runs of a malformed schedule', () => {
    expect(RotationSchedule.cron({ hour: 99, dayOfMonth: 1 }).nextRuns('2026-11-01', 2)).toEqual([]);
  });
});

describe('the window', () => {
  it.each([
    ['until the UTC day ends', RotationSchedule.cron({ hour: 20, dayOfMonth: '*' }, { windowHours: 4 })],
    ['until the next run', RotationSchedule.cron({ hour: '0,4', dayOfWeek: 'SUN' }, { windowHours: 4 })],
    ['of a whole day', RotationSchedule.everyDays(30, { windowHours: 24 })],
    ['of a whole day at a rate', RotationSchedule.rate(30, 'days', { windowHours: 24 })],
    ['of a period that divides the day', RotationSchedule.rate(8, 'hours', { windowHours: 8 })],
    // Every 10 hours from midnight on: sooner or later a run starts at 22:00.
    ['of two hours, as a run may start at 22:00', RotationSchedule.rate(10, 'hours', { windowHours: 2 })],
    ['of half a day, as every other run starts at noon', RotationSchedule.rate(36, 'hours', { windowHours: 12 })],
  ])('may last %s', (_, schedule) => {
    expect(codes(schedule)).toEqual([]);
  });

  it.each([
    ['into the next UTC day', RotationSchedule.cron({ hour: 20, dayOfMonth: '*' }, { windowHours: 5 }), 4],
    [
      'into the next day by its last run',
      RotationSchedule.cron({ hour: '0,20', dayOfWeek: 'SUN' }, { windowHours: 5 }),
      4,
    ],
    ['into the next run', RotationSchedule.cron({ hour: '0,4', dayOfWeek: 'SUN' }, { windowHours: 5 }), 4],
    ['beyond a period that divides the day', RotationSchedule.rate(8, 'hours', { windowHours: 9 }), 8],
    ['past midnight of a drifting rate', RotationSchedule.rate(10, 'hours', { windowHours: 3 }), 2],
    ['past midnight of a rate of a day and a half', RotationSchedule.rate(36, 'hours', { windowHours: 13 }), 12],
    ['beyond a day', RotationSchedule.everyDays(30, { windowHours: 25 }), 24],
    ['no whole hours', RotationSchedule.everyDays(30, { windowHours: 1.5 }), 24],
    ['no time at all', RotationSchedule.everyDays(30, { windowHours: 0 }), 24],
  ])('may not last %s', (_, schedule, most) => {
    expect(found(schedule)).toMatchObject([
      {
        code: 'SR-SCHEDULE-WINDOW',
        property: 'schedule.windowHours',
        message: `is ${schedule.windowHours}, allowed are whole hours from 1 to ${most}: it ends with the UTC day and before the next run`,
      },
    ]);
  });

  it('is bounded by the store as well', () => {
    const schedule = RotationSchedule.everyDays(30, { windowHours: 7 });
    expect(codes(schedule, { ...LIMITS, windowHours: { min: 1, max: 6 } })).toEqual(['SR-SCHEDULE-WINDOW']);
    expect(codes(schedule, { ...LIMITS, windowHours: { min: 8, max: 24 } })).toEqual(['SR-SCHEDULE-WINDOW']);
  });

  it('is refused by a store that has none', () => {
    const { windowHours: _, ...none } = LIMITS;
    expect(found(RotationSchedule.everyDays(30, { windowHours: 3 }), none)).toMatchObject([
      { code: 'SR-SCHEDULE-WINDOW', message: 'is 3, this store has no window' },
    ]);
    expect(codes(RotationSchedule.everyDays(30), none)).toEqual([]);
  });
});
