import { type Plugin, pluginFolders, pluginsOf } from '../../offline/plugins';
import { satisfies } from '../../offline/version';
import { canRun, type Part } from '../support/required';
import { HAS_ENGINE } from './needs-engine';

/** The newest plugin of a provider that can plan here; undefined, and one printed reason, where there is none. */
export function pluginAtHand(name: string, constraint: string, part: Part): Plugin | undefined {
  const plugin = pluginsOf(`registry.terraform.io/hashicorp/${name}`, pluginFolders(process.env)).find(({ version }) =>
    satisfies(version, constraint),
  );
  const missing = plugin === undefined ? `no hashicorp/${name} plugin ${constraint} in a mirror` : undefined;
  return canRun(part, missing) && HAS_ENGINE ? plugin : undefined;
}

const aws = pluginAtHand('aws', '>= 5.100.0', 'detached');

/** Whether the aws plugin can plan here. */
export const HAS_AWS = aws !== undefined;

/** Whether the vault plugin can plan here. */
export const HAS_VAULT = pluginAtHand('vault', '>= 5.6.0', 'detached-vault') !== undefined;

/** Whether the azurerm plugin can plan here. */
export const HAS_AZURERM = pluginAtHand('azurerm', '>= 5.0, < 6', 'detached-azurerm') !== undefined;

/** Whether the random plugin can plan here. */
export const HAS_RANDOM = pluginAtHand('random', '>= 3.7, < 4', 'detached-random') !== undefined;

/** The aws plugin at hand. */
export const AWS_VERSION = aws?.version ?? '';
