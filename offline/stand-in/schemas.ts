import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlanImpossible } from '../problem';
import type { BlockSchema, ProviderSchema } from '../schema';
import { readSchemaBytes } from '../schema-export';
import { compareVersions, satisfies } from '../version';
import { withReplacement } from './tables/row';
import { TABLES } from './tables/tables';

/** Reads of one file, kept by path: the largest takes a quarter of a second. */
const read = new Map<string, ProviderSchema>();

/**
 * Finds a provider's schema in a folder of files `<provider>-<version>.json.gz`: the newest version that a constraint
 * allows, else the newest.
 */
export function schemaInFolder(folder: string, provider: string, constraint: string): ProviderSchema | undefined {
  if (!existsSync(folder)) throw new PlanImpossible(`the folder of schemas ${folder} does not exist`);
  const versions = readdirSync(folder)
    .map((file) => new RegExp(`^${provider}-(\\d.*)\\.json\\.gz$`).exec(file)?.[1])
    .filter((version) => version !== undefined)
    .sort((a, b) => compareVersions(b, a));
  const version = versions.find((one) => satisfies(one, constraint)) ?? versions[0];
  return version === undefined ? undefined : readSchema(join(folder, `${provider}-${version}.json.gz`));
}

function readSchema(file: string): ProviderSchema {
  const kept = read.get(file);
  if (kept !== undefined) return kept;
  const schema = schemaIn(file);
  read.set(file, schema);
  return schema;
}

function schemaIn(file: string): ProviderSchema {
  try {
    return readSchemaBytes(readFileSync(file));
  } catch (error) {
    throw new PlanImpossible(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Types in use, by kind. */
export interface UsedTypes {
  readonly resources: ReadonlySet<string>;
  readonly data_sources: ReadonlySet<string>;
  readonly ephemeral: ReadonlySet<string>;
}

/**
 * A schema with only the types in use: an engine asks for all of it at every command. A type whose file doesn't know what
 * replaces, as after `schemas pull`, gets that from the committed tables.
 */
export function onlyUsed(schema: ProviderSchema, used: UsedTypes): ProviderSchema {
  const pick = (types: Readonly<Record<string, BlockSchema>>, names: ReadonlySet<string>) =>
    Object.fromEntries(Object.entries(types).filter(([name]) => names.has(name)));
  return {
    ...schema,
    resources: Object.fromEntries(
      Object.entries(pick(schema.resources, used.resources)).map(([type, one]) => {
        const row = TABLES[type];
        return [type, one.replace_from === undefined && row !== undefined ? withReplacement(one, row) : one];
      }),
    ),
    data_sources: pick(schema.data_sources, used.data_sources),
    ephemeral: pick(schema.ephemeral, used.ephemeral),
  };
}
