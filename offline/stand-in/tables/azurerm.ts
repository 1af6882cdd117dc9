import type { Table } from './row';

/** Types of azurerm that Strongroom emits. */
export const AZURERM: Table = {
  azurerm_federated_identity_credential: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    replaced: 'name user_assigned_identity_id',
    foreign: 'parent_id resource_group_name',
    added: {
      attributes: {
        user_assigned_identity_id: {
          replace: true,
          required: true,
          type: 'string',
        },
      },
    },
  },
  azurerm_key_vault: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    required: 'rbac_authorization_enabled',
    decided: 'access_policy',
    objects: 'access_policy',
    blocks: 'network_acls:0..1',
    replaced: 'location name resource_group_name',
    foreign: 'contact enable_rbac_authorization',
  },
  azurerm_key_vault_secret: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    sensitive: 'value',
    replaced: 'key_vault_id name',
  },
  azurerm_linux_web_app: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    customDiff: true,
    decided:
      'auth_settings.allowed_external_redirect_urls auth_settings.default_provider auth_settings.runtime_version auth_settings.unauthenticated_client_action auth_settings_v2.facebook_v2.graph_api_version backup.schedule.start_time key_vault_reference_identity_id site_config.auto_heal_setting.action.minimum_process_execution_time site_config.default_documents site_config.ip_restriction.name site_config.remote_debugging_version site_config.scm_ip_restriction.name site_config.worker_count zip_deploy_file',
    sensitive:
      'auth_settings.active_directory.client_secret auth_settings.facebook.app_secret auth_settings.github.client_secret auth_settings.google.client_secret auth_settings.microsoft.client_secret auth_settings.twitter.consumer_secret backup.storage_account_url connection_string.value custom_domain_verification_id logs.http_logs.azure_blob_storage.sas_url site_config.application_stack.docker_registry_password site_credential storage_account.access_key',
    objects: 'site_config.ip_restriction.headers site_config.scm_ip_restriction.headers',
    blocks:
      'auth_settings.active_directory:0..1 auth_settings.facebook:0..1 auth_settings.github:0..1 auth_settings.google:0..1 auth_settings.microsoft:0..1 auth_settings.twitter:0..1 auth_settings:0..1 auth_settings_v2.active_directory_v2:0..1 auth_settings_v2.apple_v2:0..1 auth_settings_v2.azure_static_web_app_v2:0..1 auth_settings_v2.facebook_v2:0..1 auth_settings_v2.github_v2:0..1 auth_settings_v2.google_v2:0..1 auth_settings_v2.login:1..1 auth_settings_v2.microsoft_v2:0..1 auth_settings_v2.twitter_v2:0..1 auth_settings_v2:0..1 backup.schedule:1..1 backup:0..1 identity:0..1 logs.application_logs.azure_blob_storage:0..1 logs.application_logs:0..1 logs.http_logs.azure_blob_storage:0..1 logs.http_logs.file_system:0..1 logs.http_logs:0..1 logs:0..1 site_config.application_stack:0..1 site_config.auto_heal_setting.action:0..1 site_config.auto_heal_setting.trigger.requests:0..1 site_config.auto_heal_setting.trigger.slow_request:0..1 site_config.auto_heal_setting.trigger:0..1 site_config.auto_heal_setting:0..1 site_config.cors:0..1 site_config:1..1 sticky_settings:0..1',
    replaced: 'location name resource_group_name',
    foreign: 'site_config.application_stack.ruby_version',
  },
  azurerm_log_analytics_workspace: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    customDiff: true,
    decided: 'retention_in_days sku',
    sensitive: 'primary_shared_key secondary_shared_key',
    blocks: 'identity:0..1',
    replaced: 'location name resource_group_name',
    mayReplace: 'sku',
    foreign: 'internet_ingestion_enabled internet_query_enabled local_authentication_disabled',
    added: {
      attributes: {
        internet_ingestion_access_type: {
          optional: true,
          type: 'string',
        },
        internet_query_access_type: {
          optional: true,
          type: 'string',
        },
      },
    },
  },
  azurerm_monitor_diagnostic_setting: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    decided: 'log_analytics_destination_type',
    replaced: 'name target_resource_id',
    foreign: 'enabled_log.retention_policy metric',
  },
  azurerm_network_security_group: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    decided: 'security_rule',
    objects: 'security_rule',
    replaced: 'location name resource_group_name',
  },
  azurerm_network_security_rule: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    replaced: 'name network_security_group_name resource_group_name',
  },
  azurerm_private_dns_zone: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    blocks: 'soa_record:0..1',
    replaced: 'name resource_group_name soa_record',
  },
  azurerm_private_dns_zone_virtual_network_link: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    decided: 'resolution_policy',
    replaced: 'name private_dns_zone_id virtual_network_id',
    foreign: 'private_dns_zone_name resource_group_name',
    added: {
      attributes: {
        private_dns_zone_id: {
          replace: true,
          required: true,
          type: 'string',
        },
      },
    },
  },
  azurerm_private_endpoint: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    customDiff: true,
    decided: 'ip_configuration.member_name',
    blocks: 'private_dns_zone_group:0..1 private_service_connection:1..1',
    replaced:
      'custom_network_interface_name edge_zone ip_configuration.member_name ip_configuration.name ip_configuration.private_ip_address ip_configuration.subresource_name location name private_service_connection.is_manual_connection private_service_connection.name private_service_connection.private_connection_resource_alias private_service_connection.private_connection_resource_id private_service_connection.subresource_names resource_group_name subnet_id',
    mayReplace: 'ip_configuration',
    added: {
      attributes: {
        edge_zone: {
          optional: true,
          replace: true,
          type: 'string',
        },
      },
    },
  },
  azurerm_resource_group: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    replaced: 'location name',
  },
  azurerm_role_assignment: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    decided:
      'condition_version name principal_type role_definition_id role_definition_name skip_service_principal_aad_check',
    replaced:
      'delegated_managed_identity_resource_id name principal_id principal_type role_definition_id role_definition_name scope',
  },
  azurerm_service_plan: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    customDiff: true,
    decided: 'maximum_elastic_worker_count worker_count',
    replaced: 'location name os_type resource_group_name',
  },
  azurerm_subnet: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    customDiff: true,
    writeOnly: 'network_security_group_id_wo route_table_id_wo',
    blocks: 'delegation.service_delegation:1..1 ip_address_pool:0..1',
    replaced: 'name resource_group_name virtual_network_name',
    foreign: 'service_endpoints',
    added: {
      attributes: {
        network_security_group_id: {
          computed: true,
          type: 'string',
        },
        network_security_group_id_wo: {
          optional: true,
          type: 'string',
          write_only: true,
        },
        network_security_group_id_wo_version: {
          optional: true,
          type: 'number',
        },
        route_table_id: {
          computed: true,
          type: 'string',
        },
        route_table_id_wo: {
          optional: true,
          type: 'string',
          write_only: true,
        },
        route_table_id_wo_version: {
          optional: true,
          type: 'number',
        },
      },
      blocks: {
        service_endpoint: {
          attributes: {
            network_identifier: {
              optional: true,
              type: 'string',
            },
            service: {
              required: true,
              type: 'string',
            },
          },
          nesting: 'list',
        },
      },
    },
  },
  azurerm_subnet_network_security_group_association: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    replaced: 'network_security_group_id subnet_id',
  },
  azurerm_user_assigned_identity: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    replaced: 'location name resource_group_name',
    added: {
      attributes: {
        isolation_scope: {
          optional: true,
          type: 'string',
        },
      },
    },
  },
  azurerm_virtual_network: {
    from: 'azurerm 5.2.0',
    replaceFrom: 'source',
    decided: 'dns_servers subnet',
    objects: 'subnet',
    blocks: 'ddos_protection_plan:0..1 encryption:0..1 ip_address_pool:0..2',
    replaced: 'edge_zone location name resource_group_name',
  },
};
