import type { BlockSchema } from '../schema';
import { madeUp } from './made-up';
import { complete } from './planning';
import { makePassword, passwordProblems, withDefaults } from './random-password';
import { isMembers, type Members, same, UNKNOWN, type Value } from './value';

/** What an ephemeral resource opens to. */
export interface Opened {
  readonly result?: Value;
  readonly problems: readonly string[];
}

/** What is wrong with the configuration of an ephemeral resource, as far as it is known. */
export function ephemeralProblems(type: string, config: Value): readonly string[] {
  if (type !== 'random_password' || !isMembers(config) || Object.values(config).some((one) => one === UNKNOWN))
    return [];
  return passwordProblems(withDefaults(config));
}

/** Opens an ephemeral resource: a password is really made, anything else is made up. */
export function openEphemeral(type: string, schema: BlockSchema, config: Value): Opened {
  const problems = ephemeralProblems(type, config);
  if (problems.length > 0) return { problems };
  const given = isMembers(config) ? config : {};
  const known: Members = type === 'random_password' ? password(given) : {};
  const computed = Object.entries(schema.attributes ?? {}).map(([name, attribute]): readonly [string, Value] => {
    const value = given[name] ?? known[name] ?? null;
    return [name, same(value, null) && attribute.computed ? UNKNOWN : value];
  });
  const result = complete(schema, { ...given, ...Object.fromEntries(computed) }, (name, attribute) =>
    madeUp(type, name, attribute, { seed: 'ephemeral' }),
  );
  return { result, problems: [] };
}

function password(given: Members): Members {
  const config = withDefaults(given);
  return { ...config, result: makePassword(config) };
}
