import type { Json, JsonObject, StackModel } from '../review/model';
import { readsOverride } from './reads';
import type { Serving } from './serving';

/**
 * The override file that makes a stack plannable anywhere: state beside the stack, whole source addresses, and provider
 * blocks without any login, one entry per alias. The stack's own file stays as it was synthesized.
 *
 * @see https://developer.hashicorp.com/terraform/language/files/override
 */
export function overrideOf(model: StackModel, servings: readonly Serving[]): JsonObject {
  const providers = servings.flatMap(({ provider, detach }): readonly (readonly [string, Json])[] => {
    if (detach === undefined) return [];
    const blocks = model.providers[provider.name] ?? [{}];
    const overrides = blocks.map((block): JsonObject => {
      const alias = typeof block['alias'] === 'string' ? block['alias'] : undefined;
      return { ...(alias === undefined ? {} : { alias }), ...detach(block) };
    });
    return [[provider.name, overrides]];
  });
  const reads = readsOverride(servings);
  return {
    terraform: {
      backend: { local: { path: 'terraform.tfstate' } },
      ...written({ ...requiredBy(servings), ...reads.required }),
    },
    ...(providers.length === 0 ? {} : { provider: Object.fromEntries(providers) }),
    ...reads.blocks,
  };
}

/** The override file that only writes whole source addresses, so that both engines mean the same providers. */
export function sourcesOverride(servings: readonly Serving[]): JsonObject {
  return { terraform: written(requiredBy(servings)) };
}

function requiredBy(servings: readonly Serving[]): JsonObject {
  const required = servings.map(({ provider, exactly }) => {
    const version = exactly ?? provider.constraint;
    return [provider.name, { source: provider.source, ...(version === '' ? {} : { version }) }] as const;
  });
  return Object.fromEntries(required);
}

function written(required: JsonObject): JsonObject {
  return Object.keys(required).length === 0 ? {} : { required_providers: required };
}
