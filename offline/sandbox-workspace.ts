import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { asObject, type JsonObject } from '../review/model';
import type { CdktfCli, CliRun } from './cdktf-cli';
import type { Engine } from './engine';
import { childEnvironment, engineConfiguration } from './environment';
import { sourcesOverride } from './override';
import { PlanImpossible } from './problem';
import { type Outcome, run } from './process';
import { adoptFolder, closeFolder } from './run-folders';
import type { Serving } from './serving';
import { readSynthesized, type SynthesizedStack } from './synthesized';

/** Milliseconds for one command of the engine, and for the app. */
const TIMEOUT = 300_000;

/** The folder of a sandbox: what was synthesized, its states, and the settings that cut commands off from the user's. */
export class SandboxWorkspace {
  /** Everything that commands printed, in order. */
  readonly printed: string[] = [];
  private readonly outdir: string;
  private readonly settings: string;
  private readonly shown: string;
  private readonly claimed: string;
  private env: Readonly<Record<string, string>> = {};

  constructor(
    private readonly folder: string,
    private readonly engine: Engine,
    private readonly cli: CdktfCli,
    private readonly path: string | undefined,
  ) {
    this.outdir = join(folder, 'cdktf.out');
    this.settings = join(folder, 'settings');
    this.claimed = join(this.settings, 'process');
    this.shown = join(this.settings, 'shown.out');
  }

  /**
   * Makes the folder, or takes over the one of an earlier run.
   *
   * @param removable - whether an interrupt removes it
   * @throws PlanImpossible when something else is in it: it is removed as a whole later
   */
  open(removable: boolean): void {
    const configuration = join(this.settings, 'engine.rc');
    if (existsSync(this.folder) && readdirSync(this.folder).length > 0 && !existsSync(configuration)) {
      throw new PlanImpossible(`${this.folder} holds something else; name a folder that is empty or not there`);
    }
    mkdirSync(join(this.settings, 'home'), { recursive: true });
    this.claim();
    if (removable) adoptFolder(this.folder);
    mkdirSync(join(this.settings, 'mirror'), { recursive: true });
    writeFileSync(configuration, engineConfiguration(join(this.settings, 'mirror')));
    this.serve([]);
  }

  /** Runs an app as the CLI of CDKTF would, by a shell, with nothing of the user's environment but `PATH`. */
  synthesize(app: string, project: string): Promise<Outcome> {
    const env = { ...this.env, CDKTF_OUTDIR: this.outdir };
    // The CLI asks for an app even where it is not to synthesize.
    const configuration = { app, language: 'typescript', output: 'cdktf.out', sendCrashReports: 'false' };
    writeFileSync(join(this.folder, 'cdktf.json'), `${JSON.stringify(configuration, undefined, 2)}\n`);
    return this.keep(run('/bin/sh', ['-c', app], { cwd: project, env, timeout: TIMEOUT }));
  }

  /** What is synthesized; nothing where nothing is. */
  get stacks(): readonly SynthesizedStack[] {
    return existsSync(join(this.outdir, 'manifest.json')) ? readSynthesized(this.outdir) : [];
  }

  /**
   * Checks that every state is a file of this folder.
   *
   * @throws PlanImpossible where one is not: what stand-ins make up must never get there
   */
  checkStates(stacks: readonly SynthesizedStack[]): void {
    for (const { id, folder, model } of stacks.filter((one) => stateFile(one, this.folder) === undefined)) {
      const [kind = 'no place that is named', body] = Object.entries(backendsOf(model))[0] ?? [];
      const path = asObject(body)['path'];
      const place = kind === 'local' && typeof path === 'string' ? resolve(folder, path) : kind;
      throw new PlanImpossible(
        `${id} keeps its state in ${place}, and a sandbox only takes stacks with a local backend whose path is in ${this.folder}: what stand-ins make up must not get into a real state`,
      );
    }
  }

  /** Points every command to the providers that listen now, by the same addresses for both engines. */
  serve(served: readonly { readonly stack: SynthesizedStack; readonly servings: readonly Serving[] }[]): void {
    for (const { stack, servings } of served) {
      writeFileSync(join(stack.folder, 'sandbox_override.tf.json'), JSON.stringify(sourcesOverride(servings)));
    }
    const reattach = served.flatMap(({ servings }) =>
      servings.map(({ provider, reattach = {} }) => [provider.source, reattach] as const),
    );
    this.env = {
      ...childEnvironment({ root: this.settings, reattach: Object.fromEntries(reattach), plugins: {} }),
      ...(this.path === undefined ? {} : { PATH: this.path }),
      TERRAFORM_BINARY_NAME: this.engine.binary,
    };
  }

  /** Deploys synthesized stacks by the CLI of CDKTF. */
  deploy(stacks: readonly SynthesizedStack[], pattern: string): Promise<Outcome> {
    return this.keep(this.cli.deploy(pattern, this.showing(stacks)));
  }

  /** Destroys deployed stacks by the CLI of CDKTF. */
  destroy(stacks: readonly SynthesizedStack[], pattern: string): Promise<Outcome> {
    return this.keep(this.cli.destroy(pattern, this.showing(stacks)));
  }

  /**
   * What the CLI gets to see: these stacks, and of what they depend on only what is among them. It takes no part of an
   * app otherwise, and with the flag that says to do so it leaves the order aside and never ends.
   */
  private showing(stacks: readonly SynthesizedStack[]): CliRun {
    const ids = new Set(stacks.map(({ id }) => id));
    const entries = stacks.map(({ id, folder, dependencies }): readonly [string, JsonObject] => {
      const workingDirectory = relative(this.shown, folder);
      const within = (file: string) => join(workingDirectory, file);
      const entry = { name: id, constructPath: id, workingDirectory, annotations: [] };
      const paths = { synthesizedStackPath: within('cdk.tf.json'), stackMetadataPath: within('metadata.json') };
      return [id, { ...entry, ...paths, dependencies: dependencies.filter((one) => ids.has(one)) }];
    });
    mkdirSync(this.shown, { recursive: true });
    writeFileSync(join(this.shown, 'manifest.json'), JSON.stringify({ stacks: Object.fromEntries(entries) }));
    return { cwd: this.folder, output: relative(this.folder, this.shown), env: this.env };
  }

  /** Plans a deployed stack; the plan's JSON, or what the engine printed in its place. */
  async planAgain(stack: SynthesizedStack): Promise<{ readonly json: string } | Outcome> {
    const planned = await this.ask(stack, 'plan', '-no-color', '-input=false', '-out=sandbox.tfplan');
    if (planned.code !== 0) return planned;
    const shown = await this.ask(stack, 'show', '-json', 'sandbox.tfplan');
    return shown.code === 0 ? { json: shown.stdout } : shown;
  }

  /** Addresses of the resources in a stack's state; none where its state is not in this folder. */
  held(stack: SynthesizedStack): readonly string[] {
    const file = stateFile(stack, this.folder);
    return file !== undefined && existsSync(file) ? addressesIn(readFileSync(file, 'utf8')) : [];
  }

  /** Lets another run have the folder. */
  release(): void {
    rmSync(this.claimed, { force: true });
  }

  /** @throws PlanImpossible when another run works in the folder */
  private claim(): void {
    const holder = existsSync(this.claimed) ? Number(readFileSync(this.claimed, 'utf8')) : undefined;
    if (holder !== undefined && holder !== process.pid && isRunning(holder)) {
      throw new PlanImpossible(
        `process ${holder} runs a sandbox in ${this.folder}; wait for it, or remove ${this.claimed} if it is something else`,
      );
    }
    writeFileSync(this.claimed, String(process.pid));
  }

  /** Removes the folder with everything in it. */
  remove(): void {
    closeFolder(this.folder);
  }

  private ask(stack: SynthesizedStack, ...args: readonly string[]): Promise<Outcome> {
    return this.keep(run(this.engine.binary, args, { cwd: stack.folder, env: this.env, timeout: TIMEOUT }));
  }

  private async keep(running: Promise<Outcome>): Promise<Outcome> {
    const outcome = await running;
    this.printed.push(outcome.stdout, outcome.stderr);
    return outcome;
  }
}

/** Whether there is a process of that number, whoever owns it. */
function isRunning(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

interface StoredResource {
  readonly module?: string;
  readonly mode: string;
  readonly type: string;
  readonly name: string;
}

function addressesIn(state: string): readonly string[] {
  const { resources = [] } = JSON.parse(state) as { readonly resources?: readonly StoredResource[] };
  const managed = resources.filter(({ mode }) => mode === 'managed');
  return managed.map(({ module, type, name }) => [module, type, name].filter((one) => one !== undefined).join('.'));
}

/** The file of a stack's local state; undefined where it is kept anywhere but in a folder. */
function stateFile({ folder, model }: SynthesizedStack, within: string): string | undefined {
  const path = asObject(backendsOf(model)['local'])['path'];
  const file = typeof path === 'string' ? resolve(folder, path) : undefined;
  return file?.startsWith(`${within}${sep}`) ? file : undefined;
}

function backendsOf({ json }: SynthesizedStack['model']): JsonObject {
  return asObject(asObject(json['terraform'])['backend']);
}
