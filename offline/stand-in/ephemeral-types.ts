import type { AttributeSchema, BlockSchema } from '../schema';

const settable = (type: 'bool' | 'number'): AttributeSchema => ({ type, optional: true, computed: true });

/**
 * Ephemeral types, which bindings do not know.
 *
 * @see https://registry.terraform.io/providers/hashicorp/random/3.7.2/docs/ephemeral-resources/password
 */
export const EPHEMERAL: Readonly<Record<string, BlockSchema>> = {
  random_password: {
    attributes: {
      bcrypt_hash: { type: 'string', computed: true, sensitive: true },
      length: { type: 'number', required: true },
      lower: settable('bool'),
      min_lower: settable('number'),
      min_numeric: settable('number'),
      min_special: settable('number'),
      min_upper: settable('number'),
      numeric: settable('bool'),
      override_special: { type: 'string', optional: true },
      result: { type: 'string', computed: true, sensitive: true },
      special: settable('bool'),
      upper: settable('bool'),
    },
  },
};
