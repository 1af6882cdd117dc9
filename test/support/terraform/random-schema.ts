/** One attribute of a type, as Terraform's plugin protocol describes it. */
export interface AttributeSchema {
  readonly name: string;
  readonly type: 'string' | 'number' | 'bool';
  readonly required?: true;
  readonly optional?: true;
  readonly computed?: true;
  readonly sensitive?: true;
}

const settable = (name: string, type: AttributeSchema['type']): AttributeSchema => ({
  name,
  type,
  optional: true,
  computed: true,
});

/**
 * The ephemeral `random_password` of hashicorp/random 3.7, but for `bcrypt_hash`: Node has no bcrypt, and a reference
 * to an attribute that is missing fails loudly where an empty one would not.
 *
 * @see https://registry.terraform.io/providers/hashicorp/random/latest/docs/ephemeral-resources/password
 */
export const RANDOM_PASSWORD: readonly AttributeSchema[] = [
  { name: 'length', type: 'number', required: true },
  settable('lower', 'bool'),
  settable('min_lower', 'number'),
  settable('min_numeric', 'number'),
  settable('min_special', 'number'),
  settable('min_upper', 'number'),
  settable('numeric', 'bool'),
  { name: 'override_special', type: 'string', optional: true },
  { name: 'result', type: 'string', computed: true, sensitive: true },
  settable('special', 'bool'),
  settable('upper', 'bool'),
];
