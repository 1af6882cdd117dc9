import type { AttributeSchema, BlockSchema, NestedBlockSchema, Replace, TypeNotation } from '../../schema';

/**
 * What bindings don't know of one type. Lists are paths such as `network_acls.bypass`, separated by spaces; a list that
 * is left out is empty.
 */
export interface Row {
  /** Which release of the provider printed this schema. */
  readonly from: string;
  /**
   * How it is known what replaces: read from the release's compiled schema, or seen in plans of the released plugin with
   * one argument changed at a time, where an argument that is in no list may not have been tried.
   */
  readonly replaceFrom?: 'source' | 'experiment';
  /** Whether code of the provider may ask for a replacement beyond that. */
  readonly customDiff?: true;
  /** Required arguments that bindings take for optional ones. */
  readonly required?: string;
  /** Optional arguments that the provider decides where they are left out. */
  readonly decided?: string;
  readonly sensitive?: string;
  readonly writeOnly?: string;
  readonly deprecated?: string;
  /** What bindings take for blocks and are attributes: a collection of objects. */
  readonly objects?: string;
  /** How often blocks stand, such as `network_acls:0..1`; without a second number there is no highest one. */
  readonly blocks?: string;
  /** Arguments and blocks whose change replaces the resource: always, depending on values, or only where they are set. */
  readonly replaced?: string;
  readonly mayReplace?: string;
  readonly replacedWhenSet?: string;
  /** Names that this version has and bindings don't. */
  readonly added?: BlockSchema;
  /** Names that bindings have and this version doesn't: of an older line, or of a newer one. */
  readonly foreign?: string;
}

/** Rows by type. */
export type Table = Readonly<Record<string, Row>>;

/** A type as bindings know it, completed by its row. */
export function completed(schema: BlockSchema, row: Row): BlockSchema {
  const lists = { ...sets(row), counts: countsOf(row.blocks) };
  const block = completedBlock(schema, lists, '');
  const relaxed = (one: AttributeSchema): AttributeSchema => {
    const { required, ...rest } = one;
    return required ? { ...rest, optional: true } : one;
  };
  const added = mapped(row.added?.attributes ?? {}, (_, one) => relaxed(one));
  const foreign = (name: string, one: AttributeSchema) => (lists.foreign.has(name) ? relaxed(one) : one);
  return {
    ...block,
    ...origin(row),
    // An argument of one line in place of one of another: which is needed depends on the line, so none is required.
    attributes: { ...mapped(block.attributes ?? {}, foreign), ...added },
    blocks: { ...block.blocks, ...row.added?.blocks },
  };
}

/** A type's schema with the flags of replacement of its row, where the schema has none of its own. */
export function withReplacement(schema: BlockSchema, row: Row): BlockSchema {
  return { ...replacing(schema, sets(row), ''), ...origin(row) };
}

function origin({ replaceFrom, customDiff }: Row): Pick<BlockSchema, 'replace_from' | 'custom_diff'> {
  return {
    ...(replaceFrom === undefined ? {} : { replace_from: replaceFrom }),
    ...(customDiff === undefined ? {} : { custom_diff: customDiff }),
  };
}

type Lists = Readonly<
  Record<Exclude<keyof Row, 'from' | 'replaceFrom' | 'customDiff' | 'added' | 'blocks'>, ReadonlySet<string>>
>;
type Counts = ReadonlyMap<string, Pick<NestedBlockSchema, 'min' | 'max'>>;

function sets(row: Row): Lists {
  const set = (list: string | undefined) => new Set((list ?? '').split(' ').filter((path) => path !== ''));
  return {
    required: set(row.required),
    decided: set(row.decided),
    sensitive: set(row.sensitive),
    writeOnly: set(row.writeOnly),
    deprecated: set(row.deprecated),
    objects: set(row.objects),
    replaced: set(row.replaced),
    mayReplace: set(row.mayReplace),
    replacedWhenSet: set(row.replacedWhenSet),
    foreign: set(row.foreign),
  };
}

function countsOf(list: string | undefined): Counts {
  return new Map(
    (list ?? '')
      .split(' ')
      .filter((count) => count !== '')
      .map((count) => {
        const [path = '', min, max] = count.split(/:|\.\./);
        return [path, { ...(Number(min) > 0 ? { min: Number(min) } : {}), ...(max ? { max: Number(max) } : {}) }];
      }),
  );
}

function completedBlock(block: BlockSchema, lists: Lists & { readonly counts: Counts }, path: string): BlockSchema {
  const attributes: Record<string, AttributeSchema> = {};
  const blocks: Record<string, NestedBlockSchema> = {};
  for (const [name, one] of Object.entries(block.attributes ?? {})) {
    attributes[name] = completedAttribute(one, lists, path + name);
  }
  for (const [name, one] of Object.entries(block.blocks ?? {})) {
    const below = path + name;
    if (lists.objects.has(below)) {
      const { optional, required } = { required: (one.min ?? 0) > 0, optional: (one.min ?? 0) === 0 };
      const settable: AttributeSchema = { type: objectsOf(one), ...(required ? { required } : { optional }) };
      attributes[name] = completedAttribute(settable, lists, below);
      continue;
    }
    const { min: _min, max: _max, ...rest } = one;
    const counts = lists.counts.get(below) ?? {};
    const replace = replaceOf(lists, below);
    blocks[name] = {
      ...rest,
      ...completedBlock(one, lists, `${below}.`),
      nesting: one.nesting,
      ...counts,
      ...(replace === undefined ? {} : { replace }),
    };
  }
  return { ...block, attributes, blocks };
}

function completedAttribute(attribute: AttributeSchema, lists: Lists, path: string): AttributeSchema {
  const { required, optional, ...rest } = attribute;
  const replace = replaceOf(lists, path);
  return {
    ...rest,
    ...(required || lists.required.has(path) ? { required: true } : optional ? { optional } : {}),
    ...(lists.decided.has(path) ? { computed: true } : {}),
    ...(lists.sensitive.has(path) ? { sensitive: true } : {}),
    ...(lists.writeOnly.has(path) ? { write_only: true } : {}),
    ...(lists.deprecated.has(path) ? { deprecated: true } : {}),
    ...(replace === undefined ? {} : { replace }),
  };
}

function replacing<T extends BlockSchema>(block: T, lists: Lists, path: string): T {
  const flagged = <U extends object>(name: string, one: U): U => {
    const replace = replaceOf(lists, path + name);
    return replace === undefined ? one : { ...one, replace };
  };
  return {
    ...block,
    ...(block.attributes === undefined ? {} : { attributes: mapped(block.attributes, flagged) }),
    ...(block.blocks === undefined
      ? {}
      : { blocks: mapped(block.blocks, (name, one) => flagged(name, replacing(one, lists, `${path}${name}.`))) }),
  };
}

function replaceOf({ replaced, mayReplace, replacedWhenSet }: Lists, path: string): Replace | undefined {
  if (replaced.has(path)) return true;
  if (mayReplace.has(path)) return 'if';
  return replacedWhenSet.has(path) ? 'configured' : undefined;
}

/** The type of an attribute whose members bindings hold as a block. */
function objectsOf(block: NestedBlockSchema): TypeNotation {
  const members: Readonly<Record<string, TypeNotation>> = {
    ...mapped(block.attributes ?? {}, (_, { type }) => type ?? 'dynamic'),
    ...mapped(block.blocks ?? {}, (_, one) => objectsOf(one)),
  };
  const object: TypeNotation = ['object', members];
  return block.nesting === 'list' || block.nesting === 'set' || block.nesting === 'map'
    ? [block.nesting, object]
    : object;
}

function mapped<T, U>(
  members: Readonly<Record<string, T>>,
  map: (name: string, one: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(members).map(([name, one]) => [name, map(name, one)]));
}
