import { PlanImpossible } from './problem';
import type { AttributeSchema, BlockSchema, NestedBlockSchema, Nesting, ProviderSchema, TypeNotation } from './schema';

/** Version of the compact form. */
export const SCHEMA_FORMAT = 1;

interface RawAttribute {
  readonly type?: TypeNotation;
  readonly nested_type?: {
    readonly attributes?: Readonly<Record<string, RawAttribute>>;
    readonly nesting_mode: Nesting;
  };
  readonly [flag: string]: unknown;
}

interface RawBlock {
  readonly attributes?: Readonly<Record<string, RawAttribute>>;
  readonly block_types?: Readonly<Record<string, RawNested>>;
  readonly deprecated?: boolean;
}

interface RawNested {
  readonly nesting_mode: Nesting;
  readonly block: RawBlock;
  readonly min_items?: number;
  readonly max_items?: number;
}

type RawTypes = Readonly<Record<string, { readonly version: number; readonly block: RawBlock }>>;

/** What `providers schema -json` prints, as the compact form of one provider. */
export function compactSchema(
  printed: string,
  source: string,
  provider: string,
  version: string,
): ProviderSchema & { readonly format: number } {
  const { provider_schemas: all } = JSON.parse(printed) as {
    readonly provider_schemas?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  const raw = all?.[source];
  if (raw === undefined) throw new PlanImpossible(`the engine tells no schema of ${source}`);
  const types = (key: string) => mapped((raw[key] ?? {}) as RawTypes, (one) => compactType(one));
  return {
    format: SCHEMA_FORMAT,
    provider,
    version,
    config: compactBlock((raw['provider'] as { readonly block?: RawBlock } | undefined)?.block ?? {}),
    resources: types('resource_schemas'),
    data_sources: types('data_source_schemas'),
    ephemeral: types('ephemeral_resource_schemas'),
  };
}

function compactType({ version, block }: RawTypes[string]): BlockSchema {
  return { ...(version > 0 ? { version } : {}), ...compactBlock(block) };
}

function compactBlock({ attributes, block_types, deprecated }: RawBlock): BlockSchema {
  return {
    ...(attributes === undefined ? {} : { attributes: mapped(attributes, compactAttribute) }),
    ...(block_types === undefined ? {} : { blocks: mapped(block_types, compactNested) }),
    ...(deprecated ? { deprecated } : {}),
  };
}

const FLAGS = ['required', 'optional', 'computed', 'sensitive', 'write_only', 'deprecated'] as const;

function compactAttribute(raw: RawAttribute): AttributeSchema {
  const { type, nested_type: nested } = raw;
  return {
    ...(type === undefined ? {} : { type }),
    ...(nested === undefined
      ? {}
      : { nested: { nesting: nested.nesting_mode, attributes: mapped(nested.attributes ?? {}, compactAttribute) } }),
    ...Object.fromEntries(FLAGS.filter((flag) => raw[flag] === true).map((flag) => [flag, true])),
  };
}

function compactNested({ nesting_mode, block, min_items, max_items }: RawNested): NestedBlockSchema {
  return {
    ...compactBlock(block),
    nesting: nesting_mode,
    ...(min_items ? { min: min_items } : {}),
    ...(max_items ? { max: max_items } : {}),
  };
}

function mapped<T, U>(members: Readonly<Record<string, T>>, map: (one: T) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(members).map(([key, one]) => [key, map(one)]));
}
