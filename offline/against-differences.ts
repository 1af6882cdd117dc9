import type { ResourceChange } from './plan';

type Members = Readonly<Record<string, unknown>>;

/**
 * Paths of the attributes that a planned change alters, such as `description` or `rule.0.filter`; what is only known
 * after apply counts as altered.
 *
 * Only names come out of it, never a value.
 */
export function changedAttributes({ change }: Pick<ResourceChange, 'change'>): readonly string[] {
  const { before, after, after_unknown: unknown } = change;
  if (before === null || after === null) return [];
  const changed = differing(before, after, unknown ?? {}, []);
  // Providers of old make empty every text in a block of which something changes; an engine's text hides that as well.
  const meant = changed.filter(({ emptied }) => !emptied);
  return (meant.length === 0 ? changed : meant).map(({ path }) => path).sort();
}

interface Changed {
  readonly path: string;
  /** Whether a text inside a block was nothing, and is empty now. */
  readonly emptied: boolean;
}

function differing(before: unknown, after: unknown, unknown: unknown, path: readonly string[]): readonly Changed[] {
  const changed: Changed = {
    path: path.join('.'),
    emptied: path.length > 1 && (before ?? null) === null && after === '',
  };
  if (unknown === true) return [changed];
  const [left, right] = [membersOf(before), membersOf(after)];
  if (left === undefined || right === undefined || (path.length > 0 && isWhole(left, right, unknown))) {
    return same(before, after) && !hasUnknown(unknown) ? [] : [changed];
  }
  const unknowns = membersOf(unknown) ?? {};
  const names = new Set([...Object.keys(left), ...Object.keys(right), ...Object.keys(unknowns)]);
  return [...names].flatMap((name) => differing(left[name], right[name], unknowns[name], [...path, name]));
}

/** Members of an object, or of a list by their places. */
function membersOf(value: unknown): Members | undefined {
  return typeof value === 'object' && value !== null ? (value as Members) : undefined;
}

/** A list that grew, one of plain values and an object of other members are told as a whole. */
function isWhole(left: Members, right: Members, unknown: unknown): boolean {
  const [a, b] = [Object.keys(left), Object.keys({ ...right, ...membersOf(unknown) })];
  if (a.length !== b.length || b.some((key) => !(key in left))) return true;
  return Array.isArray(left) && left.every((one) => membersOf(one) === undefined);
}

function hasUnknown(unknown: unknown): boolean {
  if (unknown === true) return true;
  return Object.values(membersOf(unknown) ?? {}).some(hasUnknown);
}

/** Null and what is not there are the same to an engine. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
