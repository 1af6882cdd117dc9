import { describe, expect, it } from 'vitest';
import { addDays, isPlainDate, plainDateProblem, startOf } from '../../../constructs/core/plain-date';

describe('isPlainDate', () => {
  it.each(['2026-11-01', '2024-02-29', '2026-12-31'])('takes %s', (date) => {
    expect(isPlainDate(date)).toBe(true);
  });

  it.each([
    '',
    '2026-02-29',
    '2026-02-30',
    '2026-13-01',
    '2026-00-10',
    '2026-1-1',
    '01.11.2026',
    '2026-11-01T00:00:00Z',
  ])('refuses %j', (date) => {
    expect(isPlainDate(date)).toBe(false);
  });
});

describe('plainDateProblem', () => {
  it('names the property, the text received and the form allowed', () => {
    expect(plainDateProblem('value.since', '2026-02-30')).toMatchObject({
      code: 'SR-DATE',
      property: 'value.since',
      message: 'is "2026-02-30", allowed is a date of the calendar as YYYY-MM-DD',
    });
  });
});

describe('addDays', () => {
  it('passes the ends of months, years and a leap day', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(addDays('2026-11-01', 90)).toBe('2027-01-30');
  });
});

describe('startOf', () => {
  it('is midnight in UTC, whatever the time zone of the machine', () => {
    expect(startOf('2026-11-01')).toBe('2026-11-01T00:00:00Z');
  });
});
