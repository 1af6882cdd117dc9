import type { FindingKind } from '../support/schemas/finding';

/** A finding that is right and stays, with the reason. */
export interface Accepted {
  readonly kind: FindingKind;
  /** Type of the resource, data source or ephemeral block. */
  readonly type: string;
  /** Path inside the block, without indices. */
  readonly path: string;
  readonly reason: string;
}

/** Findings in the default environments that are no mistakes. One that no longer occurs must go from here. */
export const ACCEPTED: readonly Accepted[] = [
  {
    kind: 'literal-value',
    type: 'vault_generic_endpoint',
    path: 'data_json',
    reason:
      'the metadata of a KV secret (owner, type, the day to replace it by), which the provider marks as if it were a value',
  },
];
