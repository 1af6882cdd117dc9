import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  asObject,
  asTexts,
  type Block,
  type Json,
  type JsonObject,
  type StackModel,
  stackModel,
} from '../review/model';
import { PlanImpossible } from './problem';

/** A synthesized stack and the folder that holds its JSON and its assets. */
export interface SynthesizedStack {
  readonly id: string;
  readonly folder: string;
  readonly model: StackModel;
  /** Ids of the stacks that must be deployed before this one. */
  readonly dependencies: readonly string[];
}

/** A provider as one stack requires it. */
export interface RequiredProvider {
  /** The stack's own name for it, such as `aws`. */
  readonly name: string;
  /** The whole source address, such as `registry.terraform.io/hashicorp/aws`. */
  readonly source: string;
  /** The last part of the source, such as `aws`. */
  readonly type: string;
  /** The version constraint; empty allows all. */
  readonly constraint: string;
}

const HOST = 'registry.terraform.io';

/** Providers that are part of the engine. */
const BUILT_IN = 'terraform.io/builtin/';

/**
 * Reads the stacks that an output folder's manifest names.
 *
 * @throws PlanImpossible when the folder is no output of CDKTF
 */
export function readSynthesized(outdir: string): readonly SynthesizedStack[] {
  const file = join(outdir, 'manifest.json');
  if (!existsSync(file)) throw new PlanImpossible(`${outdir} has no manifest.json; synthesize first, with npm start`);
  const stacks = asObject(asObject(parse(file))['stacks']);
  return Object.entries(stacks).map(([id, entry]) => {
    const { synthesizedStackPath: written } = asObject(entry);
    if (typeof written !== 'string') throw new PlanImpossible(`${file} names no file of stack ${id}`);
    const path = join(outdir, written);
    const model = stackModel(id, asObject(parse(path)));
    return { id, folder: dirname(path), model, dependencies: asTexts(asObject(entry)['dependencies']) };
  });
}

/** Every provider that a stack needs, declared or not, but for those inside the engine. */
export function requiredProviders(model: StackModel): readonly RequiredProvider[] {
  const declared = asObject(asObject(model.json['terraform'])['required_providers']);
  const names = new Set([
    ...Object.keys(declared),
    ...Object.keys(model.providers),
    ...model.blocks.map(providerNameOf),
  ]);
  return [...names].sort().flatMap((name): readonly RequiredProvider[] => {
    const entry: JsonObject =
      typeof declared[name] === 'string' ? { version: declared[name] as Json } : asObject(declared[name]);
    const source = fullSource(typeof entry['source'] === 'string' ? entry['source'] : name);
    if (source.startsWith(BUILT_IN) || (name === 'terraform' && declared[name] === undefined)) return [];
    const constraint = typeof entry['version'] === 'string' ? entry['version'] : '';
    return [{ name, source, type: source.split('/').at(-1) ?? name, constraint }];
  });
}

/** The stack's own name of the provider that a block is of. */
export function providerNameOf({ type, body }: Block): string {
  const named = typeof body['provider'] === 'string' ? body['provider'].split('.') : type.split('_');
  return named[0] ?? type;
}

/** A source with its host and its namespace; both engines then mean the same provider. */
export function fullSource(source: string): string {
  const parts = source.split('/');
  if (parts.length === 1) return `${HOST}/hashicorp/${source}`;
  return parts.length === 2 ? `${HOST}/${source}` : source;
}

function parse(file: string): Json {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Json;
  } catch (error) {
    throw new PlanImpossible(`${file} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
