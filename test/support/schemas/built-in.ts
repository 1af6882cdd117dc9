import type { ProviderSchema } from './format';

/** What Terraform brings along itself. @see https://developer.hashicorp.com/terraform/language/resources/terraform-data */
export const BUILT_IN: ProviderSchema = {
  provider: 'terraform',
  version: 'built in',
  config: {},
  resources: {
    terraform_data: {
      attributes: {
        id: { type: 'string', computed: true },
        input: { type: 'dynamic', optional: true },
        output: { type: 'dynamic', computed: true },
        triggers_replace: { type: 'dynamic', optional: true },
      },
    },
  },
  data_sources: {
    terraform_remote_state: {
      attributes: {
        backend: { type: 'string', required: true },
        config: { type: 'dynamic', optional: true },
        defaults: { type: 'dynamic', optional: true },
        outputs: { type: 'dynamic', computed: true },
        workspace: { type: 'string', optional: true },
      },
    },
  },
  ephemeral: {},
};
