import { type Block, type Json, readStacks } from '../../review/model';

/** References to a block of the same stack, as far as its name: the two programs name their constructs each in its way. */
const NAMED = /\b((?:ephemeral\.)?(?:aws|random)_\w+)\.[\w-]+/g;

/**
 * Counts the resources of two outputs that hold the same ones.
 *
 * @throws when a resource of one has no equal in the other, names of constructs aside: then the two aren't a comparison.
 */
export function sameResources(one: string, other: string): number {
  const [left, right] = [resourcesOf(one), resourcesOf(other)];
  const apart = left.find((resource, n) => resource !== right[n]) ?? right[left.length];
  if (apart !== undefined || left.length === 0) throw new Error(`the bench compares different resources: ${apart}`);
  return left.length;
}

function resourcesOf(outdir: string): readonly string[] {
  return readStacks(outdir)
    .flatMap(({ id, blocks }) => blocks.map((block) => `${id} ${text(block)}`))
    .sort();
}

function text({ mode, type, body }: Block): string {
  return `${mode} ${type} ${JSON.stringify(unnamed(body))}`;
}

function unnamed(value: Json): Json {
  if (typeof value === 'string') return value.replace(NAMED, '$1.*');
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(unnamed).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unnamed(one)]));
}
