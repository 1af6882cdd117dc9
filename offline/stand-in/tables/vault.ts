import type { Table } from './row';

/** Types of vault that Strongroom emits. */
export const VAULT: Table = {
  vault_audit: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    decided: 'path',
    replaced: 'description local namespace options path type',
  },
  vault_auth_backend: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    customDiff: true,
    decided: 'path tune',
    objects: 'tune',
    replaced: 'local namespace type',
    mayReplace: 'path',
  },
  vault_database_secret_backend_connection: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    customDiff: true,
    decided: 'plugin_name',
    sensitive:
      'cassandra.password cassandra.pem_bundle cassandra.pem_json couchbase.base64_pem couchbase.password elasticsearch.password hana.password influxdb.password influxdb.pem_bundle influxdb.pem_json mongodb.password mongodbatlas.private_key mssql.password mysql.password mysql.service_account_json mysql.tls_certificate_key mysql_aurora.password mysql_aurora.service_account_json mysql_aurora.tls_certificate_key mysql_legacy.password mysql_legacy.service_account_json mysql_legacy.tls_certificate_key mysql_rds.password mysql_rds.service_account_json mysql_rds.tls_certificate_key oracle.password postgresql.password postgresql.private_key postgresql.service_account_json redis.password redis_elasticache.password redis_elasticache.username redshift.password snowflake.password snowflake.private_key_wo',
    deprecated: 'snowflake.password',
    blocks:
      'cassandra:0..1 couchbase:0..1 elasticsearch:0..1 hana:0..1 influxdb:0..1 mongodb:0..1 mongodbatlas:0..1 mssql:0..1 mysql:0..1 mysql_aurora:0..1 mysql_legacy:0..1 mysql_rds:0..1 oracle:0..1 postgresql:0..1 redis:0..1 redis_elasticache:0..1 redshift:0..1 snowflake:0..1',
    replaced: 'backend namespace',
  },
  vault_database_secret_backend_role: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    decided: 'credential_type',
    replaced: 'backend db_name name namespace',
  },
  vault_generic_endpoint: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    sensitive: 'data_json',
    replaced: 'namespace path',
  },
  vault_kubernetes_auth_backend_config: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    customDiff: true,
    decided: 'disable_iss_validation disable_local_ca_jwt kubernetes_ca_cert use_annotations_as_alias_metadata',
    sensitive: 'token_reviewer_jwt',
    replaced: 'backend namespace',
  },
  vault_kubernetes_auth_backend_role: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    decided: 'alias_name_source',
    replaced: 'backend namespace role_name',
  },
  vault_kv_secret_backend_v2: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    decided: 'cas_required max_versions',
    replaced: 'mount namespace',
  },
  vault_kv_secret_v2: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    customDiff: true,
    sensitive: 'data data_json',
    deprecated: 'data',
    blocks: 'custom_metadata:0..1',
    replaced: 'mount name namespace',
  },
  vault_mount: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    decided:
      'audit_non_hmac_request_keys audit_non_hmac_response_keys default_lease_ttl_seconds force_no_cache max_lease_ttl_seconds seal_wrap',
    replaced: 'external_entropy_access local namespace seal_wrap type',
  },
  vault_password_policy: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    replaced: 'name namespace',
  },
  vault_policy: {
    from: 'vault 5.6.0',
    replaceFrom: 'source',
    replaced: 'name namespace',
  },
};
