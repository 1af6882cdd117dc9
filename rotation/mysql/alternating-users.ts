import { randomBytes } from 'node:crypto';
import { BASE_KEY, pairOf } from '../alternation';
import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import {
  acceptDatabaseValue,
  agreeOnDatabase,
  checkName,
  differentPassword,
  type NameLimit,
  placeKeys,
} from '../database-value';
import {
  AccountDisabled,
  CurrentRefused,
  PrivilegesDiffer,
  RoleNotOurs,
  SuperuserRefused,
  UserMissing,
} from '../errors';
import { credentialOf, type Logins } from '../logins';
import type { Rotator, SetWork, TestWork } from '../rotator';
import { accountOf, onlyAccount, probe } from './account';
import { changingUser } from './lock';
import { type Account, quoteAccount } from './quoting';
import { changesOf, missingRights, type Right, rightsIn } from './rights';

/** What the server keeps of one account, apart from its rights. */
export interface AccountState {
  readonly locked: boolean;
  /** The clauses of `ALTER USER` for TLS, limits and the age of the password. */
  readonly limits: string;
  /** The statement that makes the same roles active after a login of an account. */
  defaultRoles(account: string): string;
  /** The clause that sets a password by its hash, in the account's own way to log in. */
  identified(password: string): string;
}

/** What differs between the two servers. */
export interface AlternatingServer {
  /** Values of `engine` in the secret that are this server's. */
  readonly engines: readonly string[];
  readonly nameLimit: NameLimit;
  refuseOthers(session: Session): Promise<void>;
  /** Undefined when there is no such account. */
  stateOf(superuser: Session, account: Account): Promise<AccountState | undefined>;
}

/**
 * Two users in turn, so that the old password works until the next rotation.
 *
 * The second user, the clone, gets the rights of the first, the base, and loses what the base no longer has, at every
 * rotation. A new clone is locked until everything else is as it must be: its password and its unlocking come last and
 * together, so that a login never proves more than is true.
 */
export function alternatingUsers(configuration: Configuration, logins: Logins, server: AlternatingServer): Rotator {
  /** Where the users are: the host of the account that the current password opens. */
  async function currentAccount(work: SetWork, superuser: Session): Promise<{ account: Account; works: boolean }> {
    const session = await logins.tryOpen(work, credentialOf(work.current));
    if (session) return { account: await using(session, () => accountOf(session)), works: true };
    return { account: await onlyAccount(superuser, work.current.string('username')), works: false };
  }

  async function reconcile(work: SetWork, superuser: Session): Promise<void> {
    const pair = pairOf(work.current, configuration);
    const { account: current, works } = await currentAccount(work, superuser);
    const base = { user: pair.base, host: current.host };
    const clone = { user: pair.clone, host: current.host };
    await changingUser(superuser, pair.base, async () => {
      const wanted = await stateOfBase(superuser, base);
      const found = await server.stateOf(superuser, clone);
      if (found) await refuseStranger(work, clone, found);
      await work.announce();
      if (!found) {
        // Nobody knows this password, and the account is locked all the same.
        const nobody = wanted.identified(randomBytes(32).toString('base64'));
        await superuser.query('creating the clone', `CREATE USER ${quoteAccount(clone)} ${nobody} ACCOUNT LOCK`);
        work.journal.attempt = 'role-created';
      }
      await copyRights(superuser, base, clone);
      await superuser.query('copying the default roles', wanted.defaultRoles(quoteAccount(clone)));
      await superuser.query('copying limits', `ALTER USER ${quoteAccount(clone)} ${wanted.limits}`);
      if (!works) {
        const repaired = wanted.identified(work.current.string('password'));
        await superuser.query('setting the current password', `ALTER USER ${quoteAccount(current)} ${repaired}`);
        work.journal.attempt = 'role-repaired';
      }
      const pending = { user: work.pending.string('username'), host: current.host };
      const identified = wanted.identified(work.pending.string('password'));
      await superuser.query(
        'setting the pending password',
        `ALTER USER ${quoteAccount(pending)} ${identified} ACCOUNT UNLOCK`,
      );
    });
  }

  async function stateOfBase(superuser: Session, base: Account): Promise<AccountState> {
    const state = await server.stateOf(superuser, base);
    if (!state) {
      throw new UserMissing(
        `the first of the two users, ${named(base)}, is missing, and its rights are what the other gets; create it with its rights`,
      );
    }
    if (state.locked) {
      throw new AccountDisabled(`${named(base)} is locked; unlock it, or put an end to the rotation`);
    }
    return state;
  }

  /** Before the first rotation there can be no clone of ours, but for one that an interrupted try has left. */
  async function refuseStranger(work: SetWork, clone: Account, { locked }: AccountState): Promise<void> {
    if (!work.first || locked || (await logins.accepts(work, credentialOf(work.pending)))) return;
    throw new RoleNotOurs(
      `${named(clone)} exists, and no rotation of this secret has made it; drop it, or set another STRONGROOM_CLONE_SUFFIX`,
    );
  }

  /** The rights that a password gives, and the roles that are active with it. */
  async function rightsBehind(
    session: Session,
    username: string,
  ): Promise<{ rights: readonly Right[]; roles: string }> {
    await probe(session, username);
    const rights = rightsIn(
      (await session.query('reading the own rights', 'SHOW GRANTS FOR CURRENT_USER()')).map(lineOf),
      await accountOf(session),
    );
    const [row] = await session.query('reading the active roles', 'SELECT CURRENT_ROLE() AS roles');
    return { rights, roles: String(row?.roles ?? 'NONE') };
  }

  async function test(work: TestWork): Promise<void> {
    const current = await work.readCurrent();
    // Of a test without a rotation: there may be no second user yet.
    const alone = current.get('username') === work.pending.get('username');
    let next: Awaited<ReturnType<typeof rightsBehind>> | undefined;
    await logins.prove(work, async (session, username) => {
      next = await rightsBehind(session, username);
    });
    if (alone || next === undefined) return;
    const credential = credentialOf(current);
    const session = await logins.tryOpen(work, credential);
    if (!session) {
      throw new CurrentRefused(
        `the current password of ${JSON.stringify(credential.username)} is refused, and clients still use it; rotate again, which repairs it`,
      );
    }
    const before = await using(session, () => rightsBehind(session, credential.username));
    refuseDifferences(before, next);
  }

  return {
    accept: (current) => {
      acceptDatabaseValue(current, server.engines, server.nameLimit);
      checkName(pairOf(current, configuration).clone, server.nameLimit);
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
    set: async (work) => {
      const superuser = await logins.openAsSuperuser(work);
      if (!superuser) throw new SuperuserRefused('the function has no superuser secret');
      await using(superuser, async () => {
        await server.refuseOthers(superuser);
        await reconcile(work, superuser);
      });
      await test(work);
    },
    test,
  };
}

async function copyRights(superuser: Session, base: Account, clone: Account): Promise<void> {
  const of = async (account: Account) =>
    rightsIn(
      (await superuser.query('reading rights', `SHOW GRANTS FOR ${quoteAccount(account)}`)).map(lineOf),
      account,
    );
  for (const { right, sql } of changesOf(await of(base), await of(clone))) {
    await superuser.query(`copying the right ${right.key}`, sql(quoteAccount(clone)));
  }
}

interface Behind {
  readonly rights: readonly Right[];
  readonly roles: string;
}

/** @throws {PrivilegesDiffer} */
function refuseDifferences(current: Behind, pending: Behind): void {
  const found = [
    ...missingRights(current.rights, pending.rights).map((right) => `the next user lacks ${right.key}`),
    ...missingRights(pending.rights, current.rights).map((right) => `the next user has ${right.key} too`),
    ...(current.roles === pending.roles ? [] : ['other roles are active']),
  ];
  if (found.length === 0) return;
  throw new PrivilegesDiffer(`the two users differ: ${found.join(', ')}; rotate again, which makes them equal`);
}

/** `SHOW GRANTS` has one column, named after the account. */
function lineOf(row: Readonly<Record<string, unknown>>): string {
  return String(Object.values(row)[0]);
}

function named({ user, host }: Account): string {
  return `user ${JSON.stringify(user)} at ${JSON.stringify(host)}`;
}
