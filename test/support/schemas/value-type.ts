import type { TypeNotation } from '../../../offline/schema';
import { readTemplate } from './template';

/** A type that does not fit, and where inside the value. */
export interface Mismatch {
  readonly kind: 'wrong-type' | 'missing-key' | 'unknown-argument';
  /** Steps from the value to the part that is wrong, such as `[0].port`. */
  readonly at: string;
  readonly message: string;
}

/**
 * Where a value of Terraform JSON cannot become a type. Null fits everywhere; an expression fits unless text around it
 * makes it a string where only a collection will do. Messages never hold the value.
 */
export function mismatches(value: unknown, type: TypeNotation, at = ''): readonly Mismatch[] {
  if (value === null || value === undefined || type === 'dynamic') return [];
  const wrong = (expected: string): readonly Mismatch[] => [
    { kind: 'wrong-type', at, message: `is ${kindOf(value)}, expected is ${expected}` },
  ];
  if (typeof value === 'string' && readTemplate(value).code.length > 0) {
    return typeof type === 'string' || !readTemplate(value).hasText ? [] : wrong(describeType(type));
  }
  if (type === 'string') return isPrimitive(value) ? [] : wrong('a string');
  if (type === 'number') return isNumber(value) ? [] : wrong('a number');
  if (type === 'bool') return isBool(value) ? [] : wrong('true or false');
  switch (type[0]) {
    case 'list':
    case 'set':
      if (!Array.isArray(value)) return wrong(describeType(type));
      return value.flatMap((element, index) => mismatches(element, type[1], `${at}[${index}]`));
    case 'map':
      if (!isObject(value)) return wrong(describeType(type));
      return Object.entries(value).flatMap(([key, element]) => mismatches(element, type[1], `${at}.${key}`));
    case 'tuple':
      if (!Array.isArray(value) || value.length !== type[1].length) return wrong(describeType(type));
      return type[1].flatMap((one, index) => mismatches(value[index], one, `${at}[${index}]`));
    case 'object':
      if (!isObject(value)) return wrong(describeType(type));
      return objectMismatches(value, type[1], at);
  }
}

/** Whether a value is an object of JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a value is, for a message that must not hold it. */
export function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'null';
  if (typeof value === 'object') return 'an object';
  return typeof value === 'boolean' ? 'true or false' : `a ${typeof value}`;
}

/** Terraform wants each key of such an object written, and takes null for one that is not set. */
function objectMismatches(
  value: Readonly<Record<string, unknown>>,
  members: Readonly<Record<string, TypeNotation>>,
  at: string,
): readonly Mismatch[] {
  const missing = Object.keys(members).filter((key) => !(key in value));
  return [
    ...missing.map(
      (key): Mismatch => ({ kind: 'missing-key', at: `${at}.${key}`, message: 'must be written, null when unset' }),
    ),
    ...Object.entries(value).flatMap(([key, member]): readonly Mismatch[] => {
      const type = members[key];
      if (type === undefined)
        return [{ kind: 'unknown-argument', at: `${at}.${key}`, message: 'is no key of this object' }];
      return mismatches(member, type, `${at}.${key}`);
    }),
  ];
}

function describeType(type: TypeNotation): string {
  if (typeof type === 'string') return `a ${type}`;
  return type[0] === 'object' ? 'an object' : `a ${type[0]}`;
}

function isPrimitive(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isNumber(value: unknown): boolean {
  if (typeof value === 'number') return true;
  return typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
}

function isBool(value: unknown): boolean {
  return typeof value === 'boolean' || value === 'true' || value === 'false';
}
