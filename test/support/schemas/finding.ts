/** Kinds of mistakes that a schema shows. */
export type FindingKind =
  | 'no-schema'
  | 'unknown-type'
  | 'unknown-argument'
  | 'missing-argument'
  | 'wrong-type'
  | 'read-only-argument'
  | 'block-expected'
  | 'too-few-blocks'
  | 'too-many-blocks'
  | 'deprecated'
  | 'missing-key'
  | 'literal-value'
  | 'ephemeral-value'
  | 'write-only-version'
  | 'unknown-reference'
  | 'lifecycle';

/** One mistake in one block. */
export interface Finding {
  readonly kind: FindingKind;
  /** The stack's id. */
  readonly stack: string;
  /** Such as `aws_kms_key.key`, `data.aws_region.here`, `provider.aws`. */
  readonly address: string;
  /** Path in the tree of constructs, where the block says it. */
  readonly construct: string | undefined;
  /** Such as `network_acls[0].bypass`; empty for the block itself. */
  readonly path: string;
  readonly message: string;
}

/** A finding as one line for people. */
export function describeFinding({ kind, stack, address, construct, path, message }: Finding): string {
  const where = [address, path].filter((part) => part !== '').join(' ');
  return `${stack}: ${where} ${message} (${kind}; ${construct ?? 'no construct'})`;
}
