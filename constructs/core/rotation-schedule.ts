import { Cron } from 'croner';
import type { Problem } from './errors';
import { type PlainDate, startOf } from './plain-date';

const HOUR_MS = 3_600_000;
const HOURS_PER_DAY = 24;

/** Days after which the calendar repeats: weekdays, dates of the month, and both together (till 2100). */
const REPEATS = { weekdays: 7, dates: 1461, both: 28 * 365.25 } as const;

/** A fixed day to judge from, since synth never reads the clock. Monday the first of a leap year. */
const JUDGED_FROM: PlainDate = '2024-01-01';

/** Days of the week by name: one, several, a range, or the nth or last of a month. */
const WEEKDAYS = /^[A-Z]{3}(?:[#,-](?:[A-Z]{3}|[1-5L]))*$/;

/** What a store accepts as a schedule; each store's folder hands in its own. */
export interface ScheduleLimits {
  /** Shortest time from one rotation to the next, in hours. */
  readonly shortestHours: number;
  /** Longest time from one rotation to the next, in days. */
  readonly longestDays: number;
  /** The only minute of the hour at which a cron schedule may fire. @default - any minute */
  readonly minute?: number;
  /** Bounds of the window in which a rotation may run, in hours. @default - the vendor has no window */
  readonly windowHours?: { readonly min: number; readonly max: number };
  /** The vendor's page. */
  readonly see: string;
}

/** When a cron schedule fires, UTC; fields in the usual cron notation. */
export interface CronFields {
  /** @default 0 */
  readonly minute?: number;
  /** Hours, such as `3`, `3,15` or `0/12`. */
  readonly hour: number | string;
  /**
   * Days of the month, such as `1` or `L`; not together with `dayOfWeek`.
   *
   * @default - every day that `dayOfWeek` allows
   */
  readonly dayOfMonth?: number | string;
  /** @default - every month */
  readonly month?: number | string;
  /**
   * Days of the week by name, such as `SUN` or `MON#1` (the first Monday); not together with `dayOfMonth`.
   *
   * @default - every day that `dayOfMonth` allows
   */
  readonly dayOfWeek?: string;
}

/** Options of every schedule. */
export interface ScheduleOptions {
  /**
   * How long after its start a rotation may still begin or be tried again, in whole hours.
   *
   * @default - until the end of the UTC day, or the vendor's own default for schedules by the hour
   */
  readonly windowHours?: number;
}

type Timing =
  | { readonly form: 'days'; readonly days: number }
  | { readonly form: 'rate'; readonly hours: number; readonly unit: 'hours' | 'days' }
  | { readonly form: 'cron'; readonly fields: CronFields };

/** When a secret rotates. */
export class RotationSchedule {
  /** Every so many whole days, counted from the last rotation: the form that plans empty everywhere. */
  static everyDays(days: number, options: ScheduleOptions = {}): RotationSchedule {
    return new RotationSchedule({ form: 'days', days }, options);
  }

  /** At a rate, as an expression: for periods shorter than a day, or days with a window. */
  static rate(value: number, unit: 'hours' | 'days', options: ScheduleOptions = {}): RotationSchedule {
    const hours = unit === 'days' ? value * HOURS_PER_DAY : value;
    return new RotationSchedule({ form: 'rate', hours, unit }, options);
  }

  /** At fixed times, UTC. */
  static cron(fields: CronFields, options: ScheduleOptions = {}): RotationSchedule {
    return new RotationSchedule({ form: 'cron', fields }, options);
  }

  /** The window in hours, if one was given. */
  readonly windowHours: number | undefined;
  private judged: Starts | undefined;

  private constructor(
    readonly timing: Timing,
    options: ScheduleOptions,
  ) {
    this.windowHours = options.windowHours;
  }

  /** The longest time between two runs, in days; infinite where a cron schedule never fires. */
  get longestDays(): number {
    return this.gapHours(Math.max) / HOURS_PER_DAY;
  }

  /**
   * The next runs from a date on, as instants in ISO form.
   *
   * Schedules by period are counted from the date itself, as if the last run was then.
   */
  nextRuns(from: PlainDate, count: number): readonly string[] {
    const start = new Date(startOf(from));
    if (this.timing.form === 'cron') {
      return runsFrom(this.timing.fields, start, count).map((run) => run.toISOString());
    }
    const period = periodHours(this.timing) * HOUR_MS;
    return Array.from({ length: count }, (_, n) => new Date(start.getTime() + (n + 1) * period).toISOString());
  }

  /** Everything about this schedule that a store with these limits refuses. */
  problems(property: string, limits: ScheduleLimits): readonly (Problem | undefined)[] {
    const form = this.timing.form === 'cron' ? cronProblems(property, this.timing.fields, limits) : [];
    const whole = this.wholePeriod(property);
    if (form.length > 0 || whole !== undefined) return [...form, whole];
    return [...this.withinPeriods(property, limits), this.windowFits(property, limits)];
  }

  private wholePeriod(property: string): Problem | undefined {
    if (this.timing.form === 'cron') return undefined;
    const hours = periodHours(this.timing);
    const step = this.timing.form === 'rate' && this.timing.unit === 'hours' ? 1 : HOURS_PER_DAY;
    if (hours > 0 && Number.isInteger(hours / step)) return undefined;
    return {
      code: 'SR-SCHEDULE-WHOLE',
      property,
      message: `has a period of ${hours / step}, allowed are whole ${step === 1 ? 'hours' : 'days'} from 1 up`,
      fix: 'write a whole number',
    };
  }

  private withinPeriods(property: string, limits: ScheduleLimits): readonly (Problem | undefined)[] {
    const shortest = this.gapHours(Math.min);
    const longest = this.gapHours(Math.max);
    return [
      shortest >= limits.shortestHours
        ? undefined
        : {
            code: 'SR-SCHEDULE-TOO-OFTEN',
            property,
            message: `runs ${shortest} hours after the run before, allowed are ${limits.shortestHours} hours and more`,
            fix: `rotate less often, see ${limits.see}`,
          },
      longest <= limits.longestDays * HOURS_PER_DAY
        ? undefined
        : {
            code: 'SR-SCHEDULE-TOO-RARE',
            property,
            message: `leaves ${longest / HOURS_PER_DAY} days between two runs, allowed are ${limits.longestDays}`,
            fix: `rotate more often, see ${limits.see}`,
          },
    ];
  }

  private windowFits(property: string, limits: ScheduleLimits): Problem | undefined {
    const hours = this.windowHours;
    if (hours === undefined) return undefined;
    const bounds = limits.windowHours;
    const room = Math.min(bounds?.max ?? 0, this.gapHours(Math.min), HOURS_PER_DAY - this.latestStartHour());
    if (bounds !== undefined && Number.isInteger(hours) && hours >= bounds.min && hours <= room) return undefined;
    const allowed =
      bounds === undefined
        ? 'this store has no window'
        : `allowed are ${wholeHours(bounds.min, room)}: it ends with the UTC day and before the next run`;
    return {
      code: 'SR-SCHEDULE-WINDOW',
      property: `${property}.windowHours`,
      message: `is ${hours}, ${allowed}`,
      fix: `shorten the window or start earlier in the day, see ${limits.see}`,
    };
  }

  private latestStartHour(): number {
    if (this.timing.form === 'cron') return this.starts(this.timing.fields).latestHour;
    // Counted from midnight on, a period of 10 hours sooner or later starts at every even hour, 22 included.
    return HOURS_PER_DAY - greatestCommonDivisor(periodHours(this.timing), HOURS_PER_DAY);
  }

  private gapHours(choose: (...gaps: number[]) => number): number {
    if (this.timing.form !== 'cron') return periodHours(this.timing);
    const { gapsHours } = this.starts(this.timing.fields);
    return gapsHours.length === 0 ? Number.POSITIVE_INFINITY : choose(...gapsHours);
  }

  // Kept: one schedule is often shared by hundreds of secrets.
  private starts(fields: CronFields): Starts {
    this.judged ??= startsOf(fields);
    return this.judged;
  }
}

/** When a cron schedule starts, as far as limits are concerned. */
interface Starts {
  /** Every different time between two runs. */
  readonly gapsHours: readonly number[];
  readonly latestHour: number;
}

function periodHours(timing: Exclude<Timing, { form: 'cron' }>): number {
  return timing.form === 'days' ? timing.days * HOURS_PER_DAY : timing.hours;
}

function wholeHours(min: number, max: number): string {
  return max < min ? 'none' : `whole hours from ${min} to ${max}`;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

function cronProblems(property: string, fields: CronFields, limits: ScheduleLimits): readonly Problem[] {
  const problems: Problem[] = [];
  const minute = fields.minute ?? 0;
  if (limits.minute !== undefined && minute !== limits.minute) {
    problems.push({
      code: 'SR-SCHEDULE-MINUTE',
      property: `${property}.minute`,
      message: `is ${minute}, allowed is ${limits.minute}`,
      fix: `leave it out, see ${limits.see}`,
    });
  }
  if ((fields.dayOfMonth === undefined) === (fields.dayOfWeek === undefined)) {
    problems.push({
      code: 'SR-SCHEDULE-DAYS',
      property,
      message: `has ${fields.dayOfMonth === undefined ? 'neither dayOfMonth nor' : 'both dayOfMonth and'} dayOfWeek, allowed is exactly one`,
      fix: "give dayOfMonth: '*' for every day",
    });
  }
  const malformed = toCron(fields) === undefined || !WEEKDAYS.test(fields.dayOfWeek ?? 'SUN');
  if (malformed || runsFrom(fields, new Date(startOf(JUDGED_FROM)), 1).length === 0) {
    problems.push({
      code: 'SR-SCHEDULE-FIELDS',
      property,
      message: `is ${JSON.stringify(fields)}, ${malformed ? 'in which a field is malformed' : 'which never comes'}`,
      fix: "write fields such as { hour: 3, dayOfWeek: 'SUN' } or { hour: 3, dayOfMonth: 1 }",
    });
  }
  return problems;
}

/** Days and hours are looked at apart: the days until the calendar repeats and a day of hours say all about the gaps. */
function startsOf(fields: CronFields): Starts {
  const hours = runsWithin({ ...hoursOf(fields), dayOfMonth: '*' }, 1).map((run) => run.getUTCHours());
  const first = hours[0];
  const last = hours.at(-1);
  if (first === undefined || last === undefined) return { gapsHours: [], latestHour: 0 };
  const withinDay = hours.slice(1).map((hour, n) => hour - (hours[n] ?? hour));
  const betweenDays = dayGaps(fields).map((days) => days * HOURS_PER_DAY - (last - first));
  return { gapsHours: [...new Set([...withinDay, ...betweenDays])], latestHour: last };
}

function dayGaps(fields: CronFields): readonly number[] {
  if (fields.dayOfMonth === '*' && fields.month === undefined) return [1];
  const repeats = repeatsAfterDays(fields);
  const days = runsWithin({ ...fields, minute: 0, hour: 0 }, repeats).map((run) => run.getTime() / HOUR_MS);
  const gaps = days.map(
    (day, n) => ((days[n + 1] ?? (days[0] ?? day) + repeats * HOURS_PER_DAY) - day) / HOURS_PER_DAY,
  );
  return [...new Set(gaps)];
}

function repeatsAfterDays({ dayOfMonth, month, dayOfWeek }: CronFields): number {
  if (dayOfWeek === undefined) return String(dayOfMonth).includes('W') ? REPEATS.both : REPEATS.dates;
  return month === undefined && !dayOfWeek.includes('#') ? REPEATS.weekdays : REPEATS.both;
}

function hoursOf({ minute, hour }: CronFields): CronFields {
  return minute === undefined ? { hour } : { minute, hour };
}

/** All runs in the days after the fixed day to judge from. */
function runsWithin(fields: CronFields, days: number): readonly Date[] {
  const cron = toCron(fields);
  if (cron === undefined) return [];
  const from = justBefore(new Date(startOf(JUDGED_FROM)));
  const until = from.getTime() + days * HOURS_PER_DAY * HOUR_MS;
  const runs: Date[] = [];
  for (let run = cron.nextRun(from); run && run.getTime() <= until; run = cron.nextRun(run)) runs.push(run);
  return runs;
}

function runsFrom(fields: CronFields, start: Date, count: number): readonly Date[] {
  return toCron(fields)?.nextRuns(count, justBefore(start)) ?? [];
}

/** The library looks for runs after an instant, to the second, so the first instant itself is reached from before. */
function justBefore(instant: Date): Date {
  return new Date(instant.getTime() - 1000);
}

/** The schedule as the library reads it, or nothing when it can't. */
function toCron(fields: CronFields): Cron | undefined {
  // `0/12` is short for "from 0 on, every 12": the library wants a range before the step.
  const hour = String(fields.hour).replace(/^(\d+)\//, '$1-23/');
  const pattern = [fields.minute ?? 0, hour, fields.dayOfMonth ?? '*', fields.month ?? '*', fields.dayOfWeek ?? '*'];
  // A field with a space in it would shift all that follow.
  if (pattern.some((field) => /\s|^$/.test(String(field)))) return undefined;
  try {
    return new Cron(pattern.join(' '), { utcOffset: 0, paused: true });
  } catch {
    return undefined;
  }
}
