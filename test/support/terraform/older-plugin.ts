import { isNewer } from '../schemas/newer-names';
import { isObject } from '../schemas/value-type';
import type { Body, StackJson } from '../stack-file';
import { atLeast } from './tools';

/** A stack as a plugin older than the bindings knows it: without the arguments that only newer ones have. */
export function forPlugin(awsVersion: string): (json: StackJson) => StackJson {
  if (atLeast(awsVersion, [6, 25])) return (json) => json;
  return (json) => ({
    ...json,
    ...(json.resource === undefined ? {} : { resource: withoutNewer(json.resource) }),
    ...(json.data === undefined ? {} : { data: withoutNewer(json.data) }),
  });
}

function withoutNewer(blocks: NonNullable<StackJson['resource']>): NonNullable<StackJson['resource']> {
  return Object.fromEntries(
    Object.entries(blocks).map(([type, named]) => [
      type,
      Object.fromEntries(Object.entries(named).map(([name, body]) => [name, prune(type, body, '')])),
    ]),
  );
}

function prune(type: string, body: Body, base: string): Body {
  return Object.fromEntries(
    Object.entries(body).flatMap(([key, value]) => {
      const path = base === '' ? key : `${base}.${key}`;
      return isNewer(type, path) ? [] : [[key, pruneValue(type, value, path)]];
    }),
  );
}

function pruneValue(type: string, value: unknown, path: string): unknown {
  if (Array.isArray(value)) return value.map((member) => pruneValue(type, member, path));
  return isObject(value) ? prune(type, value, path) : value;
}
