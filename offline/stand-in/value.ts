import { decode, Encoder, ExtensionCodec } from '@msgpack/msgpack';
import type { AttributeSchema, BlockSchema, NestedBlockSchema, TypeNotation } from '../schema';

/** A value that is known only after apply. */
export const UNKNOWN = Object.freeze({ unknown: true });

/** A value as a provider gets it: JSON's, `UNKNOWN`, and bytes with the type before a value of any type. */
export type Value = unknown;

/** An object's members. */
export type Members = Readonly<Record<string, Value>>;

/** Number of the extension for an unknown value, and for one of which something is known. */
const UNKNOWN_EXTENSION = 0;
const REFINED_EXTENSION = 12;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: UNKNOWN_EXTENSION,
  encode: (value) => (value === UNKNOWN ? new Uint8Array([0]) : null),
  decode: () => UNKNOWN,
});
extensionCodec.register({ type: REFINED_EXTENSION, encode: () => null, decode: () => UNKNOWN });

const encoder = new Encoder({ extensionCodec });

/** Reads a value off the wire. */
export function fromWire(wire: { readonly msgpack?: Uint8Array } | null | undefined): Value {
  const bytes = wire?.msgpack;
  return bytes === undefined || bytes.length === 0 ? null : decode(bytes, { extensionCodec });
}

/** Writes a value for the wire. */
export function toWire(value: Value): { readonly msgpack: Uint8Array } {
  return { msgpack: encoder.encode(value) };
}

/** A text among members; undefined for anything else, an empty one too. */
export function textIn(members: Members, name: string): string | undefined {
  const value = members[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Whether a value is an object with members. */
export function isMembers(value: Value): value is Members {
  return (
    typeof value === 'object' &&
    value !== null &&
    value !== UNKNOWN &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array)
  );
}

/** Whether two values are the same, unknown ones included. */
export function same(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a instanceof Uint8Array && b instanceof Uint8Array) return Buffer.compare(a, b) === 0;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((one, index) => same(one, b[index]));
  }
  if (!isMembers(a) || !isMembers(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

/** The same collection of a set, in whatever order. */
export function sameSet(a: readonly Value[], b: readonly Value[]): boolean {
  return a.length === b.length && a.every((one) => b.some((other) => same(one, other)));
}

/** Reads a state's JSON by the schema: what the schema doesn't know goes, what is missing becomes null. */
export function fromState(schema: BlockSchema, json: Value): Members {
  const members = isMembers(json) ? json : {};
  return {
    ...Object.fromEntries(
      Object.entries(schema.attributes ?? {}).map(([name, attribute]) => [
        name,
        fromStateAttribute(attribute, members[name] ?? null),
      ]),
    ),
    ...Object.fromEntries(
      Object.entries(schema.blocks ?? {}).map(([name, block]) => [name, fromStateBlock(block, members[name] ?? null)]),
    ),
  };
}

function fromStateAttribute(attribute: AttributeSchema, json: Value): Value {
  if (json === null) return null;
  if (attribute.nested !== undefined) {
    const { nesting, attributes } = attribute.nested;
    return nestedOf(nesting, json, (one) => fromState({ attributes }, one));
  }
  return fromStateType(attribute.type ?? 'dynamic', json);
}

function fromStateType(type: TypeNotation, json: Value): Value {
  if (json === null) return null;
  if (type === 'dynamic') {
    // In a state such a value stands beside its type; on the wire it stands behind it.
    if (!isMembers(json)) return null;
    const inner = json['type'] as TypeNotation;
    return [Buffer.from(JSON.stringify(inner)), fromStateType(inner, json['value'] ?? null)];
  }
  if (typeof type === 'string') return json;
  if (type[0] === 'object') {
    const members = isMembers(json) ? json : {};
    return Object.fromEntries(
      Object.entries(type[1]).map(([name, one]) => [name, fromStateType(one, members[name] ?? null)]),
    );
  }
  if (type[0] === 'tuple') {
    return (json as readonly Value[]).map((one, index) => fromStateType(type[1][index] ?? 'dynamic', one));
  }
  return nestedOf(type[0], json, (one) => fromStateType(type[1], one));
}

function fromStateBlock(block: NestedBlockSchema, json: Value): Value {
  if (json === null && block.nesting !== 'single' && block.nesting !== 'group')
    return block.nesting === 'map' ? {} : [];
  return json === null ? null : nestedOf(block.nesting, json, (one) => fromState(block, one));
}

/** Applies a function to a nested object, or to each of a collection. */
export function nestedOf(nesting: string, value: Value, each: (one: Value, key: string | number) => Value): Value {
  if (value === null || value === UNKNOWN) return value;
  if (nesting === 'list' || nesting === 'set') return (value as readonly Value[]).map((one, index) => each(one, index));
  if (nesting === 'map') {
    return Object.fromEntries(Object.entries(value as Members).map(([key, one]) => [key, each(one, key)]));
  }
  return each(value, '');
}
