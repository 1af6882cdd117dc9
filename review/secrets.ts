import { type Block, literal, resourcesOf, type StackModel } from './model';

/** The store that a secret lives in. */
export type SecretStore = 'aws' | 'azure' | 'vault';

/** A secret that a stack declares. */
export interface DeclaredSecret {
  readonly store: SecretStore;
  readonly stack: StackModel;
  readonly block: Block;
  /** The name as its store knows it: a secret's name, `vault/name`, or the path that it is read from. */
  readonly name: string;
}

type Naming = (stack: StackModel, block: Block) => string;

/** Any path of Vault that no type of resource of its own writes to. */
const ENDPOINT = 'vault_generic_endpoint';

/** The path of a KV v2 secret's metadata, the mount first. */
const METADATA = /^((?!sys\/|auth\/|identity\/).+?)\/metadata\/(?=.)/;

/** Types of resources that are secrets, or that secrets are read from. */
const TYPES: Readonly<Record<string, { readonly store: SecretStore; readonly nameOf: Naming }>> = {
  aws_secretsmanager_secret: { store: 'aws', nameOf: (stack, block) => text(stack, block, 'name') },
  aws_db_instance: { store: 'aws', nameOf: (stack, block) => `master user of ${text(stack, block, 'identifier')}` },
  aws_rds_cluster: {
    store: 'aws',
    nameOf: (stack, block) => `master user of ${text(stack, block, 'cluster_identifier')}`,
  },
  azurerm_key_vault_secret: {
    store: 'azure',
    nameOf: (stack, block) => `${vaultName(stack, block.body['key_vault_id'])}/${text(stack, block, 'name')}`,
  },
  vault_kv_secret_v2: {
    store: 'vault',
    nameOf: (stack, block) => `${text(stack, block, 'mount')}/data/${text(stack, block, 'name')}`,
  },
  // The metadata of a secret of KV v2: all there is of one whose value is put in from outside.
  [ENDPOINT]: {
    store: 'vault',
    nameOf: (stack, block) => text(stack, block, 'path').replace(METADATA, '$1/data/'),
  },
  vault_kv_secret: { store: 'vault', nameOf: (stack, block) => text(stack, block, 'path') },
  vault_generic_secret: { store: 'vault', nameOf: (stack, block) => text(stack, block, 'path') },
  vault_database_secret_backend_role: {
    store: 'vault',
    nameOf: (stack, block) => `${text(stack, block, 'backend')}/creds/${text(stack, block, 'name')}`,
  },
  vault_database_secret_backend_static_role: {
    store: 'vault',
    nameOf: (stack, block) => `${text(stack, block, 'backend')}/static-creds/${text(stack, block, 'name')}`,
  },
};

/** Every secret that the stacks declare, each once. */
export function declaredSecrets(stacks: readonly StackModel[]): readonly DeclaredSecret[] {
  return stacks.flatMap((stack) => {
    const secrets = resourcesOf(stack, ...Object.keys(TYPES)).flatMap((block) => {
      const type = TYPES[block.type];
      if (type === undefined || isPlainDatabase(block) || isOtherEndpoint(stack, block)) return [];
      return [{ store: type.store, stack, block, name: type.nameOf(stack, block) }];
    });
    const values = new Set(secrets.filter(({ block }) => block.type !== ENDPOINT).map(({ name }) => name));
    return secrets.filter(({ block, name }) => block.type !== ENDPOINT || !values.has(name));
  });
}

/** The name of the Key Vault that an id or a reference leads to; names of vaults are unique in the world. */
export function vaultName(stack: StackModel, id: Block['body'][string] | undefined): string {
  const reference = typeof id === 'string' ? /^\$\{(azurerm_key_vault\.[\w-]+)\.id\}/.exec(id)?.[1] : undefined;
  const vault = stack.blocks.find((block) => block.address === reference);
  if (vault !== undefined) return text(stack, vault, 'name');
  const resolved = literal(stack, id) ?? '';
  return /\/vaults\/([^/]+)/i.exec(resolved)?.[1] ?? resolved;
}

/** An endpoint stands for anything in Vault; only that of a secret's metadata says that there is a secret. */
function isOtherEndpoint(stack: StackModel, block: Block): boolean {
  return block.type === ENDPOINT && !METADATA.test(text(stack, block, 'path'));
}

/** A database of RDS is a secret only where RDS keeps its master user's password in one. */
function isPlainDatabase({ type, body }: Block): boolean {
  return (type === 'aws_db_instance' || type === 'aws_rds_cluster') && body['manage_master_user_password'] !== true;
}

function text(stack: StackModel, block: Block, attribute: string): string {
  return literal(stack, block.body[attribute]) ?? block.address;
}
