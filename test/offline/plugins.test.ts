import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pluginFolders, pluginsOf } from '../../offline/plugins';
import { temporaryFolder } from '../support/once';

const SOURCE = 'registry.terraform.io/hashicorp/vault';
const MACHINE = `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`;

/** A plugin of this version in a folder of plugins. */
function put(folder: string, version: string, machine = MACHINE, file = `terraform-provider-vault_v${version}`): void {
  const place = join(folder, SOURCE, version, machine);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, file), '');
}

const versionsIn = (env: Readonly<Record<string, string>>) =>
  pluginsOf(SOURCE, pluginFolders(env)).map(({ version }) => version);

describe('plugins at hand', () => {
  it.each([
    ['the mirror that is named', 'STRONGROOM_PLUGIN_MIRROR', ''],
    ['the plugin cache', 'TF_PLUGIN_CACHE_DIR', ''],
    ['what was downloaded before', 'XDG_CACHE_HOME', 'strongroom/plugins'],
    ['the user’s plugins of both engines', 'HOME', '.terraform.d/plugins'],
    ['the local mirror of Terraform', 'HOME', '.local/share/terraform/plugins'],
    ['the local mirror of OpenTofu', 'HOME', '.local/share/opentofu/plugins'],
    ['the cache in the home directory', 'HOME', '.cache/strongroom/plugins'],
  ])('are found in %s', (_, variable, below) => {
    const folder = temporaryFolder('plugins');
    put(join(folder, below), '5.6.0');
    expect(versionsIn({ HOME: temporaryFolder('home'), [variable]: folder })).toEqual(['5.6.0']);
  });

  it('are all of these, the newest first, as numbers', () => {
    const [mirror, cache] = [temporaryFolder('mirror'), temporaryFolder('cache')];
    put(mirror, '5.9.0');
    put(cache, '5.10.0');
    put(cache, '5.6.0');
    const env = { HOME: temporaryFolder('home'), STRONGROOM_PLUGIN_MIRROR: mirror, TF_PLUGIN_CACHE_DIR: cache };
    expect(versionsIn(env)).toEqual(['5.10.0', '5.9.0', '5.6.0']);
  });

  it.each([
    ['of another machine', '5.6.0', 'plan9_mips', 'terraform-provider-vault_v5.6.0'],
    ['that an interrupted download has left without a program', '5.6.0', MACHINE, 'LICENSE.txt'],
  ])('are not those %s', (_, version, machine, file) => {
    const folder = temporaryFolder('plugins');
    put(folder, version, machine, file);
    expect(versionsIn({ HOME: temporaryFolder('home'), STRONGROOM_PLUGIN_MIRROR: folder })).toEqual([]);
  });

  it('are none where a variable is empty', () => {
    expect(
      versionsIn({ HOME: temporaryFolder('home'), STRONGROOM_PLUGIN_MIRROR: '', TF_PLUGIN_CACHE_DIR: '' }),
    ).toEqual([]);
  });
});
