import type { Configuration } from './configuration';
import {
  acceptDatabaseValue,
  agreeOnDatabase,
  checkName,
  differentPassword,
  type NameLimit,
  placeKeys,
  type ValueRules,
} from './database-value';
import { refuseUndeclared } from './declared-user';
import { AmbiguousUsername } from './errors';
import type { SecretValue } from './secret-value';

/** Key of the secret with the name of the first user. Without it a user whose name happens to end so would be taken for a clone. */
const BASE_KEY = 'baseusername';

const DEFAULT_SUFFIX = '_clone';

/** Two users, of whom one has the current password and the other gets the next. */
export interface Pair {
  readonly base: string;
  readonly clone: string;
  /** The one of the two that the value is not for. */
  readonly other: string;
}

/** @throws {AmbiguousUsername} when it can't be told which of the two users the value is for. @throws {UserNotDeclared} */
export function pairOf(value: SecretValue, configuration: Configuration): Pair {
  const { cloneSuffix = DEFAULT_SUFFIX, username: declared } = configuration;
  const username = value.string('username');
  const recorded = value.get(BASE_KEY);
  if (recorded === undefined && declared === undefined && username.endsWith(cloneSuffix)) {
    throw new AmbiguousUsername(
      `the user ${JSON.stringify(username)} ends with ${JSON.stringify(cloneSuffix)}: a clone, or its real name? ` +
        `put ${BASE_KEY} into the secret, or set STRONGROOM_USERNAME or STRONGROOM_CLONE_SUFFIX`,
    );
  }
  const base = recorded === undefined ? (declared ?? username) : value.string(BASE_KEY);
  refuseUndeclared(configuration, base);
  const clone = base + cloneSuffix;
  if (username !== base && username !== clone) {
    refuseUndeclared(configuration, username);
    throw new AmbiguousUsername(
      `the user ${JSON.stringify(username)} is neither ${BASE_KEY} ${JSON.stringify(base)} nor ${JSON.stringify(clone)}; correct the secret`,
    );
  }
  return { base, clone, other: username === base ? clone : base };
}

/** Of rotators with two users in turn: the next value is for the other user, and says who the base is. */
export function alternatingValues(
  configuration: Configuration,
  engines: readonly string[],
  limit: NameLimit,
): ValueRules {
  return {
    accept: (current) => {
      acceptDatabaseValue(current, engines, limit);
      checkName(pairOf(current, configuration).clone, limit);
    },
    make: (current) => {
      const { base, other } = pairOf(current, configuration);
      return current.with({
        ...placeKeys(configuration, current),
        username: other,
        [BASE_KEY]: base,
        password: differentPassword(configuration, current),
      });
    },
    agree: (current, pending) => {
      const { base, other } = pairOf(current, configuration);
      agreeOnDatabase(configuration, current, pending, { username: other, [BASE_KEY]: base });
    },
  };
}
