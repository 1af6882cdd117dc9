import { type Plugin, pluginFolders, pluginsOf } from '../../offline/plugins';
import { compareVersions } from '../../offline/version';
import { canRun } from '../support/required';
import { HAS_ENGINE } from './needs-engine';

function newest(name: string, from: string): Plugin | undefined {
  return pluginsOf(`registry.terraform.io/hashicorp/${name}`, pluginFolders(process.env)).find(
    ({ version }) => compareVersions(version, from) >= 0,
  );
}

const aws = newest('aws', '5.100.0');
const vault = newest('vault', '5.6.0');

/** Whether the aws plugin can plan here. */
export const HAS_AWS =
  HAS_ENGINE &&
  canRun('detached', aws === undefined ? 'no hashicorp/aws plugin of 5.100.0 or newer in a mirror' : undefined);

/** Whether the vault plugin can plan here. */
export const HAS_VAULT =
  HAS_ENGINE &&
  canRun('detached-vault', vault === undefined ? 'no hashicorp/vault plugin of 5.6.0 or newer in a mirror' : undefined);

/** The aws plugin at hand. */
export const AWS_VERSION = aws?.version ?? '';
