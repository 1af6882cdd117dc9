import type { Problem } from './errors';
import { addDays, type PlainDate, plainDateProblem } from './plain-date';
import type { SecretType } from './secret-type';

/** Characters that break a URL, a shell word or a connection string, left out of every generated value. */
const ALWAYS_SAFE = { min: 16, max: 1024, default: 32 } as const;

/** A value that Terraform makes while it runs and that goes straight into a write-only argument. */
export interface GeneratedValue {
  readonly kind: 'generated';
  /** Length in characters; letters and digits. */
  readonly length: number;
  /** The number that makes Terraform write a new value when it is raised; never below 1. */
  readonly version: number;
  /** The day since when this version counts. */
  readonly since: PlainDate;
}

/** A value that a person or another system puts into the store, past Terraform. */
export interface ExternalValue {
  readonly kind: 'external';
  /** The day since when the present value counts: with the type's period it gives the day to replace it by. */
  readonly since: PlainDate;
}

/** A value that is born inside the store: a rotation, a dynamic engine or a managed key makes it. */
export interface BornInStore {
  readonly kind: 'born-in-store';
}

/** Where a secret's value comes from. It never passes through TypeScript. */
export type Value = GeneratedValue | ExternalValue | BornInStore;

/** Properties of a generated value. */
export interface GeneratedValueProps {
  /** The day since when this version of the value counts, `YYYY-MM-DD`. */
  readonly since: PlainDate;
  /**
   * The value's version. Raise it, and the date with it, to have a new value written.
   *
   * @default 1
   */
  readonly version?: number;
  /**
   * Length in characters.
   *
   * @default 32
   */
  readonly length?: number;
}

/** The three births of a value. */
export const Value = {
  /** Made by Terraform's ephemeral `random_password`, never seen by plan or state. */
  generated(props: GeneratedValueProps): GeneratedValue {
    return {
      kind: 'generated',
      length: props.length ?? ALWAYS_SAFE.default,
      version: props.version ?? 1,
      since: props.since,
    };
  },
  /** Put in from outside; Strongroom prints the one command that does it from standard input. */
  external(props: { readonly since: PlainDate }): ExternalValue {
    return { kind: 'external', since: props.since };
  },
  /** Made by the store itself. */
  bornInStore(): BornInStore {
    return { kind: 'born-in-store' };
  },
} as const;

/** Everything that is wrong with a value's own numbers and dates. */
export function valueProblems(property: string, value: Value): readonly (Problem | undefined)[] {
  if (value.kind === 'born-in-store') return [];
  const date = plainDateProblem(`${property}.since`, value.since);
  if (value.kind === 'external') return [date];
  return [
    date,
    wholeNumber(`${property}.version`, value.version, 1, Number.MAX_SAFE_INTEGER, 'SR-VALUE-VERSION'),
    wholeNumber(`${property}.length`, value.length, ALWAYS_SAFE.min, ALWAYS_SAFE.max, 'SR-VALUE-LENGTH'),
  ];
}

/** The day by which a value of a type must have been replaced. */
export function replaceBy(type: SecretType, value: GeneratedValue | ExternalValue): PlainDate {
  return addDays(value.since, type.longestDays);
}

function wholeNumber(property: string, value: number, min: number, max: number, code: string): Problem | undefined {
  if (Number.isInteger(value) && value >= min && value <= max) return undefined;
  const allowed =
    max === Number.MAX_SAFE_INTEGER ? `a whole number from ${min} up` : `whole numbers from ${min} to ${max}`;
  return { code, property, message: `is ${value}, allowed are ${allowed}`, fix: 'leave it out for the default' };
}
