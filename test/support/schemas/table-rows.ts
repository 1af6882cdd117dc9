import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from '../../../offline/schema';
import { readSchemaBytes } from '../../../offline/schema-export';
import { bindingSchema } from '../../../offline/stand-in/bindings';
import type { Row } from '../../../offline/stand-in/tables/row';

const ROOT = join(__dirname, '..', '..', '..');

/** The versions that the committed tables are of. */
export const TABLE_VERSIONS = { aws: '5.100.0', azurerm: '5.2.0', vault: '5.6.0' } as const;
/** Every type of resource that a construct or a stack imports, or that stands in the synthesized stacks. */
export function emittedTypes(): readonly string[] {
  const imported = ['constructs', 'stacks', 'environments'].flatMap((folder) =>
    sourcesBelow(join(ROOT, folder)).flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(/'@cdktf\/provider-(\w+)\/lib\/([\w-]+)'/g)]
        .filter(([, , module = '']) => module !== 'provider')
        .map(([, provider = '', module = '']) => `${provider}_${module.replace(/-/g, '_')}`),
    ),
  );
  return [...new Set([...imported, ...goldenTypes('resource')])].sort();
}

/** Types of one kind in the committed stacks, those inside the engine left out. */
export function goldenTypes(kind: 'resource' | 'ephemeral' | 'data'): readonly string[] {
  const folder = join(ROOT, 'test', 'golden');
  const types = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const stack = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, object | undefined>;
      return Object.keys(stack[kind] ?? {});
    });
  return [...new Set(types)].filter((type) => type !== 'terraform_data').sort();
}

/** A provider's types in one version, from a folder of schema files. */
export function realTypes(
  folder: string,
  provider: keyof typeof TABLE_VERSIONS,
): Readonly<Record<string, BlockSchema>> {
  const file = join(folder, `${provider}-${TABLE_VERSIONS[provider]}.json.gz`);
  return readSchemaBytes(readFileSync(file)).resources;
}

/** A type as bindings alone know it. */
export function boundType(type: string): BlockSchema {
  const provider = type.split('_')[0] ?? type;
  const used = { resources: new Set([type]), data_sources: new Set<string>(), ephemeral: new Set<string>() };
  const found = bindingSchema(provider, used, { tables: {} })?.resources[type];
  if (found === undefined) throw new Error(`no bindings have ${type}`);
  return found;
}

/** The row of a type: what the real schema tells and bindings don't. */
export function rowOf(type: string, real: BlockSchema): Row {
  const provider = (type.split('_')[0] ?? '') as keyof typeof TABLE_VERSIONS;
  const bound = boundType(type);
  const members = [...membersOf(real)];
  const boundMembers = new Map(membersOf(bound));
  const realNames = new Set(members.map(([path]) => path));
  const paths = (wanted: (one: AttributeSchema & Partial<NestedBlockSchema>, path: string) => boolean) =>
    members
      .filter(([path, one]) => wanted(one, path))
      .map(([path]) => path)
      .sort()
      .join(' ');
  const known = (path: string) => boundMembers.get(path);
  const lists: Omit<Row, 'from' | 'replaceFrom' | 'customDiff' | 'added'> = {
    required: paths((one, path) => one.required === true && known(path)?.optional === true),
    decided: paths((one, path) => one.optional === true && one.computed === true && !(path === 'id')),
    sensitive: paths((one) => one.sensitive === true),
    writeOnly: paths((one, path) => one.write_only === true && known(path)?.write_only !== true),
    deprecated: paths((one) => one.deprecated === true),
    objects: paths((one, path) => one.nesting === undefined && known(path)?.nesting !== undefined),
    blocks: members
      .flatMap(([path, { nesting, min, max }]) =>
        nesting === undefined || (min === undefined && max === undefined) ? [] : [`${path}:${min ?? 0}..${max ?? ''}`],
      )
      .sort()
      .join(' '),
    replaced: paths((one) => one.replace === true),
    mayReplace: paths((one) => one.replace === 'if'),
    replacedWhenSet: paths((one) => one.replace === 'configured'),
    foreign: outermost([...boundMembers.keys()].filter((path) => !realNames.has(path) && !inObject(path, members))),
  };
  const added = provider === 'azurerm' ? addedOf(real, bound) : undefined;
  const { replace_from: replaceFrom, custom_diff: customDiff } = real;
  return {
    from: `${provider} ${TABLE_VERSIONS[provider]}`,
    ...(replaceFrom === undefined ? {} : { replaceFrom }),
    ...(customDiff ? { customDiff } : {}),
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list !== '')),
    ...(added === undefined ? {} : { added }),
  };
}

/** Every attribute and block of a type, by path. */
export function membersOf(
  block: BlockSchema,
  path = '',
): readonly (readonly [string, AttributeSchema & Partial<NestedBlockSchema>])[] {
  return [
    ...Object.entries(block.attributes ?? {}).map(([name, one]) => [path + name, one] as const),
    ...Object.entries(block.blocks ?? {}).flatMap(([name, one]) => [
      [path + name, one as AttributeSchema & NestedBlockSchema] as const,
      ...membersOf(one, `${path}${name}.`),
    ]),
  ];
}

/** Whether a path of the bindings lies in what is an attribute in truth. */
function inObject(path: string, members: ReturnType<typeof membersOf>): boolean {
  return members.some(([name, one]) => one.nesting === undefined && path.startsWith(`${name}.`));
}

function outermost(paths: readonly string[]): string {
  return paths
    .filter((path) => !paths.some((other) => path.startsWith(`${other}.`)))
    .sort()
    .join(' ');
}

/** Names of the type itself that the bindings, which are of an older line, lack; the flags stand beside them. */
function addedOf(real: BlockSchema, bound: BlockSchema): BlockSchema | undefined {
  const lacks = (members: object | undefined) =>
    Object.entries(members ?? {})
      .filter(([name]) => !(name in (bound.attributes ?? {})) && !(name in (bound.blocks ?? {})))
      .sort(([a], [b]) => (a < b ? -1 : 1));
  const [attributes, blocks] = [lacks(real.attributes), lacks(real.blocks)];
  if (attributes.length + blocks.length === 0) return undefined;
  return {
    ...(attributes.length === 0 ? {} : { attributes: Object.fromEntries(attributes) }),
    ...(blocks.length === 0 ? {} : { blocks: Object.fromEntries(blocks) }),
  };
}

function sourcesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sourcesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}
