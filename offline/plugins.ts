import { existsSync, readdirSync } from 'node:fs';
import { arch, homedir, platform } from 'node:os';
import { join } from 'node:path';
import { cacheFolder } from './cache-folder';
import type { Environment } from './engine';
import { compareVersions } from './version';

/** An unpacked plugin in a filesystem mirror or a plugin cache. */
export interface Plugin {
  readonly version: string;
  /** Its folder, `…/<version>/<os>_<arch>`. */
  readonly folder: string;
}

/** Every unpacked plugin of one source for this machine, newest first. */
export function pluginsOf(source: string, folders: readonly string[]): readonly Plugin[] {
  return folders
    .flatMap((root) => {
      const parent = join(root, source);
      if (!existsSync(parent)) return [];
      return readdirSync(parent).map((version) => ({ version, folder: join(parent, version, platformName()) }));
    })
    .filter(({ folder }) => holdsPlugin(folder))
    .sort((a, b) => compareVersions(b.version, a.version));
}

/**
 * Where plugins may be: a folder that the user names, the plugin cache, what was downloaded before, and the mirrors that
 * engines look into by themselves.
 *
 * @see https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
 */
export function pluginFolders(env: Environment): readonly string[] {
  const home = env['HOME'] || homedir();
  const implied = ['.terraform.d/plugins', '.local/share/terraform/plugins', '.local/share/opentofu/plugins'];
  return [
    env['STRONGROOM_PLUGIN_MIRROR'],
    env['TF_PLUGIN_CACHE_DIR'],
    downloadedPlugins(env),
    ...implied.map((one) => join(home, one)),
  ].filter((one): one is string => one !== undefined && one !== '');
}

/** Where `--providers real` puts plugins, in the layout of a plugin cache. */
export function downloadedPlugins(env: Environment): string {
  return join(cacheFolder(env), 'plugins');
}

/** A folder that an interrupted download left empty is none. */
function holdsPlugin(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((file) => file.startsWith('terraform-provider-'));
}

function platformName(): string {
  return `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`;
}
