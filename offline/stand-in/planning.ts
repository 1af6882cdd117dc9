import type { AttributeSchema, BlockSchema, NestedBlockSchema, Nesting, Replace } from '../schema';
import { type DefaultTags, tagsAll } from './aws-tags';
import { type Follows, sortedJson, type TypeDefaults } from './defaults';
import { isMembers, type Members, nestedOf, same, sameSet, UNKNOWN, type Value } from './value';

/** One step to an attribute: a name, a place in a list or a key of a map. */
export type Step = string | number;

/** What a provider answers to a planned change. */
export interface PlannedChange {
  readonly state: Value;
  /** Attributes whose change needs a new resource. */
  readonly replace: readonly (readonly Step[])[];
}

/** What a provider's own code does besides its schema. */
export interface ProviderRules {
  readonly defaults?: TypeDefaults;
  /** Tags that the configuration of the provider gives to everything. */
  readonly defaultTags?: DefaultTags;
}

/**
 * Plans one resource: what is configured stays, what the provider decides is unknown in a new resource and stays as it
 * was in an old one, write-only arguments are null.
 */
export function planChange(
  schema: BlockSchema,
  prior: Value,
  proposed: Value,
  config: Value,
  { defaults = new Map(), defaultTags }: ProviderRules = {},
): PlannedChange {
  if (proposed === null) return { state: null, replace: [] };
  const block = planBlock(schema, { prior, proposed, config, siblings: {}, defaults, path: '' });
  const state = defaultTags === undefined ? block : tagsAll(schema, block, defaultTags);
  if (prior === null) return { state, replace: [] };
  return { state, replace: replacements(schema, prior, state, config, []) };
}

/** One object on the way down: as it was, as Terraform proposes it, as it is configured. */
interface Planning {
  readonly prior: Value;
  readonly proposed: Value;
  readonly config: Value;
  /** What is configured beside it. */
  readonly siblings: Members;
  readonly defaults: TypeDefaults;
  /** Names on the way to it. */
  readonly path: string;
}

function planBlock(schema: BlockSchema, { prior, proposed, config, defaults, path }: Planning): Value {
  if (!isMembers(proposed)) return proposed;
  const before = isMembers(prior) ? prior : undefined;
  const configured = isMembers(config) ? config : {};
  const member = (name: string): Planning => ({
    prior: before?.[name] ?? null,
    proposed: proposed[name] ?? null,
    config: configured[name] ?? null,
    siblings: configured,
    defaults,
    path: path === '' ? name : `${path}.${name}`,
  });
  return {
    ...Object.fromEntries(
      Object.entries(schema.attributes ?? {}).map(([name, attribute]) => [
        name,
        planAttribute(attribute, member(name), before === undefined),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(schema.blocks ?? {}).map(([name, block]) => [
        name,
        planNested(block.nesting, block, member(name)),
      ]),
    ),
  };
}

function planAttribute(attribute: AttributeSchema, planning: Planning, isNew: boolean): Value {
  const { proposed, config, siblings, defaults, path } = planning;
  if (attribute.write_only) return null;
  const { kind, value } = defaults.get(path) ?? {};
  if (kind === 'sorted-json' && typeof proposed === 'string') return sortedJson(proposed);
  if (kind === 'planned' && config === null) return value;
  if (kind === 'follows' && config === null) {
    const { argument, otherwise } = value as Follows;
    return siblings[argument] ?? otherwise;
  }
  if (config === null && attribute.computed && isNew) return UNKNOWN;
  if (attribute.nested === undefined || config === null) return proposed;
  const { nesting, attributes } = attribute.nested;
  return planNested(nesting, { attributes }, planning);
}

function planNested(nesting: Nesting, schema: BlockSchema, planning: Planning): Value {
  const { prior, proposed, config } = planning;
  // Members of a set have no place of their own: one that was there before is found by what it says.
  const before = (one: Value, key: Step): Value => {
    if (nesting === 'single' || nesting === 'group') return prior;
    if (nesting === 'set') return ((prior ?? []) as readonly Value[]).find((old) => same(old, one)) ?? null;
    return (prior as Readonly<Record<Step, Value>> | null)?.[key] ?? null;
  };
  const given = (key: Step): Value =>
    nesting === 'single' || nesting === 'group'
      ? config
      : ((config as Readonly<Record<Step, Value>> | null)?.[key] ?? null);
  return nestedOf(nesting, proposed, (one, key) =>
    planBlock(schema, { ...planning, prior: before(one, key), proposed: one, config: given(key) }),
  );
}

function replacements(
  schema: BlockSchema,
  prior: Value,
  planned: Value,
  config: Value,
  path: readonly Step[],
): readonly (readonly Step[])[] {
  if (!isMembers(prior) || !isMembers(planned)) return [];
  const configured = isMembers(config) ? config : {};
  return [
    ...Object.entries(schema.attributes ?? {}).flatMap(([name, { replace }]) =>
      forces(replace, configured[name]) && !equal(prior[name], planned[name]) ? [[...path, name]] : [],
    ),
    ...Object.entries(schema.blocks ?? {}).flatMap(([name, block]) =>
      blockReplacements(
        block,
        [prior, planned, configured].map((one) => one[name] ?? null),
        [...path, name],
      ),
    ),
  ];
}

function blockReplacements(
  block: NestedBlockSchema,
  [prior, planned, config]: readonly Value[],
  path: readonly Step[],
): readonly (readonly Step[])[] {
  if (equal(prior, planned)) return [];
  if (block.nesting === 'set') return forcesInside(block) ? [path] : [];
  const single = block.nesting === 'single' || block.nesting === 'group';
  const old = Object.entries((single ? { '': prior } : (prior ?? {})) as Members);
  const next = (single ? { '': planned } : (planned ?? {})) as Members;
  const given = (single ? { '': config } : (config ?? {})) as Members;
  if (block.replace === true && old.length !== Object.keys(next).length) return [path];
  return old.flatMap(([key, one]) =>
    replacements(
      block,
      one,
      next[key],
      given[key],
      single ? path : [...path, block.nesting === 'list' ? Number(key) : key],
    ),
  );
}

function forcesInside(block: NestedBlockSchema): boolean {
  return (
    block.replace === true ||
    Object.values(block.attributes ?? {}).some(({ replace }) => replace === true) ||
    Object.values(block.blocks ?? {}).some(forcesInside)
  );
}

function forces(replace: Replace | undefined, config: Value): boolean {
  return replace === true || (replace === 'configured' && config !== null && config !== undefined);
}

function equal(a: Value, b: Value): boolean {
  return Array.isArray(a) && Array.isArray(b) ? sameSet(a, b) && a.length === b.length : same(a, b);
}

/** Every unknown part of a planned object replaced by what `make` invents for it. */
export function complete(
  schema: BlockSchema,
  planned: Value,
  make: (path: string, attribute: AttributeSchema) => Value,
  path = '',
): Value {
  if (!isMembers(planned)) return planned;
  const to = (name: string) => (path === '' ? name : `${path}.${name}`);
  return {
    ...Object.fromEntries(
      Object.entries(schema.attributes ?? {}).map(([name, attribute]): readonly [string, Value] => {
        const value = planned[name] ?? null;
        if (attribute.write_only) return [name, null];
        if (value === UNKNOWN) return [name, make(to(name), attribute)];
        if (attribute.nested === undefined)
          return [name, withoutUnknown(value, () => make(to(name), { type: 'string' }))];
        const { nesting, attributes } = attribute.nested;
        return [name, nestedOf(nesting, value, (one) => complete({ attributes }, one, make, to(name)))];
      }),
    ),
    ...Object.fromEntries(
      Object.entries(schema.blocks ?? {}).map(([name, block]) => [
        name,
        planned[name] === UNKNOWN
          ? []
          : nestedOf(block.nesting, planned[name] ?? null, (one) => complete(block, one, make, to(name))),
      ]),
    ),
  };
}

function withoutUnknown(value: Value, make: () => Value): Value {
  if (value === UNKNOWN) return make();
  if (Array.isArray(value)) return value.map((one) => withoutUnknown(one, make));
  if (!isMembers(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, withoutUnknown(one, make)]));
}
