import type { Problem } from '../core/errors';
import type { CronFields, RotationSchedule, ScheduleLimits } from '../core/rotation-schedule';
import type { SecretType } from '../core/secret-type';

/** The page that all limits and forms below are from. */
const SCHEDULES = 'https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html';

/** What Secrets Manager accepts as a schedule. @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html */
export const AWS_SCHEDULE_LIMITS: ScheduleLimits = {
  shortestHours: 4,
  longestDays: 1000,
  minute: 0,
  windowHours: { min: 1, max: 24 },
  see: SCHEDULES,
};

/** A `rate()` ends a day earlier than a number of days. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html */
const LONGEST_RATE_DAYS = 999;

const NUMBERS = /^(?:\*|\d{1,2}(?:-\d{1,2})?)(?:\/\d{1,2})?(?:,\d{1,2}(?:-\d{1,2})?(?:\/\d{1,2})?)*$/;
const MONTHS = /^[A-Z]{3}(?:[-,][A-Z]{3})*$/;

/** The rotation rules as Terraform's resource takes them: exactly one of the first two. */
export interface RotationRules {
  readonly automaticallyAfterDays?: number;
  readonly scheduleExpression?: string;
  /** The window, such as `3h`. */
  readonly duration?: string;
}

/** Everything that is wrong with a schedule on AWS, for a secret of this type. */
export function awsScheduleProblems(
  property: string,
  schedule: RotationSchedule,
  type: SecretType,
): readonly (Problem | undefined)[] {
  const general = schedule.problems(property, AWS_SCHEDULE_LIMITS).filter((problem) => problem !== undefined);
  if (general.length > 0) return general;
  return [rateTooRare(property, schedule), ...cronProblems(property, schedule), tooRareFor(property, schedule, type)];
}

/** The rules of a schedule: whole days as a number of days, anything else as an expression. */
export function rotationRules(schedule: RotationSchedule): RotationRules {
  const { timing, windowHours } = schedule;
  const duration = windowHours === undefined ? {} : { duration: `${windowHours}h` };
  switch (timing.form) {
    case 'days':
      return { automaticallyAfterDays: timing.days, ...duration };
    case 'rate': {
      const value = timing.unit === 'days' ? timing.hours / 24 : timing.hours;
      const unit = value === 1 ? timing.unit.slice(0, -1) : timing.unit;
      return { scheduleExpression: `rate(${value} ${unit})`, ...duration };
    }
    case 'cron':
      return { scheduleExpression: cronExpression(timing.fields), ...duration };
  }
}

/** The six fields of AWS: a day that is not said is `?`, and the year is always `*`. */
function cronExpression({ hour, dayOfMonth, month, dayOfWeek }: CronFields): string {
  const fields = [
    0,
    steps(hour, 0),
    dayOfMonth === undefined ? '?' : steps(dayOfMonth, 1),
    month === undefined ? '*' : steps(month, 1),
    dayOfWeek === undefined ? '?' : lastWeekday(dayOfWeek),
    '*',
  ];
  return `cron(${fields.join(' ')})`;
}

/** A step over everything is written from its first value on, as AWS's own examples write steps. */
function steps(field: number | string, first: number): string {
  return String(field).replace(/^\*\//, `${first}/`);
}

/** The last Sunday of the month is `SUN#L` in the usual notation and `SUNL` on AWS. */
function lastWeekday(dayOfWeek: string): string {
  return dayOfWeek.replace(/#L$/, 'L');
}

function rateTooRare(property: string, { timing }: RotationSchedule): Problem | undefined {
  if (timing.form !== 'rate' || timing.hours / 24 <= LONGEST_RATE_DAYS) return undefined;
  return {
    code: 'SR-SCHEDULE-TOO-RARE',
    property,
    message: `is a rate of ${timing.hours / 24} days, allowed are ${LONGEST_RATE_DAYS}`,
    fix: `use RotationSchedule.everyDays, see ${SCHEDULES}`,
  };
}

function tooRareFor(property: string, schedule: RotationSchedule, type: SecretType): Problem | undefined {
  if (schedule.longestDays <= type.longestDays) return undefined;
  return {
    code: 'SR-SCHEDULE-TOO-RARE',
    property,
    message: `leaves ${schedule.longestDays} days between two values, allowed for a ${type.name} are ${type.longestDays}`,
    fix: `rotate at least every ${type.longestDays} days, or choose the type that fits`,
  };
}

/** What the usual cron notation knows and Secrets Manager does not. */
function cronProblems(property: string, { timing }: RotationSchedule): readonly (Problem | undefined)[] {
  if (timing.form !== 'cron') return [];
  const { hour, dayOfMonth, month, dayOfWeek } = timing.fields;
  const numbersOr = (more: RegExp) => (value: string) => NUMBERS.test(value) || more.test(value);
  return [
    unknownTo(`${property}.hour`, hour, numbersOr(/^$/), 'hours, lists, ranges and steps such as 0/12'),
    unknownTo(`${property}.dayOfMonth`, dayOfMonth, numbersOr(/^L$/), 'days, lists, ranges, steps and L'),
    unknownTo(`${property}.month`, month, numbersOr(MONTHS), 'months by number or name, lists, ranges and steps'),
    unknownTo(
      `${property}.dayOfWeek`,
      dayOfWeek,
      (value) => /^[A-Z]{3}#[1-5L]$/.test(value) || !/[#L]/.test(value.replace(/[A-Z]{3}/g, '')),
      'one day with # such as MON#1 or SUN#L, or lists and ranges of days without',
    ),
  ];
}

function unknownTo(
  property: string,
  value: number | string | undefined,
  known: (value: string) => boolean,
  allowed: string,
): Problem | undefined {
  if (value === undefined || known(String(value))) return undefined;
  return {
    code: 'SR-SCHEDULE-FIELDS',
    property,
    message: `is ${JSON.stringify(value)}, which Secrets Manager has no form for; allowed are ${allowed}`,
    fix: `write it in that form, see ${SCHEDULES}`,
  };
}
