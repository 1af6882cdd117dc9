import type { ResourceChange } from '../../offline/plan';
import type { Planned } from '../../offline/planner';

/** A value, or a mark of one, that plugin and stand-in plan differently. */
export interface Difference {
  /** Type and attribute, without places in lists. */
  readonly path: string;
  readonly plugin: unknown;
  readonly standIn: unknown;
}

/** Every value of the same stacks that plugin and stand-in plan differently. */
export function differences(detached: Planned, standIn: Planned): readonly Difference[] {
  return eachChange(detached, standIn).flatMap(([plugin, other]) =>
    differing(planned(plugin), planned(other), plugin.type),
  );
}

/** Every attribute of the same stacks that only one of plugin and stand-in marks as sensitive. */
export function differentMarks(detached: Planned, standIn: Planned): readonly Difference[] {
  return eachChange(detached, standIn).flatMap(([plugin, other]) => {
    const [ofPlugin, ofStandIn] = [plugin, other].map(sensitivePaths);
    const all = new Set([...(ofPlugin ?? []), ...(ofStandIn ?? [])]);
    const marks = [...all].map((path) => ({ path, plugin: ofPlugin?.has(path), standIn: ofStandIn?.has(path) }));
    return marks.filter((one) => one.plugin !== one.standIn);
  });
}

/** Type and attribute of everything in a planned resource that is marked as sensitive, without places in lists. */
export function sensitivePaths({ type, change }: ResourceChange): ReadonlySet<string> {
  const marked = (marks: unknown, path: string): readonly string[] => {
    if (marks === true) return [path];
    if (Array.isArray(marks)) return marks.flatMap((one) => marked(one, path));
    return isObject(marks) ? Object.entries(marks).flatMap(([name, one]) => marked(one, `${path}.${name}`)) : [];
  };
  return new Set(marked(change.after_sensitive, type));
}

/** The same resource by plugin and by stand-in. */
function eachChange(detached: Planned, standIn: Planned): readonly (readonly [ResourceChange, ResourceChange])[] {
  return detached.plans.flatMap(({ changes, stack }, index) => {
    const others = standIn.plans[index]?.changes ?? [];
    return changes.map((change) => {
      const other = others.find(({ address }) => address === change.address);
      if (other === undefined) throw new Error(`${stack.id}: the stand-in has no ${change.address}`);
      return [change, other] as const;
    });
  });
}

/** Planned values, with a word of its own for what is known after apply. */
function planned({ change }: ResourceChange): unknown {
  const merge = (value: unknown, unknown: unknown): unknown => {
    if (unknown === true) return 'known after apply';
    if (typeof unknown !== 'object' || unknown === null) return value ?? null;
    const keys = new Set([...Object.keys(value ?? {}), ...Object.keys(unknown)]);
    const members = [...keys].map((key) => [key, merge(member(value, key), member(unknown, key))] as const);
    return Array.isArray(value) ? members.map(([, one]) => one) : Object.fromEntries(members);
  };
  return merge(change.after, change.after_unknown);
}

function member(value: unknown, key: string): unknown {
  return (value as Readonly<Record<string, unknown>> | null | undefined)?.[key];
}

function differing(plugin: unknown, standIn: unknown, path: string): readonly Difference[] {
  if (JSON.stringify(plugin) === JSON.stringify(standIn)) return [];
  const lists = Array.isArray(plugin) && Array.isArray(standIn);
  if (lists && plugin.length === standIn.length) {
    return plugin.flatMap((one, index) => differing(one, standIn[index], path));
  }
  if (lists || !isObject(plugin) || !isObject(standIn)) return [{ path, plugin, standIn }];
  const keys = new Set([...Object.keys(plugin), ...Object.keys(standIn)]);
  return [...keys].flatMap((key) => differing(plugin[key] ?? null, standIn[key] ?? null, `${path}.${key}`));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
