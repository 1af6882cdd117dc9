import { resolve } from 'node:path';
import { CdktfCli } from './cdktf-cli';
import { findEngine } from './engine';
import { changesIn, type ResourceChange } from './plan';
import { chosen } from './planner';
import { PlanImpossible } from './problem';
import type { Outcome } from './process';
import { Providers, type ServingProps } from './providers';
import { checkDeployable, checkDestroyable } from './sandbox-order';
import { SandboxWorkspace } from './sandbox-workspace';
import type { SynthesizedStack } from './synthesized';

/** Lines of a failed command that are worth repeating: the CLI prints its errors last. */
const TAIL = 40;

/** What to deploy, and where. */
export interface SandboxProps extends Pick<ServingProps, 'env' | 'schemas' | 'onOpen'> {
  /** The folder that holds everything of a sandbox: output, states, settings. */
  readonly folder: string;
  /** The folder of the project whose CLI of CDKTF is used, and in which the app runs. */
  readonly project: string;
  /** Command that synthesizes the app into `CDKTF_OUTDIR`. */
  readonly app: string;
  /** Id of the stacks, `*` for any part of it. @default '*' */
  readonly stacks?: string | undefined;
  /**
   * `pass` deploys, plans again, destroys and removes the folder; `keep` leaves all of it; `destroy` ends what was kept.
   *
   * @default 'pass'
   */
  readonly mode?: 'pass' | 'keep' | 'destroy';
  /** Hears of every step, in a line for people. */
  readonly onProgress?: (line: string) => void;
  /** Hears everything that commands printed, when all is over. */
  readonly onPrinted?: (text: string) => void;
}

/** One stack after its deploy. */
export interface SandboxStack {
  readonly stack: string;
  /** How many resources the state holds. */
  readonly resources: number;
  /** What a second plan would still change, a line each; it must be nothing. */
  readonly changes: readonly string[];
}

/** What came of a sandbox. */
export interface SandboxReport {
  readonly engine: string;
  readonly stacks: readonly SandboxStack[];
  /** Whether nothing of it is left. */
  readonly destroyed: boolean;
  /** Ids of the stacks of which something is deployed still. */
  readonly left: readonly string[];
  /** What went wrong, each with what the failed command printed last. */
  readonly problems: readonly string[];
}

/**
 * Deploys stacks onto stand-ins for their providers with the real CLI of CDKTF and a real engine, plans them again and
 * destroys them, without credentials and without a network.
 *
 * State is a file, and nothing is behind it: the stand-ins make nothing and keep nothing.
 *
 * @throws PlanImpossible when nothing can run, for one reason
 */
export async function runSandbox(props: SandboxProps): Promise<SandboxReport> {
  const engine = await findEngine(props.env);
  if (typeof engine === 'string') throw new PlanImpossible(engine);
  const project = resolve(props.project);
  const workspace = new SandboxWorkspace(resolve(props.folder), engine, CdktfCli.of(project), props.env['PATH']);
  const before = workspace.stacks;
  if (props.mode === 'destroy' && before.length === 0) {
    throw new PlanImpossible(`nothing is deployed in ${props.folder}`);
  }
  // What an earlier run was to keep stays until it is destroyed.
  let removable = (props.mode ?? 'pass') === 'pass' && before.length === 0;
  workspace.open(removable);
  try {
    const outcome = await new Pass(props, workspace, project, before).run();
    removable ||= outcome.destroyed || (before.length === 0 && outcome.left.length === 0);
    return { engine: `${engine.product} ${engine.version}`, ...outcome };
  } catch (error) {
    // It is thrown before anything is deployed.
    removable ||= error instanceof PlanImpossible && before.length === 0;
    throw error;
  } finally {
    props.onPrinted?.(workspace.printed.join('\n'));
    if (removable) workspace.remove();
    else workspace.release();
  }
}

/** What a pass leaves to report. */
type Outcomes = Omit<SandboxReport, 'engine'>;

/** One run of a sandbox, from synthesis to the end. */
class Pass {
  private readonly pattern: string;

  constructor(
    private readonly props: SandboxProps,
    private readonly workspace: SandboxWorkspace,
    private readonly project: string,
    /** What an earlier run left deployed. */
    private readonly before: readonly SynthesizedStack[],
  ) {
    this.pattern = props.stacks ?? '*';
  }

  async run(): Promise<Outcomes> {
    if (this.props.mode === 'destroy') return this.onStandIns(this.before, (stacks) => this.end(stacks, []));
    this.tell(`synthesizing by ${this.props.app}`);
    const app = await this.workspace.synthesize(this.props.app, this.project);
    if (app.code !== 0) {
      return { stacks: [], destroyed: false, left: this.left(this.before), problems: [failure('the app', app)] };
    }
    const present = this.workspace.stacks;
    if (present.length === 0) throw new PlanImpossible(`${this.props.app} synthesized no stack into CDKTF_OUTDIR`);
    return this.onStandIns(present, (stacks) => this.deployed(stacks));
  }

  private async onStandIns(
    present: readonly SynthesizedStack[],
    work: (stacks: readonly SynthesizedStack[]) => Promise<Outcomes>,
  ): Promise<Outcomes> {
    const stacks = chosen(present, ({ id }) => id, [this.pattern]);
    this.workspace.checkStates(stacks);
    this.checkOrder(present, stacks);
    const { env, schemas, onOpen } = this.props;
    const hooks = onOpen === undefined ? {} : { onOpen };
    // What an earlier run deployed and the app no longer has is in a state still: stand-ins must know its types.
    const providers = new Providers([...this.before, ...stacks], { env, schemas, prefer: 'stand-in', ...hooks });
    try {
      const served = stacks.map(async (stack) => ({ stack, servings: await providers.serve(stack) }));
      this.workspace.serve(await Promise.all(served));
      return await work(stacks);
    } finally {
      await providers.stop();
    }
  }

  private async deployed(stacks: readonly SynthesizedStack[]): Promise<Outcomes> {
    this.tell(`cdktf deploy '${this.pattern}' (${stacks.length} stacks)`);
    const deploy = await this.workspace.deploy(stacks, this.pattern);
    const problems = deploy.code === 0 ? [] : [failure('cdktf deploy', deploy)];
    const again: SandboxStack[] = [];
    for (const stack of deploy.code === 0 ? stacks : []) {
      const planned = await this.planAgain(stack);
      if ('problem' in planned) problems.push(planned.problem);
      else again.push(planned);
    }
    if (this.props.mode === 'keep') return { stacks: again, destroyed: false, left: this.left(), problems };
    const ended = await this.end(stacks, problems);
    return { ...ended, stacks: again };
  }

  private async planAgain(stack: SynthesizedStack): Promise<SandboxStack | { readonly problem: string }> {
    const planned = await this.workspace.planAgain(stack);
    if (!('json' in planned)) return { problem: failure(`the second plan of ${stack.id}`, planned) };
    const changes = remaining(planned.json);
    const resources = this.workspace.held(stack).length;
    this.tell(`${stack.id}: ${resources} resources, second plan ${changes.length === 0 ? 'empty' : 'NOT empty'}`);
    return { stack: stack.id, resources, changes };
  }

  private async end(stacks: readonly SynthesizedStack[], before: readonly string[]): Promise<Outcomes> {
    const deployed = stacks.filter((stack) => this.workspace.held(stack).length > 0);
    const problems = deployed.length === 0 ? [] : await this.destroy(deployed);
    const left = this.left();
    const destroyed = problems.length === 0 && left.length === 0;
    return { stacks: [], destroyed, left, problems: [...before, ...problems] };
  }

  /** Destroys stacks; returns what went wrong. */
  private async destroy(stacks: readonly SynthesizedStack[]): Promise<readonly string[]> {
    this.tell(`cdktf destroy '${this.pattern}'`);
    const destroy = await this.workspace.destroy(stacks, this.pattern);
    const problems = destroy.code === 0 ? [] : [failure('cdktf destroy', destroy)];
    for (const stack of stacks) {
      const held = this.workspace.held(stack);
      if (held.length > 0) problems.push(`${stack.id} was not destroyed: its state holds ${held.join(', ')}`);
      else if (destroy.code === 0) this.tell(`${stack.id}: destroyed`);
    }
    return problems;
  }

  /** Stacks of which something is deployed, in this run or in an earlier one. */
  private left(stacks: readonly SynthesizedStack[] = [...this.before, ...this.workspace.stacks]): readonly string[] {
    const known = new Map(stacks.map((stack) => [stack.id, stack]));
    return [...known.values()].filter((stack) => this.workspace.held(stack).length > 0).map(({ id }) => id);
  }

  private checkOrder(present: readonly SynthesizedStack[], stacks: readonly SynthesizedStack[]): void {
    const { mode = 'pass' } = this.props;
    const some = {
      chosen: stacks,
      others: present.filter((one) => !stacks.includes(one)),
      isDeployed: (stack: SynthesizedStack) => this.workspace.held(stack).length > 0,
    };
    if (mode !== 'destroy') checkDeployable(some);
    if (mode !== 'keep') checkDestroyable(some);
  }

  private tell(line: string): void {
    this.props.onProgress?.(line);
  }
}

/** What a plan still changes: resources with the attributes that differ, and outputs; never a value. */
function remaining(json: string): readonly string[] {
  const { output_changes: outputs = {} } = JSON.parse(json) as {
    readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
  };
  return [
    ...changesIn(json)
      .filter(({ change }) => !quiet(change.actions))
      .map(({ address, change }) => `${address}: ${change.actions.join(', ')}${attributes(change)}`),
    ...Object.entries(outputs)
      .filter(([, { actions }]) => !quiet(actions))
      .map(([name, { actions }]) => `output.${name}: ${actions.join(', ')}`),
  ];
}

function quiet(actions: readonly string[]): boolean {
  return actions.join() === 'no-op' || actions.join() === 'read';
}

function attributes({ before, after, after_unknown }: ResourceChange['change']): string {
  if (before === null || after === null) return '';
  const unknown = typeof after_unknown === 'object' ? after_unknown : {};
  const names = new Set([...Object.keys(before), ...Object.keys(after), ...Object.keys(unknown)]);
  const differing = [...names].filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]) || holdsTrue(unknown[name]),
  );
  return differing.length === 0 ? '' : ` (${differing.sort().join(', ')})`;
}

/** Whether some part of an attribute is unknown; parts that are known stand as empty objects and lists. */
function holdsTrue(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return value === true;
  return Object.values(value).some(holdsTrue);
}

function failure(what: string, { code, stdout, stderr }: Outcome): string {
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '');
  const ended = code === null ? 'was ended by a signal' : `ended with ${code}`;
  return [`${what} ${ended}:`, ...lines.slice(-TAIL)].join('\n');
}
