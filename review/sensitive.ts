import { asObject, type Json, parsedJson } from './model';

/** Resource types that keep a value in state whatever their arguments are, with what to use instead. */
export const STORING_TYPES: Readonly<Record<string, string>> = {
  random_password: 'the ephemeral random_password',
  random_string: 'the ephemeral random_password',
  tls_private_key: 'a key that is born in its store',
  aws_iam_access_key: 'a role',
  azuread_application_password: 'a federated credential',
  azuread_service_principal_password: 'a federated credential',
  vault_approle_auth_backend_role_secret_id: 'a wrapped id, handed out by the pipeline',
  vault_token: 'an auth role',
  'data.aws_secretsmanager_secret_version': 'a read at run time, by the program itself',
  'data.aws_secretsmanager_random_password': 'the ephemeral random_password',
  'data.aws_ssm_parameter': 'a read at run time, by the program itself',
  'data.aws_db_instance': 'names and addresses composed from the environment',
  'data.azurerm_key_vault_secret': 'a read at run time, by the program itself',
  'data.azurerm_key_vault_secrets': 'a read at run time, by the program itself',
  'data.vault_kv_secret': 'a read at run time, by the program itself',
  'data.vault_kv_secret_v2': 'a read at run time, by the program itself',
  'data.vault_generic_secret': 'a read at run time, by the program itself',
  'data.vault_aws_access_credentials': 'a read at run time, by the program itself',
  'data.vault_azure_access_credentials': 'a read at run time, by the program itself',
};

/** Arguments that carry a secret's value, alone or as a map, by type; `*` is any block. */
const VALUE_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  aws_secretsmanager_secret_version: ['secret_string', 'secret_binary'],
  aws_ssm_parameter: ['value', 'insecure_value'],
  aws_db_instance: ['password'],
  aws_rds_cluster: ['master_password'],
  aws_docdb_cluster: ['master_password'],
  aws_neptune_cluster: ['master_password'],
  aws_redshift_cluster: ['master_password'],
  aws_redshiftserverless_namespace: ['admin_user_password'],
  aws_elasticache_replication_group: ['auth_token'],
  aws_elasticache_user: ['passwords'],
  aws_mq_broker: ['user.password'],
  aws_dms_endpoint: ['password'],
  aws_directory_service_directory: ['password'],
  aws_kms_external_key: ['key_material_base64'],
  azurerm_key_vault_secret: ['value'],
  azurerm_key_vault_certificate: ['certificate.contents', 'certificate.password'],
  azurerm_mssql_server: ['administrator_login_password'],
  azurerm_postgresql_flexible_server: ['administrator_password'],
  azurerm_mysql_flexible_server: ['administrator_password'],
  azurerm_linux_virtual_machine: ['admin_password', 'custom_data'],
  azurerm_windows_virtual_machine: ['admin_password', 'custom_data'],
  azurerm_container_app: ['secret.value'],
  azurerm_container_group: ['container.secure_environment_variables', 'image_registry_credential.password'],
  azurerm_linux_web_app: ['connection_string.value', 'storage_account.access_key'],
  azurerm_windows_web_app: ['connection_string.value', 'storage_account.access_key'],
  azurerm_linux_function_app: ['connection_string.value', 'storage_account_access_key'],
  vault_kv_secret: ['data_json'],
  vault_kv_secret_v2: ['data_json'],
  vault_generic_secret: ['data_json'],
  vault_generic_endpoint: ['data_json'],
  vault_database_secret_backend_connection: ['*.password', '*.connection_url', '*.private_key'],
  vault_database_secrets_mount: ['*.password', '*.connection_url', '*.private_key'],
  vault_database_secret_backend_static_role: ['self_managed_password'],
  vault_aws_secret_backend: ['secret_key', 'access_key'],
  vault_azure_secret_backend: ['client_secret'],
  vault_gcp_secret_backend: ['credentials'],
  vault_jwt_auth_backend: ['oidc_client_secret'],
  vault_ldap_auth_backend: ['bindpass'],
  vault_ldap_secret_backend: ['bindpass'],
  vault_kubernetes_auth_backend_config: ['token_reviewer_jwt'],
  vault_kubernetes_secret_backend: ['service_account_jwt'],
  vault_pki_secret_backend_config_ca: ['pem_bundle'],
  vault_rabbitmq_secret_backend: ['password'],
  kubernetes_secret: ['data', 'binary_data'],
  kubernetes_secret_v1: ['data', 'binary_data'],
  github_actions_secret: ['plaintext_value', 'encrypted_value'],
};

/** Texts that lead to where a value is, and are none themselves. */
const POINTERS = [/^arn:/, /^@Microsoft\.KeyVault\(/i, /^https?:\/\/[^\s@]*$/];

/** Names that say that their value is a secret, in any of the usual spellings. */
const SECRET_NAME =
  /(?:^|_)(?:password|passwd|pwd|passphrase|secret|token|credentials?|bindpass|api_?key|private_?key|access_?key|account_?key|shared_?key|secret_?key|auth_?key|client_?secret|connection_?string|sas_?url)$/;

/** Attributes, of any resource, that only a provider fills in and that hold a value. */
const COMPUTED_VALUE =
  /\.(?:private_key_(?:pem|openssh|pem_pkcs8)|secret_string|secret_binary|client_token|ses_smtp_password_v4|(?:default_)?(?:primary|secondary)_(?:\w+_)?(?:key|connection_string\w*)|(?:admin_|master_)?password|data_json|site_credential|kube_(?:admin_)?config(?:_raw)?|encrypted_private_key)(?![\w-])/;

/** Attributes with a plain name that hold a value for some types only. */
const COMPUTED_VALUE_OF =
  /(?:random_(?:password|string)\.[\w-]+\.(?:result|bcrypt_hash)|vault_approle_auth_backend_role_secret_id\.[\w-]+\.secret_id|azurerm_key_vault_secret\.[\w-]+\.value|aws_ssm_parameter\.[\w-]+\.value|aws_iam_access_key\.[\w-]+\.secret|vault_(?:kv_secret|kv_secret_v2|generic_secret)\.[\w-]+\.data)(?![\w-])/;

/** Keys and tokens that are known by their form, whatever they are called. */
const KNOWN_FORMS: readonly { readonly what: string; readonly form: RegExp }[] = [
  { what: 'a private key', form: /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/ },
  { what: 'an access key of AWS', form: /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/ },
  { what: 'a token of Vault', form: /\bhv[sbr]\.[A-Za-z0-9_-]{20,}/ },
  { what: 'a token of GitHub', form: /\b(?:gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{40,})/ },
  { what: 'a token of Slack', form: /\bxox[abprs]-[A-Za-z0-9-]{10,}/ },
  { what: 'a key of a storage account', form: /\bAccountKey=[A-Za-z0-9+/]{40,}={0,2}/ },
  { what: 'a JSON web token', form: /\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+/ },
  { what: 'a URL with a password', form: /\b[a-z][a-z0-9+]*:\/\/[^\s:/@{}$'"]+:[^\s:/@{}$'"]+@/i },
  { what: 'a password in SQL', form: /\b(?:PASSWORD|IDENTIFIED BY)\s+'(?!\{\{|\$\{)[^']+'/i },
];

/** What a text contains that is a secret by its form, or nothing. */
export function knownForm(text: string): string | undefined {
  return KNOWN_FORMS.find(({ form }) => form.test(text))?.what;
}

/** Whether an argument's name, or an environment variable's, says that it holds a secret. */
export function isSecretName(name: string): boolean {
  const snake = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[\s.-]+/g, '_');
  return SECRET_NAME.test(snake.toLowerCase());
}

/** Whether a type keeps this argument's value in state as a secret's. */
export function isValueArgument(type: string, path: readonly string[]): boolean {
  const names = path.filter((part) => !/^\d+$/.test(part));
  return (VALUE_ARGUMENTS[type] ?? []).some((argument) => {
    const parts = argument.split('.');
    return parts.length <= names.length && parts.every((part, n) => part === '*' || part === names[n]);
  });
}

/** What KV version 2 takes as the metadata of a secret. @see https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#create-update-metadata */
const KV_METADATA = ['custom_metadata', 'max_versions', 'cas_required', 'delete_version_after'];

/** Whether a block writes a secret's metadata, through an argument that for other paths would hold its value. */
export function describesOnly(type: string, body: Readonly<Record<string, Json>>): boolean {
  const { path, data_json: data } = body;
  if (type !== 'vault_generic_endpoint' || typeof path !== 'string' || !/^[^/].*\/metadata\/./.test(path)) return false;
  const keys = typeof data === 'string' ? Object.keys(asObject(parsedJson(data))) : [];
  return keys.length > 0 && keys.every((key) => KV_METADATA.includes(key));
}

/** Whether an expression refers to an attribute in which a provider keeps a secret's value. */
export function sensitiveReference(expression: string): string | undefined {
  const references = expression.match(/\b(?:data\.)?[a-z][\w-]*\.[\w-]+(?:\[[^\]]*\])?(?:\.[\w-]+|\[[^\]]*\])+/g) ?? [];
  return references.find(
    (reference) =>
      !reference.startsWith('ephemeral.') && (COMPUTED_VALUE.test(reference) || COMPUTED_VALUE_OF.test(reference)),
  );
}

/** Whether a value is a plain text with no reference in it. */
export function isLiteral(value: Json | undefined): value is string {
  return typeof value === 'string' && value !== '' && !value.includes('${');
}

/** Whether a plain text may be a value: it does not lead to where one is. */
export function isLiteralValue(value: Json | undefined): value is string {
  return isLiteral(value) && !POINTERS.some((form) => form.test(value));
}
