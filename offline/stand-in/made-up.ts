import { createHash } from 'node:crypto';
import type { AttributeSchema, TypeNotation } from '../schema';
import { defaultsOf } from './defaults';
import type { Value } from './value';

/** Account, subscription and region of everything that is made up; documentation uses the account. */
const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';

/**
 * A value of the right form for an attribute that only the real provider knows, the same for the same seed.
 *
 * @param path - names on the way to the attribute
 * @param seed - tells two resources of one type apart, such as their configuration
 */
export function madeUp(
  type: string,
  path: string,
  { type: notation = 'string', nested }: AttributeSchema,
  seed: string,
): Value {
  const kept = defaultsOf(type).get(path);
  if (kept?.kind === 'kept') return kept.value;
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (nested !== undefined) return nested.nesting === 'map' || nested.nesting === 'single' ? null : [];
  return ofType(notation, type, name, seed);
}

function ofType(notation: TypeNotation, type: string, name: string, seed: string): Value {
  switch (notation) {
    case 'string':
      return text(type, name, createHash('sha256').update(`${type}.${seed}`).digest('hex'));
    case 'number':
      return 1;
    case 'bool':
      return false;
    case 'dynamic':
      return null;
    default:
      if (notation[0] === 'object') {
        return Object.fromEntries(Object.entries(notation[1]).map(([key, one]) => [key, ofType(one, type, key, seed)]));
      }
      if (notation[0] === 'tuple') return notation[1].map((one) => ofType(one, type, name, seed));
      if (notation[0] === 'map') return {};
      // Stacks take the first of such a list, as of an identity.
      return notation[0] === 'list' ? [ofType(notation[1], type, name, seed)] : [];
  }
}

function text(type: string, name: string, hash: string): string {
  const uuid = `${hash.slice(0, 8)}-${hash.slice(8, 12)}-4${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`;
  const short = hash.slice(0, 17);
  if (/(^|_)arn$/.test(name)) return `arn:aws:${type.split('_')[1] ?? 'service'}:${REGION}:${ACCOUNT}:${short}`;
  if (/account_id$|^owner_id$/.test(name)) return ACCOUNT;
  if (name === 'region') return REGION;
  if (/(principal|tenant|client|subscription|object)_id$/.test(name)) return uuid;
  if (name === 'id' && type.startsWith('azurerm_')) return `/subscriptions/${uuid}/${type}/${short}`;
  if (/(uri|url|endpoint)$/.test(name)) return `https://${short}.invalid/`;
  return `${type.replace(/_/g, '-')}-${short}`;
}
