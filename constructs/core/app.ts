import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { App, DefaultTokenResolver, StringConcat, TerraformElement, TerraformStack, Tokenization } from 'cdktf';
import { withoutCreationStacks } from './creation-stacks';
import { type CoreEnvironment, environmentsProblems } from './environment';
import { InvalidProps, type Problem } from './errors';
import { makeStagingFolder, publish } from './publish';

/** Signals on which an interrupted run cleans up and leaves the previous output whole. */
const INTERRUPTS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** A stack's class: code once, instantiated for each environment. */
export type StackClass<E extends CoreEnvironment> = new (app: App, environment: E) => TerraformStack;

/** What was found out about a list of environments before any stack was made. */
export interface EnvironmentsReport {
  readonly problems: readonly Problem[];
  /** What is allowed and yet worth a second look. */
  readonly warnings: readonly string[];
}

/** An app as data: its environments, and the stacks that each of them gets. */
export interface AppDefinition<E extends CoreEnvironment> {
  readonly environments: readonly E[];
  readonly stacks: readonly StackClass<E>[];
  /**
   * Checks the environments as data, all of them together.
   *
   * @default - each stack's constructs check what they use
   */
  readonly check?: (environments: readonly E[]) => EnvironmentsReport;
}

/** What a successful synthesis leaves. */
export interface Synthesis {
  /** The folder that was published. */
  readonly outdir: string;
  /** The ids of the stacks, in the order in which the app declares them. */
  readonly stacks: readonly string[];
  readonly warnings: readonly string[];
}

/** Thrown when anything was refused: every error of every stack, and nothing published. */
export class SynthesisRefused extends Error {
  override readonly name = 'SynthesisRefused';

  constructor(
    /** One line or more for each error, as a user should read it. */
    readonly messages: readonly string[],
    /** The errors themselves, for whoever debugs the app. */
    readonly causes: readonly unknown[] = [],
  ) {
    super(messages.join('\n'));
  }
}

/**
 * Synthesizes an app: every stack is tried, and the output is published only when all of them are whole.
 *
 * Terraform JSON is written to a folder beside the output and then moved there file by file, so that a run that is
 * refused, interrupted or out of disk space leaves the previous output as it was.
 *
 * @throws {SynthesisRefused} with all errors together; a reference from one stack to another is `SR-CROSS-STACK`.
 */
export async function synthesize<E extends CoreEnvironment>(
  definition: AppDefinition<E>,
  outdir: string,
): Promise<Synthesis> {
  const warnings = checkEnvironments(definition);
  const staging = makeStagingFolder(outdir);
  const release = onInterrupt(() => rmSync(staging, { recursive: true, force: true }));
  try {
    const stacks = withoutCreationStacks(() => synthesizeInto(definition, staging));
    await hearSignals();
    publish(staging, outdir);
    return { outdir, stacks, warnings };
  } finally {
    release();
    rmSync(staging, { recursive: true, force: true });
  }
}

function checkEnvironments<E extends CoreEnvironment>({ check, environments }: AppDefinition<E>): readonly string[] {
  const report = check?.(environments) ?? { problems: [], warnings: [] };
  const problems = [...environmentsProblems(environments), ...report.problems];
  if (problems.length > 0) {
    const error = new InvalidProps('environments', problems);
    // An app's own check may well have made the one of core too.
    throw new SynthesisRefused([...new Set(error.lines)], [error]);
  }
  return report.warnings;
}

function synthesizeInto<E extends CoreEnvironment>(definition: AppDefinition<E>, staging: string): readonly string[] {
  // Validations are run here, stack by stack, so that one stack's errors don't hide another's.
  const app = new App({ outdir: staging, stackTraces: false, skipValidation: true });
  const errors = new Errors();
  errors.add(hclErrors(app));
  const made = definition.environments.flatMap((environment) =>
    definition.stacks.map((Stack) => errors.collect(environment.name, () => new Stack(app, environment))),
  );
  for (const stack of made) if (stack !== undefined) errors.add(validationErrors(stack));
  errors.add(app.node.validate());
  errors.throwIfAny();
  const stacks = app.node.findAll().filter(TerraformStack.isStack);
  writeAll(app, stacks, errors);
  errors.throwIfAny();
  for (const stack of stacks) errors.add(crossStackErrors(staging, stack.node.id));
  errors.throwIfAny();
  return stacks.map((stack) => stack.node.id);
}

/** CDKTF reads this wish from the process environment itself, so it can only be refused, not overruled. */
function hclErrors(app: App): readonly string[] {
  if (!app.hclOutput) return [];
  return [
    'app: output is HCL, which has no form for ephemeral blocks in CDKTF; synthesize JSON, the default [SR-EPHEMERAL-HCL]',
  ];
}

function validationErrors(stack: TerraformStack): readonly string[] {
  return stack.node.findAll().flatMap((construct) => construct.node.validate());
}

/** Writes all stacks in one go; CDKTF stops at the first error, so after one every element is tried by itself. */
function writeAll(app: App, stacks: readonly TerraformStack[], errors: Errors): void {
  try {
    app.synth();
  } catch (error) {
    for (const element of stacks.flatMap((stack) => stack.node.findAll()).filter(TerraformElement.isTerraformElement)) {
      errors.collect(element.node.path, () => render(element));
    }
    if (errors.none) errors.collect('app', () => fail(error));
  }
}

function render(element: TerraformElement): void {
  const resolver = new DefaultTokenResolver(new StringConcat());
  Tokenization.resolve(element.toTerraform(), { scope: element, resolver, preparing: false });
}

function fail(error: unknown): never {
  throw error;
}

function crossStackErrors(folder: string, stack: string): readonly string[] {
  const text = readFileSync(join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8');
  if (!text.includes('"terraform_remote_state"')) return [];
  const { data } = JSON.parse(text) as { readonly data: { readonly terraform_remote_state: object } };
  const others = Object.keys(data.terraform_remote_state).map((name) =>
    name.replace('cross-stack-reference-input-', ''),
  );
  return [
    `${stack}: a value refers to ${others.join(', ')}, which would copy it into that stack's state; compose the name or id from the environment and order the stacks with applyAfter [SR-CROSS-STACK]`,
  ];
}

/** Errors of several stacks, kept until all were tried. */
class Errors {
  private readonly messages: string[] = [];
  private readonly causes: unknown[] = [];

  get none(): boolean {
    return this.messages.length === 0;
  }

  add(messages: readonly string[]): void {
    this.messages.push(...messages);
  }

  collect<T>(where: string, action: () => T): T | undefined {
    try {
      return action();
    } catch (error) {
      this.causes.push(error);
      this.add(error instanceof InvalidProps ? error.lines : [`${where}: ${plainMessage(error)}`]);
      return undefined;
    }
  }

  throwIfAny(): void {
    if (!this.none) throw new SynthesisRefused(this.messages, this.causes);
  }
}

/** What an error says, without what CDKTF puts around it: words in front, and a full stop behind for each. */
function plainMessage(error: unknown): string {
  const whole = error instanceof Error ? error.message : String(error);
  // Of a token that was made before synthesis began, CDKTF knows where.
  const message = whole.replace(/\nObject creation stack:[\s\S]*$/, '');
  const [words = ''] = /^(?:Resolution error: )*/.exec(message) ?? [];
  const stops = words.length / 'Resolution error: '.length;
  return message.slice(words.length).replace(new RegExp(`\\.{0,${stops}}$`), '');
}

/**
 * Lets the event loop look for signals: synthesis was synchronous, so one that came meanwhile was not heard yet.
 *
 * Two turns, since the first may be the rest of the turn in which synthesis was called, after its look for signals.
 */
async function hearSignals(): Promise<void> {
  for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
}

function onInterrupt(cleanUp: () => void): () => void {
  const handlers = Object.entries(INTERRUPTS).map(([signal, exitCode]) => {
    const handler = () => {
      cleanUp();
      process.exit(exitCode);
    };
    process.once(signal as NodeJS.Signals, handler);
    return () => process.removeListener(signal, handler);
  });
  return () => {
    for (const release of handlers) release();
  };
}
