import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '../review/model';
import { changedAttributes } from './against-differences';
import { pluginSchema } from './against-schema';
import type { Engine, Environment } from './engine';
import { PlanFolder, type PlannedStack, planStack, type ResourceChange } from './plan';
import { PlanImpossible } from './problem';
import type { Providers } from './providers';
import type { Serving } from './serving';
import { type StandIn, startStandIn } from './stand-in/provider';
import { onlyUsed } from './stand-in/schemas';
import type { SynthesizedStack } from './synthesized';

/** A resource of which the made-up state is not what its provider expects. */
export interface Doubt {
  readonly address: string;
  /** Attributes that the unchanged base wanted to change. */
  readonly attributes: readonly string[];
}

/** How a plan stands to the base branch. */
export interface Against {
  /** Whether both have the stack, or only the present synth, or only the base. */
  readonly is: 'both' | 'new' | 'gone';
  readonly doubts: readonly Doubt[];
  /** Why there is no state of the base although it has the stack. */
  readonly withoutState?: string;
  /** Why the state that was made is of no use: neither base nor present can be planned on it. */
  readonly unusable?: string;
  /** Why the state could not be checked. */
  readonly unchecked?: string;
}

/** One stack, as it was and as it is; one of the two is there. */
export type Pair =
  | { readonly base: SynthesizedStack; readonly present?: undefined }
  | { readonly base?: SynthesizedStack | undefined; readonly present: SynthesizedStack };

/** Plans stacks on states that are made from another synth output. */
export class AgainstPlanner {
  private readonly makers = new Map<string, Promise<StandIn>>();

  constructor(
    private readonly engine: Engine,
    private readonly providers: Providers,
    private readonly env: Environment,
  ) {}

  /** Plans the present stack on the state that its base would leave. */
  async plan({ base, present }: Pair): Promise<PlannedStack> {
    if (present === undefined) return this.planGone(base);
    if (base === undefined) return { ...(await this.planPresent(present)), against: { is: 'new', doubts: [] } };
    const state = await this.stateOf(base, present);
    if (typeof state !== 'string') {
      const against = { is: 'both', doubts: [], withoutState: state.because } as const;
      return { ...(await this.planPresent(present)), against };
    }
    const planned = await this.planPresent(present, { base, state });
    // What an unchanged stack wants to change is exactly what is wrong with the state.
    const unchanged = planned.json !== '' && JSON.stringify(base.model.json) === JSON.stringify(present.model.json);
    const check = unchanged ? planned : await this.check(base, present, state);
    if (check.json !== '') return { ...planned, against: { is: 'both', doubts: doubtsOf(check.changes) } };
    const errors = errorsOf(check);
    // A plugin may say why in many lines; the first says what it didn't take.
    const because = errors[0]?.split('\n')[0] ?? 'it has no plan';
    // An error that only the present has is about what it changes, and stands.
    const shared = planned.json === '' && errorsOf(planned).every((one) => errors.includes(one));
    const fresh = shared ? await this.planPresent(present) : undefined;
    if (fresh === undefined || fresh.json === '') {
      return { ...planned, against: { is: 'both', doubts: [], unchecked: because } };
    }
    return { ...fresh, against: { is: 'both', doubts: [], unusable: because } };
  }

  /** A state of the base as its providers would leave it, with made-up values; or why there can be none. */
  async stateOf(base: SynthesizedStack, present?: SynthesizedStack): Promise<string | { readonly because: string }> {
    const folder = new PlanFolder(this.engine, base, await this.makersOf(await this.providers.serve(base, present)));
    try {
      const problem = (await folder.prepare()).find(({ severity }) => severity === 'error');
      if (problem !== undefined) return { because: `${problem.at ?? base.id}: ${problem.summary}: ${problem.detail}` };
      await folder.apply('-lock=false');
      return withoutData(readFileSync(join(folder.folder, 'terraform.tfstate'), 'utf8'));
    } catch (error) {
      if (error instanceof PlanImpossible) return { because: error.message };
      throw error;
    } finally {
      folder.dispose();
    }
  }

  /** Stops what was started to make states. */
  async stop(): Promise<void> {
    for (const maker of this.makers.values()) await maker.then((standIn) => standIn.stop()).catch(() => {});
    this.makers.clear();
  }

  /** Every provider stood in, with the schema of the plugin that will plan on the state. */
  private makersOf(servings: readonly Serving[]): Promise<readonly Serving[]> {
    return Promise.all(
      servings.map(async (serving): Promise<Serving> => {
        const { provider, plugin } = serving;
        if (plugin === undefined) return serving;
        const maker = this.makers.get(plugin) ?? this.startMaker(serving);
        this.makers.set(plugin, maker);
        const { reattach } = await maker;
        const reads = serving.reader === undefined ? {} : { reader: serving.reader };
        return { provider, kind: 'stand-in', described: '', notes: [], reattach, ...reads };
      }),
    );
  }

  private async startMaker(serving: Serving): Promise<StandIn> {
    const schema = await pluginSchema(this.engine, serving, this.env);
    return startStandIn(onlyUsed(schema, this.providers.used()));
  }

  private async planGone(base: SynthesizedStack): Promise<PlannedStack> {
    const state = await this.stateOf(base);
    if (typeof state !== 'string') return unplanned(base, { is: 'gone', doubts: [], withoutState: state.because });
    const servings = await this.providers.serve(base);
    const options = { state, args: ['-destroy'], extra: unguarded(base) };
    return { ...(await planStack(this.engine, base, servings, options)), against: { is: 'gone', doubts: [] } };
  }

  private async planPresent(
    present: SynthesizedStack,
    on?: { readonly base: SynthesizedStack; readonly state: string },
  ): Promise<PlannedStack> {
    const servings = await this.providers.serve(present, on?.base);
    return planStack(this.engine, present, servings, on === undefined ? {} : { state: on.state });
  }

  private async check(base: SynthesizedStack, present: SynthesizedStack, state: string): Promise<PlannedStack> {
    const servings = await this.providers.serve(base, present);
    try {
      return await planStack(this.engine, base, servings, { state, extra: unguarded(base) });
    } catch (error) {
      if (!(error instanceof PlanImpossible)) throw error;
      // A plugin may fall over a made-up state; the present stack is planned all the same.
      const problem = { severity: 'error', summary: error.message, detail: '' } as const;
      return { ...unplanned(base, { is: 'both', doubts: [] }), diagnostics: [problem] };
    }
  }
}

function errorsOf({ diagnostics }: PlannedStack): readonly string[] {
  return diagnostics.filter(({ severity }) => severity === 'error').map(({ summary }) => summary);
}

/** What the unchanged base wanted to change, by resource. */
function doubtsOf(changes: readonly ResourceChange[]): readonly Doubt[] {
  return changes.flatMap((change): readonly Doubt[] => {
    const { address, mode } = change;
    if (mode !== 'managed' || change.change.actions.join() === 'no-op') return [];
    return [{ address, attributes: changedAttributes(change) }];
  });
}

/**
 * An override that lifts `prevent_destroy`: it must neither keep a stack that is gone from being shown, nor hide what
 * is wrong with a state behind a refusal.
 */
function unguarded(stack: SynthesizedStack): JsonObject {
  const types: Record<string, Record<string, JsonObject>> = {};
  for (const { mode, type, name, body } of stack.model.blocks) {
    if (mode !== 'resource' || body['lifecycle'] === undefined) continue;
    types[type] = { ...types[type], [name]: { lifecycle: { prevent_destroy: false } } };
  }
  return Object.keys(types).length === 0 ? {} : { resource: types };
}

/** A state without what is read anew by every plan, and which would only ask for the provider that it was read by. */
function withoutData(state: string): string {
  const parsed = JSON.parse(state) as { readonly resources: readonly { readonly mode: string }[] };
  const resources = parsed.resources.filter(({ mode }) => mode !== 'data');
  return resources.length === parsed.resources.length ? state : JSON.stringify({ ...parsed, resources }, undefined, 2);
}

function unplanned(stack: SynthesizedStack, against: Against): PlannedStack {
  const nothing = { servings: [], changes: [], diagnostics: [], printed: [] };
  return { stack, ...nothing, json: '', text: '', milliseconds: 0, against };
}
