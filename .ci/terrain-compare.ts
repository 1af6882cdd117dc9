import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

/** How the stacks of two synthesized folders compare. */
export interface Compared {
  readonly equal: number;
  /** One line for each stack that differs: where it does first. */
  readonly different: readonly string[];
}

/** Compares the stacks of two folders as values, the version of the library that wrote them aside. */
export function differences(one: string, other: string): Compared {
  const ids = [...new Set([...stackIds(one), ...stackIds(other)])].sort();
  const different = ids.flatMap((id) => {
    const place = firstDifference(stackOf(one, id), stackOf(other, id));
    return place === undefined ? [] : [`${id}: differs at ${place}`];
  });
  return { equal: ids.length - different.length, different };
}

/** The versions of the libraries that wrote a folder's stacks. */
export function versionsIn(outdir: string): readonly string[] {
  const versions = stackIds(outdir).map((id) => readStack(outdir, id)?.['//']?.metadata?.version ?? 'unknown');
  return [...new Set(versions)];
}

/** The path of the first difference of two values, or nothing. */
export function firstDifference(a: unknown, b: unknown, path = 'the top'): string | undefined {
  if (isDeepStrictEqual(a, b)) return undefined;
  if (!isObject(a) || !isObject(b)) return path;
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])].sort();
  const below = (key: string) => (path === 'the top' ? key : `${path}.${key}`);
  return keys.map((key) => firstDifference(a[key], b[key], below(key))).find((found) => found !== undefined) ?? path;
}

function stackIds(outdir: string): readonly string[] {
  return readdirSync(join(outdir, 'stacks'));
}

interface SynthesizedStack {
  readonly '//'?: { readonly metadata?: { readonly version?: string } };
}

function stackOf(outdir: string, id: string): unknown {
  const stack = readStack(outdir, id);
  const { version: _, ...metadata } = stack?.['//']?.metadata ?? {};
  return stack && { ...stack, '//': { ...stack['//'], metadata } };
}

function readStack(outdir: string, id: string): SynthesizedStack | undefined {
  const file = join(outdir, 'stacks', id, 'cdk.tf.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as SynthesizedStack) : undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
