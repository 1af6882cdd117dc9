import type { Json, StackModel } from '../../review/model';

/**
 * Types of which a loss is a loss of data, or of the key to it. A new address for one of these would destroy it and
 * make another.
 */
export const STATEFUL_TYPES: ReadonlySet<string> = new Set([
  'aws_kms_key',
  'aws_secretsmanager_secret',
  'aws_db_instance',
  'aws_rds_cluster',
  'azurerm_key_vault',
  'azurerm_key_vault_key',
  'azurerm_key_vault_secret',
  'vault_mount',
  'vault_auth_backend',
  'vault_kv_secret_v2',
  'vault_database_secret_backend_connection',
]);

/** What stands in a golden file for the hash of a bundle: it changes with every change of the code in it. */
const HASH = '<hash>';

/** A stack as its golden file shows it: for reading, so without CDKTF's metadata, keys in order, no hashes. */
export function golden(stack: StackModel): string {
  return `${JSON.stringify(readable(stack.json), null, 2)}\n`;
}

/** The stateful resources of all stacks, one line each: whoever renames one must add a `moved` block. */
export function statefulAddresses(stacks: readonly StackModel[]): string {
  const lines = stacks.flatMap(({ id, blocks }) =>
    blocks
      .filter(({ mode, type }) => mode === 'resource' && STATEFUL_TYPES.has(type))
      .map(({ address }) => `${id} ${address}`),
  );
  return `${lines.sort().join('\n')}\n`;
}

function readable(value: Json, key = ''): Json {
  if (typeof value === 'string') return key.endsWith('_hash') ? HASH : withoutAssetHash(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((one: Json) => readable(one, key));
  const entries = Object.entries(value)
    .filter(([name]) => name !== '//')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, one]) => [name, readable(one, name)]));
}

/** CDKTF puts an asset into a folder that is called by the hash of its bytes. */
function withoutAssetHash(text: string): string {
  return text.replace(/(\bassets\/[\w-]+\/)[0-9A-Fa-f]{32,64}(?=\/)/g, `$1${HASH}`);
}
