/** A type in the JSON notation of Terraform. */
export type TypeNotation =
  | 'string'
  | 'number'
  | 'bool'
  | 'dynamic'
  | readonly ['list' | 'set' | 'map', TypeNotation]
  | readonly ['object', Readonly<Record<string, TypeNotation>>]
  | readonly ['tuple', readonly TypeNotation[]];

/** How often something is nested. */
export type Nesting = 'list' | 'set' | 'map' | 'single' | 'group';

/**
 * Whether a change replaces the resource: always, depending on values, or only when the argument is set in the
 * configuration.
 */
export type Replace = boolean | 'if' | 'configured';

/** One argument or attribute; absent flags are false. */
export interface AttributeSchema {
  readonly type?: TypeNotation;
  /** Instead of `type`: an object, or a collection of objects, whose members have flags of their own. */
  readonly nested?: { readonly nesting: Nesting; readonly attributes: Readonly<Record<string, AttributeSchema>> };
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
  readonly sensitive?: boolean;
  readonly write_only?: boolean;
  readonly deprecated?: boolean;
  readonly replace?: Replace;
}

/** A type of resource, a provider's configuration, or what is common to nested blocks. */
export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly blocks?: Readonly<Record<string, NestedBlockSchema>>;
  readonly deprecated?: boolean;
  /** Version of the type's schema. */
  readonly version?: number;
  /** How the flags of replacement are known; without it, nothing is known of them. */
  readonly replace_from?: 'source' | 'experiment';
  /** Whether code of the provider may ask for a replacement beyond what the flags say. */
  readonly custom_diff?: boolean;
}

/** What a change of one argument or block does to a resource, as far as it is known. */
export function replaceAt(schema: BlockSchema, path: readonly (string | number)[]): Replace | undefined {
  const [name, ...rest] = path.filter((step): step is string => typeof step === 'string' && !/^\d+$/.test(step));
  if (name === undefined) return undefined;
  const attribute = schema.attributes?.[name];
  if (attribute !== undefined) return flagOf(attribute, schema);
  const block = schema.blocks?.[name];
  if (block === undefined) return undefined;
  return rest.length === 0 ? flagOf(block, schema) : replaceAt({ ...block, ...origin(schema) }, rest);
}

/** Of a schema that was compiled into the provider, an absent flag says that the change is made in place. */
function flagOf({ replace }: { readonly replace?: Replace }, { replace_from }: BlockSchema): Replace | undefined {
  return replace ?? (replace_from === 'source' ? false : undefined);
}

function origin({ replace_from }: BlockSchema): Pick<BlockSchema, 'replace_from'> {
  return replace_from === undefined ? {} : { replace_from };
}

/** A block inside another one. */
export interface NestedBlockSchema extends BlockSchema {
  readonly nesting: Nesting;
  readonly min?: number;
  readonly max?: number;
  readonly replace?: Replace;
}

/** One provider in one version. */
export interface ProviderSchema {
  /** Such as `aws`. */
  readonly provider: string;
  readonly version: string;
  readonly config: BlockSchema;
  readonly resources: Readonly<Record<string, BlockSchema>>;
  readonly data_sources: Readonly<Record<string, BlockSchema>>;
  readonly ephemeral: Readonly<Record<string, BlockSchema>>;
}
