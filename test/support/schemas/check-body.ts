import type { FindingKind } from './finding';
import type { AttributeSchema, BlockSchema, NestedBlockSchema } from './format';
import { readTemplate, references } from './template';
import { isObject, kindOf, mismatches } from './value-type';

/** What checking one block needs to know beyond its schema. */
export interface BodyContext {
  report(kind: FindingKind, path: string, message: string): void;
  /** Terraform's own arguments of this block, which no schema lists. */
  readonly meta: readonly string[];
  /** Arguments newer than the schema. */
  isNewer(path: string): boolean;
  /** Whether ephemeral values may be used anywhere: in providers and ephemeral blocks. */
  readonly ephemeralAnywhere: boolean;
  /** Variables whose value is ephemeral. */
  readonly ephemeralVariables: ReadonlySet<string>;
}

type Value = Readonly<Record<string, unknown>>;

/** Checks the body of a resource, data source, provider or ephemeral block. */
export function checkBody(schema: BlockSchema, body: Value, context: BodyContext): void {
  if (schema.deprecated) context.report('deprecated', '', 'is deprecated');
  const own = Object.fromEntries(Object.entries(body).filter(([key]) => !context.meta.includes(key)));
  checkMembers(schema, own, '', context);
}

function checkMembers(schema: BlockSchema, body: Value, base: string, context: BodyContext): void {
  const { dynamic, '//': _comment, ...written } = body;
  const generated = schema.attributes?.dynamic || schema.blocks?.dynamic ? undefined : dynamicBlocks(dynamic);
  for (const [key, value] of Object.entries(generated === undefined ? body : written)) {
    if (key === '//') continue;
    const path = base === '' ? key : `${base}.${key}`;
    const attribute = schema.attributes?.[key];
    const block = schema.blocks?.[key];
    if (context.isNewer(path)) continue;
    if (attribute) checkAttribute(attribute, value, path, context);
    else if (block) checkBlocks(block, value, path, context);
    else context.report('unknown-argument', path, 'is no argument of this type');
  }
  for (const [key, contents] of generated ?? []) {
    const path = base === '' ? key : `${base}.${key}`;
    const block = schema.blocks?.[key];
    if (!block) context.report('unknown-argument', path, 'is no block of this type');
    else for (const content of contents) checkMembers(block, content, path, context);
  }
  checkPresence(schema, body, new Set((generated ?? []).map(([key]) => key)), base, context);
}

function checkPresence(
  schema: BlockSchema,
  body: Value,
  generated: ReadonlySet<string>,
  base: string,
  context: BodyContext,
): void {
  const at = (key: string) => (base === '' ? key : `${base}.${key}`);
  for (const [key, attribute] of Object.entries(schema.attributes ?? {})) {
    const isSet = body[key] !== undefined && body[key] !== null;
    if (attribute.required && !isSet) context.report('missing-argument', at(key), 'is required');
    const isVersion = attribute.write_only && schema.attributes?.[`${key}_version`];
    const version = body[`${key}_version`];
    if (isVersion && isSet && (version === undefined || version === null)) {
      context.report('write-only-version', at(key), `is never written again without ${key}_version`);
    }
  }
  for (const [key, block] of Object.entries(schema.blocks ?? {})) {
    const count = countBlocks(block, body[key]);
    const least = block.min ?? 0;
    if (count < least && !generated.has(key)) {
      context.report('too-few-blocks', at(key), `is there ${count} times, needed are ${least}`);
    }
    const most = block.max ?? (block.nesting === 'single' || block.nesting === 'group' ? 1 : Number.POSITIVE_INFINITY);
    if (count > most) context.report('too-many-blocks', at(key), `is there ${count} times, allowed are ${most}`);
  }
}

function checkAttribute(attribute: AttributeSchema, value: unknown, path: string, context: BodyContext): void {
  if (value === null || value === undefined) return;
  if (!attribute.required && !attribute.optional) {
    context.report('read-only-argument', path, 'may only be set by the provider');
    return;
  }
  if (attribute.deprecated) context.report('deprecated', path, 'is deprecated');
  if (attribute.nested) checkNested(attribute.nested, value, path, context);
  else {
    for (const { kind, at, message } of mismatches(value, attribute.type ?? 'dynamic')) {
      context.report(kind, `${path}${at}`, message);
    }
  }
  const secret = attribute.write_only || attribute.sensitive;
  if (secret && holdsLiteral(value))
    context.report('literal-value', path, 'is secret, and a value is written in the file');
  if (!attribute.write_only && !context.ephemeralAnywhere && holdsEphemeral(value, context.ephemeralVariables)) {
    context.report('ephemeral-value', path, 'is stored, an ephemeral value may only go into a write-only argument');
  }
}

function checkNested(
  { nesting, attributes }: NonNullable<AttributeSchema['nested']>,
  value: unknown,
  path: string,
  context: BodyContext,
): void {
  if (isExpression(value)) return;
  const collected = nesting === 'list' || nesting === 'set';
  if (collected ? !Array.isArray(value) : !isObject(value)) {
    context.report('wrong-type', path, `is ${kindOf(value)}, expected is ${collected ? 'a list' : 'an object'}`);
    return;
  }
  for (const [at, member] of membersOf(value, nesting, path)) {
    if (isObject(member)) checkMembers({ attributes }, member, at, context);
    else if (!isExpression(member)) context.report('wrong-type', at, `is ${kindOf(member)}, expected is an object`);
  }
}

function checkBlocks(block: NestedBlockSchema, value: unknown, path: string, context: BodyContext): void {
  if (value === null) return;
  if (typeof value !== 'object') {
    context.report('block-expected', path, `is ${kindOf(value)}, expected is a block`);
    return;
  }
  if (block.deprecated && countBlocks(block, value) > 0) context.report('deprecated', path, 'is deprecated');
  const nesting = Array.isArray(value) ? 'list' : block.nesting === 'map' ? 'map' : 'single';
  for (const [at, body] of membersOf(value, nesting, path)) {
    if (isObject(body)) checkMembers(block, body, at, context);
    else context.report('block-expected', at, `is ${kindOf(body)}, expected is a block`);
  }
}

function membersOf(value: unknown, nesting: string, path: string): readonly (readonly [string, unknown])[] {
  if (Array.isArray(value)) return value.map((member, index) => [`${path}[${index}]`, member] as const);
  if (nesting === 'map' && isObject(value))
    return Object.entries(value).map(([key, member]) => [`${path}[${key}]`, member]);
  return [[path, value]];
}

function countBlocks(block: NestedBlockSchema, value: unknown): number {
  if (Array.isArray(value)) return value.length;
  if (!isObject(value)) return 0;
  return block.nesting === 'map' ? Object.keys(value).length : 1;
}

/** Blocks that Terraform makes from a collection, by the name of the block. */
function dynamicBlocks(value: unknown): readonly (readonly [string, readonly Value[]])[] | undefined {
  if (value === undefined) return undefined;
  const listed: readonly unknown[] = Array.isArray(value) ? value : [value];
  return listed.filter(isObject).flatMap((one) =>
    Object.entries(one).map(([name, body]) => {
      const bodies: readonly unknown[] = Array.isArray(body) ? body : [body];
      return [
        name,
        bodies
          .filter(isObject)
          .map(({ content }) => content)
          .filter(isObject),
      ] as const;
    }),
  );
}

function isExpression(value: unknown): boolean {
  return typeof value === 'string' && readTemplate(value).code.length > 0;
}

/** Every string inside a value. */
export function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(strings);
}

function holdsLiteral(value: unknown): boolean {
  return typeof value === 'number' || strings(value).some((text) => text !== '' && !isExpression(text));
}

function holdsEphemeral(value: unknown, variables: ReadonlySet<string>): boolean {
  return strings(value).some((text) =>
    readTemplate(text).code.some(
      (code) =>
        references(code).some(({ kind }) => kind === 'ephemeral') ||
        [...code.matchAll(/\bvar\.(\w+)/g)].some(([, name]) => variables.has(name ?? '')),
    ),
  );
}
