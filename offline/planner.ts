import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { AgainstPlanner, type Pair } from './against';
import { downloadPlugins } from './download';
import { type Engine, findEngine } from './engine';
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
  /** Another synth output, such as the base branch's: plans are made on the state that it would leave. */
  readonly against?: string | undefined;
  /** Ids, or patterns with `*`. @default - every stack */
  readonly only?: readonly string[];
  /** `real` downloads the plugins that are not at hand; everything else never uses a network. @default 'at-hand' */
  readonly plugins?: 'at-hand' | 'real';
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
  const present = readSynthesized(props.outdir);
  const base = props.against === undefined ? undefined : readSynthesized(props.against);
  if (present.length === 0 && (base ?? []).length === 0)
    throw new PlanImpossible(`there is no stack in ${props.outdir}`);
  const idOf = (pair: Pair) => (pair.present ?? pair.base).id;
  const pairs = chosen(pairsOf(present, base ?? []), idOf, props.only ?? []);
  const stacks = pairs.flatMap(stacksOf);
  if (props.plugins === 'real') await downloadPlugins(engine, stacks, { env: props.env, allowed: props.allowed ?? {} });
  const providers = new Providers(stacks, props);
  const against = base === undefined ? undefined : new AgainstPlanner(engine, providers, props.env);
  const folder = join(props.outdir, 'plans');
  mkdirSync(folder, { recursive: true });
  let done = 0;
  try {
    const plans = await inParallel(pairs, workers(), async (pair) => {
      const planned = await (against?.plan(pair) ?? planAlone(engine, pair.present ?? pair.base, providers));
      writePlan(folder, planned);
      done += 1;
      props.onPlanned?.(summarizePlan(planned), done, pairs.length);
      return planned;
    });
    return { engine: `${engine.product} ${engine.version}`, summaries: plans.map(summarizePlan), plans };
  } finally {
    await against?.stop();
    await providers.stop();
  }
}

async function planAlone(engine: Engine, stack: SynthesizedStack, providers: Providers): Promise<PlannedStack> {
  return planStack(engine, stack, await providers.serve(stack));
}

function stacksOf({ present, base }: Pair): readonly SynthesizedStack[] {
  return [present, base].filter((one) => one !== undefined);
}

/** The stacks that are, in their order, then those that are gone. */
function pairsOf(present: readonly SynthesizedStack[], base: readonly SynthesizedStack[]): readonly Pair[] {
  const of = (stacks: readonly SynthesizedStack[], id: string) => stacks.find((one) => one.id === id);
  return [
    ...present.map((stack): Pair => ({ present: stack, base: of(base, stack.id) })),
    ...base.filter(({ id }) => of(present, id) === undefined).map((stack): Pair => ({ base: stack })),
  ];
}

/** The items whose ids are named, by patterns with `*` too; all where none is. */
export function chosen<T>(items: readonly T[], idOf: (item: T) => string, only: readonly string[]): readonly T[] {
  if (only.length === 0) return items;
  const ids = items.map(idOf);
  const patterns = only.map((one) => ({
    one,
    pattern: new RegExp(`^${one.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '.*')}$`),
  }));
  const lost = patterns.find(({ pattern }) => ids.every((id) => !pattern.test(id)));
  if (lost !== undefined) throw new PlanImpossible(`no stack is named ${lost.one}; there are ${ids.join(', ')}`);
  return items.filter((_, index) => patterns.some(({ pattern }) => pattern.test(ids[index] ?? '')));
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
