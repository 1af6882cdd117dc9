import { gunzipSync, gzipSync } from 'node:zlib';
import type { AttributeSchema, BlockSchema, NestedBlockSchema, Nesting, ProviderSchema, TypeNotation } from './schema';
import { sortedKeys } from './sorted-keys';

/** Version of the compact form of a provider's schema. */
export const FORMAT = 1;

/** Form of the engine's own output that is known. */
const KNOWN_OUTPUT = /^1\./;

/** A function that a provider offers. */
export interface FunctionSchema {
  /** Name, type, and whether null may be given. */
  readonly params?: readonly (readonly [string, TypeNotation] | readonly [string, TypeNotation, 'nullable'])[];
  readonly variadic?: readonly [string, TypeNotation];
  readonly returns: TypeNotation;
}

/** A provider's schema as a file holds it. */
export interface SchemaFile extends ProviderSchema {
  readonly format: typeof FORMAT;
  readonly functions: Readonly<Record<string, FunctionSchema>>;
}

/**
 * Makes the compact form of one provider's schema out of what an engine prints: no descriptions, and flags only where
 * they are true. What forces a replacement does not stand in that output.
 *
 * @param printed - what `terraform providers schema -json` printed, parsed
 * @param source - the provider's whole address, such as `registry.terraform.io/hashicorp/aws`
 * @throws Error when the output has another form, or lacks the provider
 * @see https://developer.hashicorp.com/terraform/cli/commands/providers/schema
 */
export function exportSchema(printed: unknown, source: string, version: string): SchemaFile {
  const { format_version: form, provider_schemas: providers } = printed as Printed;
  if (form === undefined || !KNOWN_OUTPUT.test(form)) throw new Error(`the schemas have form ${form}, known is 1`);
  const found = providers?.[source];
  if (found === undefined) throw new Error(`the schemas hold no provider ${source}`);
  return {
    format: FORMAT,
    provider: source.split('/').at(-1) ?? source,
    version,
    config: found.provider === undefined ? {} : typeOf(found.provider),
    resources: mapped(found.resource_schemas, typeOf),
    data_sources: mapped(found.data_source_schemas, typeOf),
    ephemeral: mapped(found.ephemeral_resource_schemas, typeOf),
    functions: mapped(found.functions, functionOf),
  };
}

/** The bytes of a schema's file: keys are sorted and no time is in it, so the same schema gives the same bytes. */
export function schemaBytes(schema: SchemaFile): Buffer {
  return gzipSync(JSON.stringify(schema, sortedKeys), { level: 9 });
}

/**
 * Reads a schema's file.
 *
 * @throws Error when it is damaged or of another form
 */
export function readSchemaBytes(bytes: Uint8Array): SchemaFile {
  const schema = JSON.parse(gunzipSync(bytes).toString()) as { readonly format?: unknown };
  if (schema.format !== FORMAT) throw new Error(`it has format ${schema.format}, known is ${FORMAT}`);
  return schema as SchemaFile;
}

/** What the engine prints, as far as it is read. */
interface Printed {
  readonly format_version?: string;
  readonly provider_schemas?: Readonly<Record<string, PrintedProvider>>;
}

interface PrintedProvider {
  readonly provider?: PrintedType;
  readonly resource_schemas?: Readonly<Record<string, PrintedType>>;
  readonly data_source_schemas?: Readonly<Record<string, PrintedType>>;
  readonly ephemeral_resource_schemas?: Readonly<Record<string, PrintedType>>;
  readonly functions?: Readonly<Record<string, PrintedFunction>>;
}

interface PrintedType {
  readonly version?: number;
  readonly block?: PrintedBlock;
}

interface PrintedBlock {
  readonly attributes?: Readonly<Record<string, PrintedAttribute>>;
  readonly block_types?: Readonly<Record<string, PrintedNestedBlock>>;
  readonly deprecated?: boolean;
}

interface PrintedAttribute extends Omit<AttributeSchema, 'nested' | 'replace'> {
  readonly nested_type?: {
    readonly nesting_mode: Nesting;
    readonly attributes?: Readonly<Record<string, PrintedAttribute>>;
  };
}

interface PrintedNestedBlock {
  readonly nesting_mode: Nesting;
  readonly block?: PrintedBlock;
  readonly min_items?: number;
  readonly max_items?: number;
}

interface PrintedFunction {
  readonly parameters?: readonly PrintedParameter[];
  readonly variadic_parameter?: PrintedParameter;
  readonly return_type: TypeNotation;
}

interface PrintedParameter {
  readonly name: string;
  readonly type: TypeNotation;
  readonly is_nullable?: boolean;
}

const FLAGS = ['required', 'optional', 'computed', 'sensitive', 'write_only', 'deprecated'] as const;

function typeOf({ version, block = {} }: PrintedType): BlockSchema {
  return { ...blockOf(block), ...(version ? { version } : {}) };
}

function blockOf({ attributes = {}, block_types = {}, deprecated }: PrintedBlock): BlockSchema {
  return {
    ...(empty(attributes) ? {} : { attributes: mapped(attributes, attributeOf) }),
    ...(empty(block_types) ? {} : { blocks: mapped(block_types, nestedBlockOf) }),
    ...(deprecated ? { deprecated } : {}),
  };
}

function nestedBlockOf({ nesting_mode, block = {}, min_items, max_items }: PrintedNestedBlock): NestedBlockSchema {
  return {
    ...blockOf(block),
    nesting: nesting_mode,
    ...(min_items ? { min: min_items } : {}),
    ...(max_items ? { max: max_items } : {}),
  };
}

function attributeOf(printed: PrintedAttribute): AttributeSchema {
  const { type, nested_type: nested } = printed;
  return {
    ...(type === undefined ? {} : { type }),
    ...(nested === undefined
      ? {}
      : { nested: { nesting: nested.nesting_mode, attributes: mapped(nested.attributes, attributeOf) } }),
    ...Object.fromEntries(FLAGS.filter((flag) => printed[flag] === true).map((flag) => [flag, true])),
  };
}

function functionOf({ parameters = [], variadic_parameter: variadic, return_type }: PrintedFunction): FunctionSchema {
  const params = parameters.map(({ name, type, is_nullable }) =>
    is_nullable ? ([name, type, 'nullable'] as const) : ([name, type] as const),
  );
  return {
    ...(params.length === 0 ? {} : { params }),
    ...(variadic === undefined ? {} : { variadic: [variadic.name, variadic.type] as const }),
    returns: return_type,
  };
}

function mapped<T, U>(
  members: Readonly<Record<string, T>> | undefined,
  map: (one: T) => U,
): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(members ?? {}).map(([key, one]) => [key, map(one)]));
}

function empty(members: object): boolean {
  return Object.keys(members).length === 0;
}
