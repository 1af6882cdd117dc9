import type { Session } from '../database';
import { AccountDisabled, PrivilegesDiffer } from '../errors';
import { EXPIRY, expiryOf } from './account-options';
import {
  differences,
  isInTheMaking,
  optionChanges,
  type Profile,
  readProfile,
  rightChanges,
  sameRoles,
  usableRoles,
} from './profile';
import { type Account, quoteAccount } from './quoting';

/** Reading again shows whether the server did what was asked. More rounds than this help nothing. */
const MOST_ROUNDS = 5;

/** What the two servers write differently. */
export interface CloneDialect {
  setDefaultRoles(account: Account, roles: readonly string[]): string;
}

/**
 * An account in the making: nobody can log in, because it is locked, its password is random, and nobody was told it. That
 * it has expired as well tells it from one that a person has locked.
 */
export async function beginClone(session: Session, clone: Account, throwAway: string): Promise<void> {
  await session.query('creating the clone', `CREATE USER ${quoteAccount(clone)} ${throwAway} ACCOUNT LOCK ${EXPIRY}`);
}

/** Sets the clone's password and, with the same statement, lets it in. */
export function passwordOfClone(base: Profile, clone: Account, identified: string): string {
  return `ALTER USER ${quoteAccount(clone)} ${identified} ${expiryOf(base.options)} ACCOUNT UNLOCK`;
}

/** @throws {AccountDisabled} when a person has locked it: an incident's lock is not ours to open. */
export function refuseLocked(profile: Profile): void {
  if (!profile.options.locked || isInTheMaking(profile)) return;
  throw new AccountDisabled(
    `user ${JSON.stringify(profile.account.user)} was locked by somebody; unlock it with ALTER USER … ACCOUNT UNLOCK, or drop it if it is the clone`,
  );
}

/**
 * Gives the clone exactly the rights, the default roles and the options of the base, and takes away what the base has not.
 * The password, and whether the clone is locked, stay as they are: clients may be using it.
 */
export async function reconcileClone(
  session: Session,
  base: Profile,
  clone: Account,
  dialect: CloneDialect,
): Promise<void> {
  let actual = await readProfile(session, clone);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const changes = rightChanges(base, actual);
    if (changes.length === 0) break;
    for (const { purpose, sql } of changes) await session.query(purpose, sql);
    actual = await readProfile(session, clone);
  }
  if (!sameRoles(base, actual)) {
    await session.query('setting the default roles', dialect.setDefaultRoles(clone, usableRoles(base)));
  }
  const clauses = optionChanges(base, actual);
  if (clauses.length > 0) {
    await session.query('copying the options', `ALTER USER ${quoteAccount(clone)} ${clauses.join(' ')}`);
  }
  refuseDifferences(base, clauses.length > 0 || !sameRoles(base, actual) ? await readProfile(session, clone) : actual);
}

/** @throws {PrivilegesDiffer} naming each difference */
export function refuseDifferences(base: Profile, other: Profile): void {
  const found = differences(base, other);
  if (found.length === 0) return;
  throw new PrivilegesDiffer(
    `user ${quoteAccount(other.account)} is not as ${quoteAccount(base.account)}: it ${found.join(', ')}; does somebody change them at this moment? rotate again`,
  );
}
