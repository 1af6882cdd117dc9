import type { Block, JsonObject, StackModel } from '../review/model';
import { providerNameOf, type RequiredProvider } from './synthesized';

/**
 * What plugins answer out of their own code or their configuration; everything else they would have to read from their
 * service, which takes a login.
 *
 * Measured with aws 5.100.0, azurerm 5.2.0, vault 5.6.0 and random 3.7.2 in a network namespace that has loopback only;
 * the same is run by a test.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs
 * @see https://registry.terraform.io/providers/hashicorp/azurerm/latest/docs/data-sources/client_config
 * @see https://registry.terraform.io/providers/hashicorp/vault/latest/docs/data-sources/policy_document
 */
export const ANSWERED_ALONE: Readonly<Record<string, readonly string[]>> = {
  aws: [
    'data.aws_arn',
    'data.aws_billing_service_account',
    'data.aws_cloudfront_log_delivery_canonical_user_id',
    'data.aws_cloudtrail_service_account',
    'data.aws_cloudwatch_log_data_protection_policy_document',
    'data.aws_default_tags',
    'data.aws_ecr_lifecycle_policy_document',
    'data.aws_elastic_beanstalk_hosted_zone',
    'data.aws_elb_hosted_zone_id',
    'data.aws_elb_service_account',
    'data.aws_iam_policy_document',
    'data.aws_lb_hosted_zone_id',
    'data.aws_partition',
    'data.aws_redshift_service_account',
    'data.aws_region',
    'data.aws_sagemaker_prebuilt_ecr_image',
    'data.aws_service',
    'data.aws_service_principal',
  ],
  // The claims of its token, which are made up.
  azurerm: ['data.azurerm_client_config'],
  vault: ['data.vault_policy_document'],
  random: ['ephemeral.random_password'],
};

/** Who answers in a plugin's place what it would have to read. */
export interface Reader {
  /** The address of its provider, which no registry has. */
  readonly source: string;
  /** Where it listens, for `TF_REATTACH_PROVIDERS`. */
  readonly reattach: object;
  readonly reads: readonly Block[];
}

/** Data sources and ephemeral resources that a provider's plugin would have to read. */
export function readsOf({ blocks }: StackModel, { name, type }: RequiredProvider): readonly Block[] {
  const alone = ANSWERED_ALONE[type] ?? [];
  return blocks.filter(
    (block) =>
      block.mode !== 'resource' && providerNameOf(block) === name && !alone.includes(`${block.mode}.${block.type}`),
  );
}

/** The address of the provider that answers in the place of another; the host is one that never exists. */
export function readerSource({ type }: RequiredProvider): string {
  return `strongroom.invalid/reads/${type}`;
}

/**
 * Hands what would have to be read to its readers, as an override: a data source may name a provider that is not its
 * type's own, and everything else of the stack stays with the plugin.
 *
 * @see https://developer.hashicorp.com/terraform/language/meta-arguments/resource-provider
 */
export function readsOverride(servings: readonly Read[]): {
  readonly required: JsonObject;
  readonly blocks: JsonObject;
} {
  const required: Record<string, JsonObject> = {};
  const blocks: Record<string, Record<string, Record<string, JsonObject>>> = {};
  for (const { provider, reader } of servings) {
    if (reader === undefined) continue;
    const name = `strongroom-reads-${provider.name}`;
    required[name] = { source: reader.source };
    for (const { mode, type, name: label } of reader.reads) {
      const types = blocks[mode] ?? {};
      blocks[mode] = { ...types, [type]: { ...types[type], [label]: { provider: name } } };
    }
  }
  return { required, blocks };
}

/** What to say where a stand-in answers. */
export function inItsPlace(provider: RequiredProvider, reads: readonly Block[]): string {
  return `${wouldRead(provider, reads)}: a stand-in answers in its place, with made-up values`;
}

/** What to say where the stand-in serves the whole provider: not every engine takes an override of an ephemeral resource. */
export function wholly(provider: RequiredProvider, reads: readonly Block[]): string {
  return `${wouldRead(provider, reads)}: a stand-in serves this stack in its place`;
}

/** What to say where no stand-in can answer. */
export function unreadable(provider: RequiredProvider, reads: readonly Block[]): string {
  return `warning: ${wouldRead(provider, reads)}, and no stand-in has a schema for that; name a folder of schemas by --schemas or STRONGROOM_SCHEMAS`;
}

function wouldRead({ type }: RequiredProvider, reads: readonly Block[]): string {
  return `the ${type} plugin would have to read ${reads.map(({ path }) => path).join(', ')}`;
}

interface Read {
  readonly provider: RequiredProvider;
  readonly reader?: Reader;
}
