import { createHash } from 'node:crypto';
import { NOBODY } from '../identity-endpoint';
import type { AttributeSchema, TypeNotation } from '../schema';
import { azurermText } from './azurerm-forms';
import { defaultsOf } from './defaults';
import { randomValue } from './random-values';
import { uuidOf } from './uuid';
import { isMembers, type Value } from './value';

/** Account and region of everything that is made up; documentation uses the account. */
const ACCOUNT = '123456789012';
const REGION = 'eu-central-1';

/** What a resource's made-up values are made of. */
export interface Origin {
  /** Tells two resources of one type apart, such as their configuration. */
  readonly seed: string;
  /** The resource, as far as it is known. @default - nothing is */
  readonly planned?: Value;
  /** Subscription of azurerm's provider block. @default - that of nobody */
  readonly subscription?: string | undefined;
}

/**
 * A value of the right form for an attribute that only the real provider knows, the same for the same origin.
 *
 * @param path - names on the way to the attribute
 */
export function madeUp(
  type: string,
  path: string,
  { type: notation = 'string', nested }: AttributeSchema,
  origin: Origin,
): Value {
  const kept = defaultsOf(type).get(path);
  if (kept?.kind === 'kept') return kept.value;
  const name = path.slice(path.lastIndexOf('.') + 1);
  if (nested !== undefined) return nested.nesting === 'map' || nested.nesting === 'single' ? null : [];
  return composed(type, path, notation, origin) ?? ofType(notation, type, name, origin.seed);
}

/** What is composed of the resource itself, such as an id of Azure. */
function composed(type: string, path: string, notation: TypeNotation, origin: Origin): Value | undefined {
  const hash = hashOf(type, origin.seed);
  const planned = isMembers(origin.planned) ? origin.planned : {};
  if (type.startsWith('random_')) return randomValue(type, path, planned, hash);
  if (!type.startsWith('azurerm_') || notation !== 'string') return undefined;
  return azurermText(type, path, { planned, subscription: origin.subscription ?? NOBODY.subscription, hash });
}

function ofType(notation: TypeNotation, type: string, name: string, seed: string): Value {
  switch (notation) {
    case 'string':
      return text(type, name, hashOf(type, seed));
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
  const short = hash.slice(0, 17);
  if (/(^|_)arn$/.test(name)) return `arn:aws:${type.split('_')[1] ?? 'service'}:${REGION}:${ACCOUNT}:${short}`;
  if (/account_id$|^owner_id$/.test(name)) return ACCOUNT;
  if (name === 'region') return REGION;
  if (/(principal|tenant|client|subscription|object)_id$/.test(name)) return uuidOf(hash);
  if (/(uri|url|endpoint)$/.test(name)) return `https://${short}.invalid/`;
  return `${type.replace(/_/g, '-')}-${short}`;
}

function hashOf(type: string, seed: string): string {
  return createHash('sha256').update(`${type}.${seed}`).digest('hex');
}
