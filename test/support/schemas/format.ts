import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Nesting, TypeNotation } from '../../../offline/schema';

/** One argument or attribute; absent flags are false. */
export interface AttributeSchema {
  readonly type?: TypeNotation;
  /** Instead of `type`: an object, or a collection of objects, whose members have flags of their own. */
  readonly nested?: { readonly nesting: Nesting; readonly attributes: Readonly<Record<string, AttributeSchema>> };
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
  readonly write_only?: true;
  readonly deprecated?: true;
}

/** A type of resource, a provider's configuration, or what is common to nested blocks. */
export interface BlockSchema {
  readonly attributes?: Readonly<Record<string, AttributeSchema>>;
  readonly blocks?: Readonly<Record<string, NestedBlockSchema>>;
  readonly deprecated?: true;
}

/** A block inside another one. */
export interface NestedBlockSchema extends BlockSchema {
  readonly nesting: Nesting;
  readonly min?: number;
  readonly max?: number;
}

/** One provider in one version. */
export interface ProviderSchema {
  readonly provider: string;
  readonly version: string;
  readonly config: BlockSchema;
  readonly resources: Readonly<Record<string, BlockSchema>>;
  readonly data_sources: Readonly<Record<string, BlockSchema>>;
  readonly ephemeral: Readonly<Record<string, BlockSchema>>;
}

/** Schemas by the provider's name, such as `aws`. */
export type Schemas = ReadonlyMap<string, ProviderSchema>;

/** The versions that stacks are checked against. */
export const CHECKED_VERSIONS = { aws: '5.100.0', azurerm: '5.2.0', random: '3.7.2', vault: '5.6.0' } as const;

/** The folder of schema files, or one sentence that says why there is none. */
export function findSchemas(
  env: Readonly<Record<string, string | undefined>> = process.env,
): { readonly folder: string } | string {
  const folder = env.STRONGROOM_SCHEMAS;
  if (!folder) return 'STRONGROOM_SCHEMAS names no folder with provider schemas';
  const absent = Object.entries(CHECKED_VERSIONS).find(([name, version]) => !existsSync(fileOf(folder, name, version)));
  if (absent !== undefined) return `STRONGROOM_SCHEMAS holds no schema of ${absent.join(' ')}`;
  return { folder };
}

/** Reads the schemas of {@link CHECKED_VERSIONS}. */
export function readSchemas(folder: string): Schemas {
  return new Map(
    Object.entries(CHECKED_VERSIONS).map(([name, version]) => {
      const schema = JSON.parse(
        gunzipSync(readFileSync(fileOf(folder, name, version))).toString(),
      ) as ProviderSchema & {
        readonly format: number;
      };
      if (schema.format !== 1) throw new Error(`the schema of ${name} has format ${schema.format}, known is 1`);
      return [name, schema];
    }),
  );
}

function fileOf(folder: string, name: string, version: string): string {
  return join(folder, `${name}-${version}.json.gz`);
}
