import { Cron } from 'croner';
import { invalidParameter, violated } from './errors';
import { type Input, optionalNumber, optionalText } from './input';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotationRulesType.html */
const MOST_DAYS = 1_000;
const LONGEST_EXPRESSION = 256;
const SHORTEST_DURATION = 2;
const LONGEST_DURATION = 3;

/** @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_schedule.html */
const LEAST_RATE_HOURS = 4;
const MOST_RATE_DAYS = 999;

/** When a secret is rotated, as RotateSecret takes it. */
export interface RotationRules {
  readonly AutomaticallyAfterDays?: number;
  readonly Duration?: string;
  readonly ScheduleExpression?: string;
}

/** When a rotation may begin, and when it must have begun; milliseconds since 1970. */
export interface Window {
  readonly opens: number;
  readonly closes: number;
}

/** The rules in a request, checked. */
export function rulesIn(input: Input): RotationRules {
  const days = optionalNumber(input, 'AutomaticallyAfterDays');
  const duration = optionalText(input, 'Duration');
  const expression = optionalText(input, 'ScheduleExpression');
  if (days !== undefined && expression !== undefined)
    throw invalidParameter('You cannot specify both rotation frequency and schedule expression together.');
  if (days === undefined && expression === undefined)
    throw invalidParameter('You must specify AutomaticallyAfterDays or ScheduleExpression.');
  if (days !== undefined && !(Number.isInteger(days) && days >= 1 && days <= MOST_DAYS))
    throw invalidParameter(`RotationRules.AutomaticallyAfterDays must be within 1-${MOST_DAYS}.`);
  if (duration !== undefined) checkDuration(duration);
  const rules = {
    ...(days === undefined ? {} : { AutomaticallyAfterDays: days }),
    ...(duration === undefined ? {} : { Duration: duration }),
    ...(expression === undefined ? {} : { ScheduleExpression: expression }),
  };
  checkWindow(rules);
  return rules;
}

function checkDuration(duration: string): void {
  const member = 'rotationRules.duration';
  if (duration.length < SHORTEST_DURATION)
    throw violated(member, `have length greater than or equal to ${SHORTEST_DURATION}`, duration);
  if (duration.length > LONGEST_DURATION)
    throw violated(member, `have length less than or equal to ${LONGEST_DURATION}`, duration);
  if (!/^[0-9]+h$/.test(duration)) throw violated(member, 'satisfy regular expression pattern: [0-9]+h', duration);
}

/** The first window that opens after a moment, counted from the last rotation where the rules say so. */
export function nextWindow(rules: RotationRules, last: number, after: number): Window {
  const hours = durationHours(rules);
  const opens = nextOpening(rules, last, after);
  if (hours !== undefined) return { opens, closes: opens + hours * HOUR };
  return { opens, closes: isHourly(rules) ? opens + HOUR : midnight(opens) + DAY };
}

function nextOpening(rules: RotationRules, last: number, after: number): number {
  const { AutomaticallyAfterDays: days, ScheduleExpression: expression = '' } = rules;
  if (days !== undefined) return daily(days, last, after);
  const rate = rateOf(expression);
  if (rate === undefined) {
    const next = cronOf(expression).nextRun(new Date(after));
    // Checked when the rules came: no expression gets here that never comes true.
    if (next === null) throw invalidParameter('Invalid ScheduleExpression: it never comes true.');
    return next.getTime();
  }
  if (rate.unit === 'days') return daily(rate.number, last, after);
  // Hours are counted from midnight, too.
  const step = rate.number * HOUR;
  return midnight(last) + (Math.floor((after - midnight(last)) / step) + 1) * step;
}

/** Windows of days open at midnight UTC. */
function daily(days: number, last: number, after: number): number {
  const first = midnight(last) + days * DAY;
  if (first > after) return first;
  return first + (Math.floor((after - first) / (days * DAY)) + 1) * days * DAY;
}

function checkWindow(rules: RotationRules): void {
  const hours = durationHours(rules);
  const expression = rules.ScheduleExpression;
  if (hours === 0) throw invalidParameter('RotationRules.Duration must be at least 1h.');
  if (expression === undefined) {
    if (hours !== undefined && hours > 24)
      throw invalidParameter('The rotation window must not extend into the next UTC day.');
    return;
  }
  const member = 'rotationRules.scheduleExpression';
  if (expression.length > LONGEST_EXPRESSION)
    throw violated(member, `have length less than or equal to ${LONGEST_EXPRESSION}`, expression);
  if (!/^[0-9A-Za-z()#?*\-/, ]+$/.test(expression))
    throw violated(member, 'satisfy regular expression pattern: [0-9A-Za-z\\(\\)#\\?\\*\\-\\/, ]+', expression);
  const rate = rateOf(expression);
  if (rate !== undefined) {
    if (rate.unit === 'hours' && rate.number < LEAST_RATE_HOURS)
      throw invalidParameter(
        `Invalid ScheduleExpression: a secret can be rotated every ${LEAST_RATE_HOURS} hours at most.`,
      );
    if (rate.number < 1 || rate.number > (rate.unit === 'days' ? MOST_RATE_DAYS : MOST_RATE_DAYS * 24))
      throw invalidParameter('Invalid ScheduleExpression.');
    if (hours !== undefined && hours > (rate.unit === 'hours' ? rate.number : 24))
      throw invalidParameter('The rotation window must not extend into the next rotation window.');
    return;
  }
  const cron = cronOf(expression);
  // More openings than a day has hours, so that the shortest distance of every list of hours is among them.
  const [first, ...others] = cron.nextRuns(26, new Date(Date.UTC(2024, 0, 1)));
  if (first === undefined) throw invalidParameter('Invalid ScheduleExpression: it never comes true.');
  let before = first.getTime();
  for (const other of others) {
    const gap = other.getTime() - before;
    if (gap < LEAST_RATE_HOURS * HOUR)
      throw invalidParameter(
        `Invalid ScheduleExpression: a secret can be rotated every ${LEAST_RATE_HOURS} hours at most.`,
      );
    if (hours !== undefined && hours * HOUR > gap)
      throw invalidParameter('The rotation window must not extend into the next rotation window.');
    before = other.getTime();
  }
  if (hours !== undefined && first.getTime() + hours * HOUR > midnight(first.getTime()) + DAY)
    throw invalidParameter('The rotation window must not extend into the next UTC day.');
}

/** The six fields of AWS: minute, hour, day of month, month, day of week (1 is Sunday), year. */
function cronOf(expression: string): Cron {
  const fields = /^cron\((.+)\)$/.exec(expression)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6)
    throw invalidParameter('Invalid ScheduleExpression: neither rate(…) nor cron(…) of six fields.');
  const [minute, , dayOfMonth, , dayOfWeek, year] = fields;
  if (minute !== '0') throw invalidParameter('Invalid ScheduleExpression: the minutes must be 0.');
  if (year !== '*') throw invalidParameter('Invalid ScheduleExpression: the year must be *.');
  if ((dayOfMonth === '?') === (dayOfWeek === '?'))
    throw invalidParameter('Invalid ScheduleExpression: either the day of the month or the day of the week must be ?.');
  try {
    return new Cron(`0 ${fields.join(' ')}`, {
      timezone: 'UTC',
      alternativeWeekdays: true,
      sloppyRanges: true,
      paused: true,
    });
  } catch {
    throw invalidParameter('Invalid ScheduleExpression.');
  }
}

function rateOf(expression: string): { readonly number: number; readonly unit: 'hours' | 'days' } | undefined {
  const match = /^rate\((\d+) (hour|day)s?\)$/.exec(expression);
  if (match === null) return undefined;
  return { number: Number(match[1]), unit: match[2] === 'hour' ? 'hours' : 'days' };
}

function isHourly({ ScheduleExpression: expression }: RotationRules): boolean {
  if (expression === undefined) return false;
  const rate = rateOf(expression);
  // A cron expression whose hours are a list or a step opens several windows a day.
  return rate === undefined ? /[,/*-]/.test(expression.split(' ')[1] ?? '') : rate.unit === 'hours';
}

function durationHours({ Duration: duration }: RotationRules): number | undefined {
  return duration === undefined ? undefined : Number(duration.slice(0, -1));
}

function midnight(time: number): number {
  return Math.floor(time / DAY) * DAY;
}
