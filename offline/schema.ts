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
  /** Whether code of the provider may ask for a replacement beyond what the flags say. */
  readonly custom_diff?: boolean;
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
