import { isDeepStrictEqual } from 'node:util';
import type { Plan, ResourceChange } from './terraform';

/** Something that a stand-in for a cloud does not store, so that it shows as a change in every later plan. */
export interface Gap {
  readonly type: string;
  /** The argument that comes back different from how it was written. */
  readonly attribute: string;
  readonly reason: string;
}

/** What a plan would change and no gap explains: one line per attribute, or per resource that is not only updated. */
export function unexplainedChanges(plan: Plan, gaps: readonly Gap[]): readonly string[] {
  const explained = (type: string, attribute: string) =>
    gaps.some((gap) => gap.type === type && gap.attribute === attribute);
  return [
    ...plan.outputs.map((output) => `output ${output}`),
    ...plan.changes.flatMap((change) =>
      isUpdate(change)
        ? changedAttributes(change)
            .filter((attribute) => !explained(change.type, attribute))
            .map((attribute) => `${change.address}: ${attribute}`)
        : [`${change.address}: ${change.change.actions.join(', ')}`],
    ),
  ];
}

function isUpdate({ change }: ResourceChange): boolean {
  return isDeepStrictEqual(change.actions, ['update']);
}

function changedAttributes({ change }: ResourceChange): readonly string[] {
  const { before, after, after_unknown: unknown } = change;
  const names = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {}), ...Object.keys(unknown)]);
  return [...names].filter((name) => {
    const isUnknown = typeof unknown === 'object' && holdsTrue(unknown[name]);
    return isUnknown || !isDeepStrictEqual(before?.[name], after?.[name]);
  });
}

function holdsTrue(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.values(value).some(holdsTrue);
  return value === true;
}
