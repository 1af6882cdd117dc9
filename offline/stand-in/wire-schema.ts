import type { AttributeSchema, BlockSchema, NestedBlockSchema, Nesting } from '../schema';

/** Numbers of the nestings on the wire. */
const NESTING: Readonly<Record<Nesting, number>> = { single: 1, list: 2, set: 3, map: 4, group: 5 };

/** A type's schema as the protocol writes it. */
export function wireSchema(schema: BlockSchema): object {
  return { version: schema.version ?? 0, block: wireBlock(schema) };
}

function wireBlock({ attributes, blocks, deprecated }: BlockSchema): object {
  return {
    attributes: Object.entries(attributes ?? {}).map(wireAttribute),
    block_types: Object.entries(blocks ?? {}).map(wireNestedBlock),
    ...(deprecated ? { deprecated } : {}),
  };
}

function wireAttribute([name, attribute]: readonly [string, AttributeSchema]): object {
  const { type, nested, required, optional, computed, sensitive, write_only, deprecated } = attribute;
  const flags = { required, optional, computed, sensitive, write_only, deprecated };
  const given = Object.fromEntries(Object.entries(flags).filter(([, flag]) => flag === true));
  if (nested === undefined) return { name, type: Buffer.from(JSON.stringify(type ?? 'dynamic')), ...given };
  const attributes = Object.entries(nested.attributes).map(wireAttribute);
  return { name, nested_type: { attributes, nesting: NESTING[nested.nesting] }, ...given };
}

function wireNestedBlock([name, block]: readonly [string, NestedBlockSchema]): object {
  return {
    type_name: name,
    block: wireBlock(block),
    nesting: NESTING[block.nesting],
    min_items: block.min ?? 0,
    max_items: block.max ?? 0,
  };
}
