import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { AttributeSchema, BlockSchema, NestedBlockSchema, Nesting, ProviderSchema, TypeNotation } from '../schema';
import { BindingCache } from './binding-cache';
import { EPHEMERAL } from './ephemeral-types';
import type { UsedTypes } from './schemas';
import { completed, type Table } from './tables/row';
import { TABLES } from './tables/tables';

/** Types of the HCL form that bindings write. */
const SIMPLE: Readonly<Record<string, TypeNotation>> = {
  string: 'string',
  number: 'number',
  boolean: 'bool',
  any: 'dynamic',
};

/** How bindings are read. */
export interface BindingProps {
  /** What completes them. @default - the committed tables */
  readonly tables?: Table;
  /** Folder that keeps what was read. @default - nothing is kept */
  readonly cache?: string;
}

/**
 * What the installed bindings of a provider know: names, types, blocks, which arguments are required and which are
 * written only. What they don't know stands in committed tables, for the types that are in them: what is sensitive, what
 * the provider decides, how often a block may stand, what replaces.
 *
 * @returns nothing where the provider has no bindings here
 */
export function bindingSchema(
  provider: string,
  used: UsedTypes,
  { tables = TABLES, cache: folder }: BindingProps = {},
): ProviderSchema | undefined {
  const root = packageFolder(provider);
  if (root === undefined) return undefined;
  const { name, version, cdktf } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Package;
  const cache = new BindingCache(folder, name, version);
  const module = (one: string) => cache.get(one, () => typeSchema(join(root, 'lib', one, 'index.js')));
  const types = (names: ReadonlySet<string>, prefix: string, rows: Table) =>
    Object.fromEntries(
      [...names].flatMap((type) => {
        if (!type.startsWith(`${provider}_`)) return [];
        const schema = module(prefix + type.slice(provider.length + 1).replace(/_/g, '-'));
        const row = rows[type];
        if (schema === undefined) return [];
        return [[type, row === undefined ? schema : completed(schema, row)] as const];
      }),
    );
  const schema: ProviderSchema = {
    provider,
    version: cdktf.provider.version,
    config: module('provider') ?? {},
    resources: types(used.resources, '', tables),
    data_sources: types(used.data_sources, `data-${provider}-`, {}),
    ephemeral: Object.fromEntries(
      Object.entries(EPHEMERAL).filter(([type]) => type.startsWith(`${provider}_`) && used.ephemeral.has(type)),
    ),
  };
  cache.save();
  return schema;
}

/** What is read of a package's own description. */
interface Package {
  readonly name: string;
  readonly version: string;
  readonly cdktf: { readonly provider: { readonly version: string } };
}

function packageFolder(provider: string): string | undefined {
  try {
    return dirname(require.resolve(`@cdktf/provider-${provider}/package.json`));
  } catch {
    return undefined;
  }
}

function typeSchema(file: string): BlockSchema | undefined {
  return existsSync(file) ? parseType(withoutMap(readFileSync(file, 'utf8'))) : undefined;
}

/** Reads one file of bindings. Long types are spread over several files, which the first one exports. */
function parseType(source: string): BlockSchema {
  return blockOf(new Source(source), source.slice(source.lastIndexOf('synthesizeHclAttributes()')), true);
}

/** The source map behind the code is longer than the code. */
function withoutMap(text: string): string {
  const end = text.indexOf('\n//# sourceMappingURL');
  return end < 0 ? text : text.slice(0, end);
}

class Source {
  constructor(readonly text: string) {}

  /** The body of the function that writes one nested struct. */
  functionBody(name: string): string {
    const start = this.text.indexOf(`\nfunction ${name}(`);
    return start < 0 ? '' : this.text.slice(start, this.text.indexOf('\n}', start));
  }

  /** The body of a class by its name. */
  classBody(name: string): string {
    const start = this.text.indexOf(`\nclass ${name} `);
    return start < 0 ? '' : this.text.slice(start, this.text.indexOf('\n}', start));
  }
}

const ENTRY = /^ {12}(\w+): \{|^ {8}(\w+): \{/;

function blockOf(source: Source, body: string, top: boolean, className?: string): BlockSchema {
  const attributes: Record<string, AttributeSchema> = {};
  const blocks: Record<string, NestedBlockSchema> = {};
  const owner = top ? topClass(source.text) : source.classBody(className ?? '');
  const parts = body.split(/\n(?= {8,12}\w+: \{\n)/);
  for (const part of parts) {
    const name = (ENTRY.exec(part)?.[1] ?? ENTRY.exec(part)?.[2]) || undefined;
    const storage = /storageClassType: "(\w+)"/.exec(part)?.[1];
    if (name === undefined || storage === undefined) continue;
    const kind = /type: "(\w+)"/.exec(part)?.[1] ?? 'simple';
    const struct = /(\w+ToHclTerraform)\b(?=[,)(])/.exec(part.replace(/cdktf\.\w+/g, ''))?.[1];
    const required = owner !== '' && !new RegExp(`\\n {4}reset${pascal(name)}\\(`).test(owner);
    if (struct !== undefined) {
      const reference = `${storage.replace(/List$|Map$/, '')}OutputReference`;
      const inner = blockOf(source, source.functionBody(struct), false, reference);
      if (/isBlock: true/.test(part)) {
        blocks[name] = { ...inner, nesting: nestingOf(kind), ...(required && name !== 'timeouts' ? { min: 1 } : {}) };
        continue;
      }
    }
    const settable: AttributeSchema = {
      type: notation(storage, kind),
      ...(required ? { required: true } : { optional: true }),
      ...(name === 'id' && top ? { computed: true } : {}),
      ...(/_wo$/.test(name) ? { write_only: true } : {}),
    };
    attributes[name] = settable;
  }
  for (const [name, type] of Object.entries(readOnly(source, owner))) {
    if (!(name in attributes) && !(name in blocks)) attributes[name] = { type, computed: true };
  }
  return { attributes, blocks };
}

/** Types of what a class only reads, by name. */
function readOnly(source: Source, owner: string): Readonly<Record<string, TypeNotation>> {
  const simple = [...owner.matchAll(/(Fn\.tolist\()?this\.get(\w+)Attribute\(["'](\w+)["']\)/g)];
  const nested = [...owner.matchAll(/new ([\w.]+?)(List|Map|OutputReference)\(this, "(\w+)"(?:, (true|false))?/g)];
  return {
    ...Object.fromEntries(
      simple.map(([, turned, getter = '', name = '']): readonly [string, TypeNotation] => {
        const type = GETTERS[getter] ?? 'dynamic';
        // Bindings turn a set into a list before they read from it.
        return [name, turned !== undefined && Array.isArray(type) ? (['set', type[1]] as TypeNotation) : type];
      }),
    ),
    ...Object.fromEntries(
      nested.map(([, prefix = '', kind = '', name = '', isSet]): readonly [string, TypeNotation] => {
        const object: TypeNotation = ['object', readOnly(source, source.classBody(`${prefix}OutputReference`))];
        const element = ELEMENTS[prefix];
        if (element !== undefined) return [name, [kind === 'Map' ? 'map' : 'list', element]];
        return [
          name,
          kind === 'OutputReference' ? object : [kind === 'Map' ? 'map' : isSet === 'true' ? 'set' : 'list', object],
        ];
      }),
    ),
  };
}

const GETTERS: Readonly<Record<string, TypeNotation>> = {
  String: 'string',
  Number: 'number',
  Boolean: 'bool',
  List: ['list', 'string'],
  StringMap: ['map', 'string'],
  NumberList: ['list', 'number'],
};

/** What stands in the collections that come with CDKTF. */
const ELEMENTS: Readonly<Record<string, TypeNotation>> = {
  'cdktf.String': 'string',
  'cdktf.Number': 'number',
  'cdktf.Boolean': 'bool',
};

function topClass(text: string): string {
  const start = text.search(/\nclass \w+ extends cdktf\.Terraform(Resource|DataSource|Provider) /);
  return start < 0 ? '' : text.slice(start);
}

function notation(storage: string, kind: string): TypeNotation {
  const simple = SIMPLE[storage];
  if (simple !== undefined) return simple;
  const inner = SIMPLE[storage.replace(/(List|Map)+$/, '')] ?? 'string';
  return kind === 'list' || kind === 'set' || kind === 'map' ? [kind, inner] : inner;
}

function nestingOf(kind: string): Nesting {
  return kind === 'struct' ? 'single' : kind === 'set' || kind === 'map' ? kind : 'list';
}

function pascal(name: string): string {
  return name.replace(/(^|_)(\w)/g, (_, _before: string, letter: string) => letter.toUpperCase());
}
