import type { Session } from '../database';
import { StatementRefused } from '../errors';
import { type AccountOptions, clausesFor, EXPIRY, optionsIn } from './account-options';
import { type Account, quoteAccount } from './quoting';
import { type Change, changes } from './right-statements';
import { describe, type Right, rightsIn, same } from './rights';

/** What an account may do, and how it may log in, but for its password. */
export interface Profile {
  readonly account: Account;
  readonly rights: readonly Right[];
  /** In SQL, in order. */
  readonly defaultRoles: readonly string[];
  readonly options: AccountOptions;
}

/** A server writes names and strings as its session's settings say; ours are those that the tokens are made for. */
export async function quoteAsWeRead(session: Session): Promise<void> {
  await session.query('preparing to read rights', "SET SESSION sql_mode = '', sql_quote_show_create = 1");
}

/** Roles that are in force are no rights of the account's own: none must be, where the account is the session's. */
export async function withoutRoles(session: Session): Promise<void> {
  await session.query('putting roles aside', 'SET ROLE NONE');
}

/** @throws {StatementRefused} when the server says something that is not understood */
export async function readProfile(session: Session, account: Account): Promise<Profile> {
  const name = quoteAccount(account);
  const lines = async (purpose: string, sql: string) =>
    (await session.query(purpose, sql)).map((row) => String(Object.values(row)[0]));
  const grants = await lines('reading the rights', `SHOW GRANTS FOR ${name}`);
  const [statement = ''] = await lines('reading the options of the account', `SHOW CREATE USER ${name}`);
  try {
    const { rights, defaultRoles } = rightsIn(grants, account);
    const options = optionsIn(statement);
    return { account, rights, defaultRoles: [...defaultRoles, ...options.defaultRoles].sort(), options };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StatementRefused(
      `reading the rights of ${name}: the server says something that this function does not understand (${error.message}); report it`,
    );
  }
}

/** What keeps the second account from being the first under another name, in words. Empty when nothing does. */
export function differences(wanted: Profile, actual: Profile): readonly string[] {
  const without = (a: Profile, b: Profile) => a.rights.filter((right) => !b.rights.some((one) => same(one, right)));
  return [
    ...without(wanted, actual).map((right) => `lacks ${describe(right)}`),
    ...without(actual, wanted).map((right) => `has besides ${describe(right)}`),
    ...(sameRoles(wanted, actual) ? [] : ['has other default roles']),
    ...optionChanges(wanted, actual).map((clause) => `should have ${clause}`),
  ];
}

/** Default roles that the account may be given: MariaDB keeps the name of one that was taken away since. */
export function usableRoles({ rights, defaultRoles }: Profile): readonly string[] {
  return defaultRoles.filter((role) => rights.some(({ kind, name }) => kind === 'role' && name === role));
}

export function sameRoles(wanted: Profile, actual: Profile): boolean {
  return usableRoles(wanted).join() === actual.defaultRoles.join();
}

export function rightChanges(wanted: Profile, actual: Profile): readonly Change[] {
  return changes(wanted.rights, actual.rights, actual.account);
}

/** A clone whose password was never set. See `beginClone`. */
export function isInTheMaking({ options }: Profile): boolean {
  return options.locked && options.expired;
}

/** Clauses, in SQL, that give the second account the options of the first. */
export function optionChanges(wanted: Profile, actual: Profile): readonly string[] {
  const clauses = clausesFor(wanted.options, actual.options);
  // Of a clone in the making the expiry is part of what keeps it shut; it is copied with the password.
  return isInTheMaking(actual) ? clauses.filter((clause) => !clause.startsWith(EXPIRY)) : clauses;
}
