import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PlanImpossible } from './problem';
import { type Outcome, run } from './process';

/** Milliseconds for one command of the CLI, over all stacks. */
const TIMEOUT = 1_200_000;

/** Where a command of the CLI runs. */
export interface CliRun {
  /** A folder with a `cdktf.json`. */
  readonly cwd: string;
  /** The folder of a manifest that names the stacks, below it. */
  readonly output: string;
  /** The whole environment: nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** The CLI of CDKTF, as a project has installed it. */
export class CdktfCli {
  /**
   * Finds the program that `npx cdktf` would run in a folder.
   *
   * @throws PlanImpossible when the folder's project has none
   */
  static of(project: string): CdktfCli {
    try {
      const manifest = createRequire(join(project, 'package.json')).resolve('cdktf-cli/package.json');
      const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { readonly bin: Readonly<Record<string, string>> };
      const program = bin['cdktf'];
      if (program !== undefined) return new CdktfCli(join(dirname(manifest), program));
    } catch {
      // Told below: an installation that can't be read is none.
    }
    throw new PlanImpossible(`there is no cdktf-cli in ${project}; install the project's packages, with npm ci`);
  }

  private constructor(private readonly program: string) {}

  /** Deploys stacks that are synthesized already, without asking. */
  deploy(stacks: string, where: CliRun): Promise<Outcome> {
    return this.execute(['deploy', stacks, ...UNATTENDED], where);
  }

  /** Destroys stacks that are synthesized already, without asking, the last deployed first. */
  destroy(stacks: string, where: CliRun): Promise<Outcome> {
    return this.execute(['destroy', stacks, ...UNATTENDED], where);
  }

  private execute(args: readonly string[], { cwd, output, env }: CliRun): Promise<Outcome> {
    return run(process.execPath, [this.program, ...args, '--output', output], {
      cwd,
      env: { ...env, ...QUIET },
      timeout: TIMEOUT,
    });
  }
}

/** `providers lock` asks a registry, even for a provider that is reattached. */
const UNATTENDED = ['--auto-approve', '--skip-synth', '--skip-provider-lock', '--no-color'];

/** Keeps the CLI from asking anybody for versions, and from a cache of plugins that the engine would need a folder for. */
const QUIET = {
  CDKTF_DISABLE_PLUGIN_CACHE_ENV: '1',
  CHECKPOINT_DISABLE: '1',
  CI: '1',
  DISABLE_VERSION_CHECK: '1',
  FORCE_COLOR: '0',
};
