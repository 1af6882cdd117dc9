import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { findEngine } from './engine';
import { type PlannedStack, planStack } from './plan';
import { PlanImpossible } from './problem';
import { Providers, type ServingProps } from './providers';
import { type PlanSummary, summarizePlan, summaryText } from './summary';
import { readSynthesized, type SynthesizedStack } from './synthesized';

/** Bytes that an engine with a large plugin takes. */
const MEMORY = 1_500_000_000;

/** What to plan. */
export interface PlannerProps extends ServingProps {
  readonly outdir: string;
  /** Ids, or patterns with `*`. @default - every stack */
  readonly only?: readonly string[];
  /** Hears of every stack when it is done. */
  readonly onPlanned?: (summary: PlanSummary, done: number, of: number) => void;
}

/** What came of planning an output folder. */
export interface Planned {
  readonly engine: string;
  readonly summaries: readonly PlanSummary[];
  readonly plans: readonly PlannedStack[];
}

/**
 * Plans the stacks of an output folder, several at a time, and writes what came of each under `plans` in that folder.
 *
 * @throws PlanImpossible when nothing can be planned, for one reason
 */
export async function planAll(props: PlannerProps): Promise<Planned> {
  const engine = await findEngine(props.env);
  if (typeof engine === 'string') throw new PlanImpossible(engine);
  const all = readSynthesized(props.outdir);
  const stacks = chosen(all, props.only ?? []);
  const providers = new Providers(stacks, props);
  const folder = join(props.outdir, 'plans');
  mkdirSync(folder, { recursive: true });
  let done = 0;
  try {
    const plans = await inParallel(stacks, workers(), async (stack) => {
      const planned = await planStack(engine, stack, await providers.serve(stack));
      writePlan(folder, planned);
      done += 1;
      props.onPlanned?.(summarizePlan(planned), done, stacks.length);
      return planned;
    });
    return { engine: `${engine.product} ${engine.version}`, summaries: plans.map(summarizePlan), plans };
  } finally {
    await providers.stop();
  }
}

function chosen(stacks: readonly SynthesizedStack[], only: readonly string[]): readonly SynthesizedStack[] {
  if (only.length === 0) return stacks;
  const patterns = only.map((one) => ({
    one,
    pattern: new RegExp(`^${one.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`),
  }));
  const lost = patterns.find(({ pattern }) => stacks.every(({ id }) => !pattern.test(id)));
  if (lost === undefined) return stacks.filter(({ id }) => patterns.some(({ pattern }) => pattern.test(id)));
  throw new PlanImpossible(`no stack is named ${lost.one}; there are ${stacks.map(({ id }) => id).join(', ')}`);
}

/** A plan that is gone must not be read as the present one. */
function writePlan(folder: string, planned: PlannedStack): void {
  const base = join(folder, planned.stack.id);
  writeFileSync(`${base}.txt`, `${summaryText(summarizePlan(planned))}\n\n${planned.text}`);
  if (planned.json === '') rmSync(`${base}.json`, { force: true });
  else writeFileSync(`${base}.json`, planned.json);
}

function workers(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(freemem() / MEMORY)));
}

async function inParallel<T, U>(items: readonly T[], at: number, work: (item: T) => Promise<U>): Promise<readonly U[]> {
  const results: U[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const index = next;
      next += 1;
      const item = items[index];
      if (item !== undefined) results[index] = await work(item);
    }
  };
  // All of them end before an error is told, so that nothing runs on behind it.
  const ended = await Promise.allSettled(Array.from({ length: at }, worker));
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results;
}
