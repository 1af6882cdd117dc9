import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporaryFolder } from '../once';
import type { StackFile, StackJson } from '../stack-file';
import { type AwsPlugin, startAwsPlugin } from './aws-plugin';
import { localOverride } from './overrides';
import { type Outcome, run } from './process';
import type { RandomStandIn } from './random-stand-in';
import type { Tools } from './tools';

/** Milliseconds for one command; a database alone takes the provider more than a minute. */
const TIMEOUT = 600_000;

/** One resource in a plan, as `terraform show -json` prints it. */
export interface ResourceChange {
  readonly address: string;
  readonly mode: 'managed' | 'data';
  readonly type: string;
  readonly change: {
    readonly actions: readonly string[];
    readonly before: Readonly<Record<string, unknown>> | null;
    readonly after: Readonly<Record<string, unknown>> | null;
    readonly after_unknown: Readonly<Record<string, unknown>> | boolean;
  };
}

/** A plan in all of its forms. */
export interface Plan {
  /** Name of the plan file in the working folder. */
  readonly file: string;
  readonly changes: readonly ResourceChange[];
  /** Names of outputs that change. */
  readonly outputs: readonly string[];
  /** What `terraform show -json` printed. */
  readonly json: string;
  /** What a person reads. */
  readonly text: string;
}

/** One resource in a state. */
export interface StateEntry {
  readonly type: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What a workspace is made of. */
export interface WorkspaceProps {
  readonly tools: Tools;
  readonly random: RandomStandIn;
  /** Where AWS is, such as moto's URL. */
  readonly endpoint: string;
  /** Where AWS's Secrets Manager is. */
  readonly secretsManager: string;
  /** Where AWS's RDS is. */
  readonly rds: string;
  /**
   * Changes the stack's JSON before Terraform sees it.
   *
   * @default - none
   */
  readonly transform?: (json: StackJson) => StackJson;
}

/** A copy of one synthesized stack in a temporary folder, with Terraform cut off from everything of the user's. */
export class Workspace {
  /** The folder that holds the copy, the state and the plans. */
  readonly folder: string;
  /** Everything that Terraform printed until now. */
  readonly printed: string[] = [];
  private readonly root: string;
  private env: Readonly<Record<string, string>>;
  private readonly blocks: number;
  private plugin: AwsPlugin | undefined;

  constructor(
    stack: StackFile,
    private readonly props: WorkspaceProps,
  ) {
    this.root = temporaryFolder('apply');
    this.folder = join(this.root, 'stack');
    cpSync(stack.folder, this.folder, { recursive: true });
    const json = (props.transform ?? ((same) => same))(stack.json);
    this.write('cdk.tf.json', json);
    this.override('local', localOverride(json, props.tools));
    this.env = isolatedEnvironment(this.root, props);
    this.blocks = json.provider?.aws?.length ?? 0;
  }

  /** Adds an override file; a later one wins, by its name. */
  override(name: string, content: object): void {
    this.write(`${name}_override.tf.json`, content);
  }

  /**
   * Initializes the stack, and starts its plugin once for all that comes.
   *
   * @throws when the stack cannot be initialized.
   */
  async init(): Promise<void> {
    await this.succeed('init', '-no-color', '-input=false');
    // One process holds one configuration; of several, the last would count for all.
    if (this.blocks !== 1) return;
    this.plugin = await startAwsPlugin(this.folder, this.env);
    const reattach = [this.env.TF_REATTACH_PROVIDERS ?? '{}', this.plugin.reattach].map((json): object =>
      JSON.parse(json),
    );
    this.env = { ...this.env, TF_REATTACH_PROVIDERS: JSON.stringify(Object.assign({}, ...reattach)) };
  }

  /** Diagnostics of the configuration, one line each; empty when it is valid. */
  async validate(): Promise<readonly string[]> {
    const { stdout } = await this.terraform('validate', '-json');
    const { diagnostics } = JSON.parse(stdout) as {
      readonly diagnostics: readonly {
        readonly severity: string;
        readonly summary: string;
        readonly detail?: string;
      }[];
    };
    return diagnostics.map(({ severity, summary, detail }) => `${severity}: ${summary}: ${detail ?? ''}`);
  }

  /** @throws when there can be no plan. */
  async plan(name: string, ...args: readonly string[]): Promise<Plan> {
    const file = `${name}.tfplan`;
    const { stdout: text } = await this.succeed('plan', '-no-color', '-input=false', `-out=${file}`, ...args);
    const { stdout: json } = await this.succeed('show', '-json', file);
    const parsed = JSON.parse(json) as {
      readonly resource_changes?: readonly ResourceChange[];
      readonly output_changes?: Readonly<Record<string, { readonly actions: readonly string[] }>>;
    };
    return {
      file,
      json,
      text,
      changes: (parsed.resource_changes ?? []).filter(({ change }) => changes(change.actions)),
      outputs: Object.entries(parsed.output_changes ?? {}).flatMap(([output, change]) =>
        changes(change.actions) ? [output] : [],
      ),
    };
  }

  /** @throws when a plan cannot be applied. */
  async apply(plan: Plan): Promise<void> {
    await this.succeed('apply', '-no-color', '-input=false', plan.file);
  }

  /** Tries to destroy everything and tells how that ended. */
  destroy(): Promise<Outcome> {
    return this.terraform('destroy', '-no-color', '-input=false', '-auto-approve');
  }

  /** Every managed resource in the state. */
  state(): readonly StateEntry[] {
    const state = JSON.parse(this.read('terraform.tfstate').toString()) as {
      readonly resources: readonly (Omit<StateEntry, 'attributes'> & {
        readonly mode: string;
        readonly instances: readonly Pick<StateEntry, 'attributes'>[];
      })[];
    };
    return state.resources
      .filter(({ mode }) => mode === 'managed')
      .flatMap(({ type, name, instances }) => instances.map(({ attributes }) => ({ type, name, attributes })));
  }

  /** Names of the states, their backups and the plans in the working folder. */
  leftovers(): readonly string[] {
    return readdirSync(this.folder).filter((name) => /\.(tfstate|backup|tfplan)$/.test(name));
  }

  /** A file of the working folder, as bytes. */
  read(name: string): Buffer {
    return readFileSync(join(this.folder, name));
  }

  /** Ends the plugin, and removes the folder with everything in it. */
  async dispose(): Promise<void> {
    await this.plugin?.stop();
    rmSync(this.root, { recursive: true, force: true });
  }

  private async terraform(...args: readonly string[]): Promise<Outcome> {
    const { terraform } = this.props.tools;
    const outcome = await run(terraform, args, { cwd: this.folder, env: this.env, timeout: TIMEOUT });
    this.printed.push(outcome.stdout, outcome.stderr);
    return outcome;
  }

  private async succeed(...args: readonly string[]): Promise<Outcome> {
    const outcome = await this.terraform(...args);
    if (outcome.code === 0) return outcome;
    throw new Error(`terraform ${args.join(' ')} ended with ${outcome.code}\n${outcome.stdout}\n${outcome.stderr}`);
  }

  private write(name: string, content: object): void {
    writeFileSync(join(this.folder, name), JSON.stringify(content, undefined, 2));
  }
}

/** Nothing is inherited, so no setting, credential or proxy of the user takes part. */
function isolatedEnvironment(
  root: string,
  { tools, random, endpoint, secretsManager, rds }: WorkspaceProps,
): Readonly<Record<string, string>> {
  const home = join(root, 'home');
  mkdirSync(home);
  const config = join(root, 'terraform.rc');
  const mirror = `filesystem_mirror {\n    path = ${JSON.stringify(tools.mirror)}\n  }`;
  writeFileSync(config, `provider_installation {\n  ${mirror}\n}\n`);
  return {
    HOME: home,
    TMPDIR: tmpdir(),
    TF_CLI_CONFIG_FILE: config,
    TF_IN_AUTOMATION: '1',
    TF_REATTACH_PROVIDERS: random.reattach,
    CHECKPOINT_DISABLE: '1',
    // Each command reads the plugin's whole schema, which costs less where memory is collected less often.
    GOGC: '400',
    AWS_ENDPOINT_URL: endpoint,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secretsManager,
    AWS_ENDPOINT_URL_RDS: rds,
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

function changes(actions: readonly string[]): boolean {
  return actions.some((action) => action !== 'no-op' && action !== 'read');
}
