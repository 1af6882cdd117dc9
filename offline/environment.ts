import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What the environment of an engine is made of. */
export interface ChildEnvironmentProps {
  /** A folder of the run's own. */
  readonly root: string;
  /** Provider addresses to the JSON that says where each unmanaged one listens. */
  readonly reattach: Readonly<Record<string, object>>;
  /** What detached plugins need, by variable. */
  readonly plugins: Readonly<Record<string, string>>;
}

/**
 * The whole environment of an engine. Nothing is inherited, so no credential, setting or proxy of the user takes part:
 * none of `AWS_*`, `ARM_*`, `VAULT_*` and `TF_*` but what stands here.
 *
 * @see https://developer.hashicorp.com/terraform/cli/config/environment-variables
 */
export function childEnvironment({ root, reattach, plugins }: ChildEnvironmentProps): Readonly<Record<string, string>> {
  return {
    HOME: join(root, 'home'),
    TMPDIR: tmpdir(),
    TF_CLI_CONFIG_FILE: join(root, 'engine.rc'),
    TF_IN_AUTOMATION: '1',
    TF_INPUT: '0',
    TF_REATTACH_PROVIDERS: JSON.stringify(reattach),
    CHECKPOINT_DISABLE: '1',
    AWS_EC2_METADATA_DISABLED: 'true',
    ...plugins,
  };
}

/** The engine's own configuration: packages come from one folder, or from nowhere. */
export function engineConfiguration(mirror: string): string {
  return `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`;
}
