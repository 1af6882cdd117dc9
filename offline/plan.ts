import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { JsonObject } from '../review/model';
import type { Against } from './against';
import { type Diagnostic, readStream, readValidation } from './diagnostics';
import type { Engine } from './engine';
import { engineError } from './engine-error';
import { childEnvironment, engineConfiguration } from './environment';
import { overrideOf } from './override';
import { pluginFault } from './plugin-fault';
import { PlanImpossible } from './problem';
import { type Outcome, run } from './process';
import { closeFolder, openFolder } from './run-folders';
import type { Serving } from './serving';
import type { SynthesizedStack } from './synthesized';

/** Milliseconds for one command of the engine. */
const TIMEOUT = 300_000;

/** One resource or data source in a plan, as `show -json` prints it. */
export interface ResourceChange {
  readonly address: string;
  /** Where a `moved` block says that it was. */
  readonly previous_address?: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly after_unknown?: Readonly<Record<string, unknown>> | boolean;
    /** Marks in the shape of `after`: what must not be shown. */
    readonly after_sensitive?: Readonly<Record<string, unknown>> | boolean;
    readonly replace_paths?: readonly (readonly (string | number)[])[];
  };
}

/** What came of planning one stack. */
export interface PlannedStack {
  readonly stack: SynthesizedStack;
  readonly servings: readonly Serving[];
  readonly changes: readonly ResourceChange[];
  /** Errors and warnings of the engine; a plan with an error has no changes. */
  readonly diagnostics: readonly Diagnostic[];
  /** What `show -json` printed; empty when there is no plan. */
  readonly json: string;
  /** What a person reads; empty when there is no plan. */
  readonly text: string;
  /** Everything that the engine printed, in order. */
  readonly printed: readonly string[];
  readonly milliseconds: number;
  /** Where the plan is on a state made from another synth output. */
  readonly against?: Against;
}

/** What a plan may differ in from one on nothing. */
export interface PlanOptions {
  /** The state to plan on. @default - nothing exists */
  readonly state?: string;
  /** More arguments of `plan`. */
  readonly args?: readonly string[];
  /** One more override of the stack. */
  readonly extra?: JsonObject;
}

/** A copy of one stack in a temporary folder, in which an engine runs cut off from everything of the user's. */
export class PlanFolder {
  readonly printed: string[] = [];
  /** Holds the copy, the state and the plan. */
  readonly folder: string;
  private readonly root: string;
  private readonly env: Readonly<Record<string, string>>;
  private readonly text: string;

  constructor(
    private readonly engine: Engine,
    private readonly stack: SynthesizedStack,
    servings: readonly Serving[],
  ) {
    this.root = openFolder('offline-plan-');
    this.folder = join(this.root, 'stack');
    mkdirSync(join(this.root, 'home'));
    const mirror = join(this.root, 'mirror');
    mkdirSync(mirror);
    for (const { provider, plugin } of servings) {
      if (plugin !== undefined) laidOut(mirror, provider.source, plugin);
    }
    writeFileSync(join(this.root, 'engine.rc'), engineConfiguration(mirror));
    cpSync(stack.folder, this.folder, { recursive: true });
    // Locks and packages of the user's own runs would choose other providers.
    rmSync(join(this.folder, '.terraform'), { recursive: true, force: true });
    rmSync(join(this.folder, '.terraform.lock.hcl'), { force: true });
    this.text = readFileSync(join(this.folder, 'cdk.tf.json'), 'utf8');
    const override = overrideOf(stack.model, servings);
    writeFileSync(join(this.folder, 'offline_override.tf.json'), JSON.stringify(override, undefined, 2));
    this.env = childEnvironment({
      root: this.root,
      reattach: Object.fromEntries(servings.flatMap(reattached)),
      plugins: Object.assign({}, ...servings.map(({ environment }) => environment ?? {})),
    });
  }

  /** Initializes and validates; returns what the engine has to say. */
  async prepare(): Promise<readonly Diagnostic[]> {
    const init = await this.execute('init', '-no-color', '-input=false', '-backend=true');
    const validation = await this.execute('validate', '-json');
    const diagnostics = this.withoutFault('validate', this.validationOf(validation));
    if (init.code === 0 || diagnostics.some(({ severity }) => severity === 'error')) return diagnostics;
    throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} init: ${engineError(init)}`);
  }

  /** Plans; `undefined` with diagnostics when there can be no plan. */
  async plan(...args: readonly string[]): Promise<{
    readonly plan?: { readonly json: string; readonly text: string };
    readonly diagnostics: readonly Diagnostic[];
  }> {
    const planned = await this.execute(
      'plan',
      '-no-color',
      '-input=false',
      '-lock=false',
      '-out=offline.tfplan',
      ...args,
    );
    if (planned.code !== 0) {
      // The same again for machines: only that form tells the places.
      const again = await this.execute('plan', '-json', '-input=false', '-lock=false', ...args);
      const diagnostics = this.withoutFault('plan', readStream(this.stack.model, this.text, again.stdout));
      if (diagnostics.some(({ severity }) => severity === 'error')) return { diagnostics };
      throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} plan: ${engineError(planned)}`);
    }
    const shown = await this.execute('show', '-json', 'offline.tfplan');
    if (shown.code !== 0) {
      throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} show: ${engineError(shown)}`);
    }
    return { plan: { json: shown.stdout, text: planned.stdout }, diagnostics: [] };
  }

  /** Applies without asking. @throws PlanImpossible when that fails */
  async apply(...args: readonly string[]): Promise<void> {
    const applied = await this.execute('apply', '-no-color', '-input=false', '-auto-approve', ...args);
    if (applied.code === 0) return;
    throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} apply: ${engineError(applied)}`);
  }

  /** Removes the folder with everything in it. */
  dispose(): void {
    closeFolder(this.root);
  }

  private async execute(...args: readonly string[]): Promise<Outcome> {
    const outcome = await run(this.engine.binary, args, { cwd: this.folder, env: this.env, timeout: TIMEOUT });
    this.printed.push(outcome.stdout, outcome.stderr);
    if (outcome.code !== null) return outcome;
    throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} ${args[0]} was killed`);
  }

  /** A plugin that fails is no mistake of the stack's. */
  private withoutFault(command: string, diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    const fault = pluginFault(diagnostics);
    if (fault === undefined) return diagnostics;
    throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} ${command}: ${fault}`);
  }

  private validationOf(validation: Outcome): readonly Diagnostic[] {
    try {
      return readValidation(this.stack.model, this.text, validation.stdout);
    } catch {
      throw new PlanImpossible(`${this.stack.id}: ${this.engine.product} validate: ${engineError(validation)}`);
    }
  }
}

/** Runs init, validate, plan and show for one stack. */
export async function planStack(
  engine: Engine,
  stack: SynthesizedStack,
  servings: readonly Serving[],
  { state, args = [], extra }: PlanOptions = {},
): Promise<PlannedStack> {
  const start = performance.now();
  const folder = new PlanFolder(engine, stack, servings);
  try {
    if (state !== undefined) writeFileSync(join(folder.folder, 'terraform.tfstate'), state);
    if (extra !== undefined)
      writeFileSync(join(folder.folder, 'offline_extra_override.tf.json'), JSON.stringify(extra));
    const validation = await folder.prepare();
    const valid = validation.every(({ severity }) => severity !== 'error');
    const { plan, diagnostics } = valid
      ? await folder.plan(...(state === undefined ? [] : ['-refresh=false']), ...args)
      : { plan: undefined, diagnostics: [] };
    const json = plan?.json ?? '';
    return {
      stack,
      servings,
      changes: json === '' ? [] : changesIn(json),
      diagnostics: [...validation, ...diagnostics],
      json,
      text: plan?.text ?? '',
      printed: folder.printed,
      milliseconds: Math.round(performance.now() - start),
    };
  } finally {
    folder.dispose();
  }
}

/** Everything of one provider that is served by a process that listens already, by address. */
function reattached({ provider, reattach, reader }: Serving): readonly (readonly [string, object])[] {
  return [
    ...(reattach === undefined ? [] : [[provider.source, reattach] as const]),
    ...(reader === undefined ? [] : [[reader.source, reader.reattach] as const]),
  ];
}

/** The resources in a plan's JSON. */
export function changesIn(json: string): readonly ResourceChange[] {
  const parsed = JSON.parse(json) as { readonly resource_changes?: readonly ResourceChange[] };
  return parsed.resource_changes ?? [];
}

/** Lays a plugin into a mirror of the run's own, so that nothing else of a mirror or a cache takes part. */
export function laidOut(mirror: string, source: string, plugin: string): void {
  const [version = '', platform = ''] = plugin.split('/').slice(-2);
  const target = join(mirror, source, version, platform);
  mkdirSync(dirname(target), { recursive: true });
  symlinkSync(plugin, target, 'dir');
}
