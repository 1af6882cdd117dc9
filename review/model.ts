import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A value of Terraform's JSON. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
/** An object of Terraform's JSON. */
export type JsonObject = { readonly [key: string]: Json };

/** What kind of block something is; `data` is a data source. */
export type BlockMode = 'resource' | 'data' | 'ephemeral';

/** One resource, data source or ephemeral block. */
export interface Block {
  readonly mode: BlockMode;
  readonly type: string;
  readonly name: string;
  /** As Terraform writes it in plans, such as `aws_kms_key.key` or `data.aws_region.here`. */
  readonly address: string;
  /** The construct's path, where CDKTF wrote it down; the address where the block comes from elsewhere. */
  readonly path: string;
  /** The arguments, without CDKTF's metadata. */
  readonly body: JsonObject;
}

/** One synthesized stack: Terraform's JSON, in an order that does not depend on the file. */
export interface StackModel {
  readonly id: string;
  /** The environment's name, where the id has the form `<environment>-<app>-<store>[-part]`. */
  readonly environment: string | undefined;
  readonly blocks: readonly Block[];
  readonly outputs: JsonObject;
  readonly variables: JsonObject;
  readonly locals: JsonObject;
  /** The provider blocks, by name; each is a list of objects, whatever form the file had. */
  readonly providers: Readonly<Record<string, readonly JsonObject[]>>;
  /** The whole file. */
  readonly json: JsonObject;
}

const STACK_ID = /^([a-z][a-z0-9]*)-.+-(?:aws|azure|vault)(?:-.+)?$/;

/** Reads every stack that a synthesized folder's manifest names, in the manifest's order. */
export function readStacks(outdir: string): readonly StackModel[] {
  const manifest = asObject(parse(join(outdir, 'manifest.json')));
  return Object.entries(asObject(manifest['stacks'])).map(([id, stack]) => {
    const path = asObject(stack)['synthesizedStackPath'];
    return stackModel(id, asObject(parse(join(outdir, String(path)))));
  });
}

/** A stack as a model, whoever wrote its JSON. */
export function stackModel(id: string, json: JsonObject): StackModel {
  return {
    id,
    environment: STACK_ID.exec(id)?.[1],
    blocks: (['resource', 'data', 'ephemeral'] as const).flatMap((mode) => blocksOf(mode, asObject(json[mode]))),
    outputs: asObject(json['output']),
    variables: asObject(json['variable']),
    locals: asObject(json['locals']),
    providers: Object.fromEntries(
      Object.entries(asObject(json['provider'])).map(([name, one]) => [name, asObjects(one)]),
    ),
    json,
  };
}

/** The resources of one type. */
export function resourcesOf(stack: StackModel, ...types: readonly string[]): readonly Block[] {
  return stack.blocks.filter((block) => block.mode === 'resource' && types.includes(block.type));
}

/** The resource that a text refers to, when the text is one reference and nothing else. */
export function referredBlock(stack: StackModel, text: Json | undefined): Block | undefined {
  const address = typeof text === 'string' ? /^\$\{([\w-]+\.[\w-]+)(?:[.[].*)?\}$/s.exec(text)?.[1] : undefined;
  return stack.blocks.find((block) => block.address === address);
}

/**
 * A text with its references replaced by the literals that they lead to inside the stack.
 *
 * What only a provider knows stays a reference.
 */
export function literal(stack: StackModel, value: Json | undefined, depth = 8): string | undefined {
  if (typeof value !== 'string') return undefined;
  return value.replace(/\$\{([\w-]+\.[\w-]+)\.([\w-]+)\}/g, (reference, address: string, attribute: string) => {
    const block = stack.blocks.find((one) => one.address === address);
    const found = depth > 0 && block ? literal(stack, block.body[attribute], depth - 1) : undefined;
    return found ?? reference;
  });
}

/** An object, or an empty one. */
export function asObject(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

/** What a text of JSON says, or null where it is no JSON. */
export function parsedJson(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

/** A list of objects, whether the file has a list, one object or nothing. */
export function asObjects(value: Json | undefined): readonly JsonObject[] {
  if (Array.isArray(value)) return value.flatMap(asObjects);
  return typeof value === 'object' && value !== null ? [value as JsonObject] : [];
}

/** A list of texts, whether the file has a list, one text or nothing. */
export function asTexts(value: Json | undefined): readonly string[] {
  if (Array.isArray(value)) return value.filter((one): one is string => typeof one === 'string');
  return typeof value === 'string' ? [value] : [];
}

function blocksOf(mode: BlockMode, types: JsonObject): readonly Block[] {
  return Object.entries(types).flatMap(([type, blocks]) =>
    Object.entries(asObject(blocks)).flatMap(([name, bodies]) =>
      asObjects(bodies).map(({ '//': metadata, ...body }): Block => {
        const address = `${mode === 'resource' ? '' : `${mode}.`}${type}.${name}`;
        const path = asObject(asObject(metadata)['metadata'])['path'];
        return { mode, type, name, address, path: typeof path === 'string' ? path : address, body };
      }),
    ),
  );
}

function parse(file: string): Json {
  return JSON.parse(readFileSync(file, 'utf8')) as Json;
}
