import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One block's body, or any object of JSON. */
export type Body = Readonly<Record<string, unknown>>;

/** A synthesized stack as Terraform reads it. */
export interface StackJson {
  readonly terraform?: {
    readonly required_providers?: Readonly<Record<string, { readonly source: string; readonly version?: string }>>;
  } & Body;
  readonly provider?: Readonly<Record<string, readonly Body[]>>;
  readonly variable?: Readonly<Record<string, Body>>;
  readonly resource?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly data?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
  readonly ephemeral?: Readonly<Record<string, Readonly<Record<string, Body>>>>;
}

/** Where a synthesized stack is. */
export interface StackFile {
  readonly id: string;
  /** The folder of `cdk.tf.json` and its assets. */
  readonly folder: string;
  readonly json: StackJson;
}

/** Every stack of an output folder, by the manifest that lists them. */
export function readStacks(outdir: string): readonly StackFile[] {
  const manifest = readJson(join(outdir, 'manifest.json')) as {
    readonly stacks: Readonly<Record<string, { readonly name: string; readonly synthesizedStackPath: string }>>;
  };
  return Object.entries(manifest.stacks).map(([id, { synthesizedStackPath }]) => ({
    id,
    folder: join(outdir, 'stacks', id),
    json: readJson(join(outdir, synthesizedStackPath)) as StackJson,
  }));
}

/** One block of a stack. */
export interface Entry {
  readonly type: string;
  readonly name: string;
  readonly body: Body;
}

/** The blocks of one kind, flat. */
export function entries(
  blocks: Readonly<Record<string, Readonly<Record<string, Body>>>> | undefined,
): readonly Entry[] {
  return Object.entries(blocks ?? {}).flatMap(([type, named]) =>
    Object.entries(named).map(([name, body]) => ({ type, name, body })),
  );
}

/** Where in the tree of constructs a block comes from, by the metadata that CDKTF leaves in it. */
export function constructPath(body: Body): string | undefined {
  const metadata = (body['//'] as { readonly metadata?: { readonly path?: string } } | undefined)?.metadata;
  return metadata?.path;
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, 'utf8'));
}
