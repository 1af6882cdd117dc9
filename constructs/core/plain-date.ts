import type { Problem } from './errors';

const DAY_MS = 86_400_000;
const FORM = /^(\d{4})-(\d{2})-(\d{2})$/;

/**
 * A calendar date as a user writes it: `2026-11-01`, UTC.
 *
 * Synth never reads the clock, so every date in the output was written down by somebody.
 */
export type PlainDate = string;

/** Whether a text is a date of the calendar, in the form `YYYY-MM-DD`. */
export function isPlainDate(text: string): boolean {
  return FORM.test(text) && !Number.isNaN(Date.parse(text)) && toDate(text).toISOString().startsWith(text);
}

/** The problem of a text that is no date, or nothing. */
export function plainDateProblem(property: string, text: string): Problem | undefined {
  if (isPlainDate(text)) return undefined;
  return {
    code: 'SR-DATE',
    property,
    message: `is ${JSON.stringify(text)}, allowed is a date of the calendar as YYYY-MM-DD`,
    fix: 'write the day since when the value counts, such as 2026-11-01',
  };
}

/** The date some days later. */
export function addDays(date: PlainDate, days: number): PlainDate {
  return new Date(toDate(date).getTime() + days * DAY_MS).toISOString().slice(0, 10);
}

/** The first instant of a date, UTC, as the providers write instants: `2026-11-01T00:00:00Z`. */
export function startOf(date: PlainDate): string {
  return `${date}T00:00:00Z`;
}

function toDate(date: PlainDate): Date {
  return new Date(`${date}T00:00:00Z`);
}
