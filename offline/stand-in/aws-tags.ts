import type { BlockSchema } from '../schema';
import { isMembers, type Members, UNKNOWN, type Value } from './value';

/** Tags by name. */
export type DefaultTags = Members;

/** The tags that a provider block gives to everything; nothing where it gives none. */
export function defaultTagsOf(config: Value): DefaultTags | undefined {
  const blocks = isMembers(config) ? config['default_tags'] : undefined;
  const [first] = Array.isArray(blocks) ? (blocks as readonly Value[]) : [];
  const tags = isMembers(first) ? first['tags'] : undefined;
  return isMembers(tags) ? tags : undefined;
}

/**
 * Plans `tags_all` as the aws provider does: tags of the provider block under those of the resource. Where there are
 * none at all, or some are unknown, it stays as it is.
 *
 * @see https://registry.terraform.io/providers/hashicorp/aws/latest/docs/guides/resource-tagging
 */
export function tagsAll(schema: BlockSchema, planned: Value, defaults: DefaultTags): Value {
  if (!isMembers(planned) || schema.attributes?.['tags_all']?.computed !== true) return planned;
  const tags = planned['tags'] ?? {};
  if (!isMembers(tags) || Object.values(tags).includes(UNKNOWN)) return { ...planned, tags_all: UNKNOWN };
  const all = { ...defaults, ...tags };
  return Object.keys(all).length === 0 ? planned : { ...planned, tags_all: all };
}
