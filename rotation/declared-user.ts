import type { Configuration } from './configuration';
import { UserNotDeclared } from './errors';

/** The configuration for one of the function's secrets: with the user that the stack declares for it, if it does. */
export function forSecret<T extends object>(configuration: T & Pick<Configuration, 'usernames'>, secretArn: string): T {
  const { usernames = {} } = configuration;
  const username = Object.hasOwn(usernames, secretArn) ? usernames[secretArn] : undefined;
  return username === undefined ? configuration : { ...configuration, username };
}

/**
 * The superuser sets the password of the user that a secret names. Where the stack says which one that is, whoever may
 * write the secret can't name another.
 *
 * @throws {UserNotDeclared}
 */
export function refuseUndeclared({ username: declared }: Configuration, username: string): void {
  if (declared !== undefined && username !== declared) {
    throw new UserNotDeclared(
      `the secret is for user ${JSON.stringify(username)}, and the stack declares ${JSON.stringify(declared)}; correct the secret, or STRONGROOM_USERNAME`,
    );
  }
}
