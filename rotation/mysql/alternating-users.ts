import { alternatingValues, type Pair, pairOf } from '../alternation';
import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import type { NameLimit } from '../database-value';
import { AccountShadowed, CurrentRefused, RoleNotOurs, SuperuserRefused, UserMissing, WrongIdentity } from '../errors';
import { credentialOf, type Logins } from '../logins';
import { newPassword } from '../password';
import type { Rotator, SetWork, TestWork } from '../rotator';
import { accountOf } from './account';
import { beginClone, passwordOfClone, reconcileClone, refuseDifferences, refuseLocked } from './clone';
import { standsBefore } from './hosts';
import { changingUser } from './lock';
import { missingBase } from './missing-base';
import { makeMissingUser } from './missing-user';
import { runDatabaseProbes } from './probes';
import { isInTheMaking, type Profile, quoteAsWeRead, readProfile, withoutRoles } from './profile';
import { type Account, accountIn, quoteAccount } from './quoting';
import type { UserDialect } from './user-dialect';

/** How a server stores passwords of an account that is there already. */
export interface Passwords {
  /** `IDENTIFIED …` for the base, which keeps what else it logs in by. */
  forBase(password: string): string;
  forClone(password: string): string;
}

/** What differs between MySQL and MariaDB. */
export interface AlternatingUsers {
  readonly engines: readonly string[];
  readonly nameLimit: NameLimit;
  readonly users: UserDialect;
  /** Refuses other servers, and sets what this one's session needs. */
  prepare(superuser: Session): Promise<void>;
  /** @throws {LoginMethodNotSupported} when the base logs in by something other than passwords. */
  passwords(superuser: Session, base: Profile): Promise<Passwords>;
  /** Ends another password of the account that would work beside the one that is to be set. */
  endSecondary(superuser: Session, account: Account): Promise<void>;
}

/**
 * Two users in turn, the base and its clone, so that the old password works until the next rotation. The rights are the
 * base's, whichever of the two is current; everything is done through the superuser.
 */
export function alternatingUsers(configuration: Configuration, logins: Logins, server: AlternatingUsers): Rotator {
  async function reconcile(work: SetWork, superuser: Session, pair: Pair): Promise<Account> {
    await server.prepare(superuser);
    await quoteAsWeRead(superuser);
    return changingUser(superuser, pair.base, async () => {
      // A clone that is there has rights which the base had as well, and which nobody else knows.
      if ((await hostsOf(superuser, pair.clone)).length === 0) {
        const [base] = [work.current, work.pending].map(credentialOf).filter(({ username }) => username === pair.base);
        if (base) await makeMissingUser(work, superuser, configuration, base, server.users);
      }
      const { host, hosts, works } = await findHost(work, superuser, pair);
      const account = { base: { user: pair.base, host }, clone: { user: pair.clone, host } };
      const base = await readProfile(superuser, account.base);
      refuseLocked(base);
      const passwords = await server.passwords(superuser, base);
      const namesakes = await hostsOf(superuser, pair.clone);
      if (work.pending.get('username') === pair.clone) {
        await refuseShadowed(superuser, account.clone, without(namesakes, hosts));
      }
      const found = namesakes.includes(host);
      if (found) await refuseForeignClone(work, await readProfile(superuser, account.clone));
      await work.announce();
      if (!found) {
        const random = newPassword(configuration.password);
        await beginClone(superuser, account.clone, passwords.forClone(random));
        work.journal.attempt = 'role-created';
      }
      await reconcileClone(superuser, base, account.clone, server.users);
      const set = async (purpose: string, { username, password }: { username: string; password: string }) => {
        const sql =
          username === pair.base
            ? `ALTER USER ${quoteAccount(account.base)} ${passwords.forBase(password)}`
            : passwordOfClone(base, account.clone, passwords.forClone(password));
        await superuser.query(purpose, sql);
      };
      if (!works) {
        await set('setting the current password', credentialOf(work.current));
        if (found) work.journal.attempt = 'role-repaired';
      }
      const pending = credentialOf(work.pending);
      if (pending.username === pair.base) await server.endSecondary(superuser, account.base);
      await set('setting the pending password', pending);
      return pending.username === pair.base ? account.base : account.clone;
    });
  }

  /** Before the first rotation there can be no clone of ours, but for one that an interrupted try has left. */
  async function refuseForeignClone(work: SetWork, clone: Profile): Promise<void> {
    refuseLocked(clone);
    if (!work.first || isInTheMaking(clone) || (await logins.accepts(work, credentialOf(work.pending)))) return;
    throw new RoleNotOurs(
      `${quoteAccount(clone.account)} exists and refuses the pending password: it is not of this secret, or somebody has changed its password since; drop it, or set another STRONGROOM_CLONE_SUFFIX`,
    );
  }

  /**
   * The accounts are those of the host that the current login was let in by. A user who is not there, or whose account is
   * in the making, is not asked: that login could only fail.
   */
  async function findHost(
    work: SetWork,
    superuser: Session,
    pair: Pair,
  ): Promise<{ readonly host: string; readonly hosts: readonly string[]; readonly works: boolean }> {
    const { username } = credentialOf(work.current);
    const hosts = await hostsOf(superuser, pair.base);
    if (username === pair.base ? hosts.length > 0 : await anyFinished(superuser, username)) {
      const current = await logins.tryOpen(work, credentialOf(work.current));
      if (current) {
        const { user, host } = await using(current, () => accountOf(current));
        if (user !== username) throw wrongIdentity({ user, host }, username);
        if (!hosts.includes(host)) throw await baseIsMissing(superuser, pair, host);
        return { host, hosts, works: true };
      }
    }
    const [host, ...others] = hosts;
    if (host === undefined) throw await baseIsMissing(superuser, pair);
    if (others.length > 0) {
      throw new UserMissing(
        `there are ${hosts.length} accounts ${JSON.stringify(pair.base)} and the current password opens none; put a password that works into the secret`,
      );
    }
    return { host, hosts, works: false };
  }

  async function baseIsMissing(superuser: Session, pair: Pair, host?: string): Promise<UserMissing> {
    return missingBase(superuser, pair, { ofLogin: host, ofClone: await hostsOf(superuser, pair.clone) }, server.users);
  }

  async function prove(work: TestWork, expected?: Account, more?: (session: Session) => Promise<void>): Promise<void> {
    await logins.prove(work, async (session, username) => {
      const account = await accountOf(session);
      if (account.user !== username || (expected !== undefined && account.host !== expected.host)) {
        throw wrongIdentity(account, username, expected?.host);
      }
      await more?.(session);
    });
  }

  async function ownProfile(session: Session): Promise<Profile> {
    await quoteAsWeRead(session);
    await withoutRoles(session);
    return readProfile(session, await accountOf(session));
  }

  return {
    ...alternatingValues(configuration, server.engines, server.nameLimit),

    set: async (work) => {
      const superuser = await logins.openAsSuperuser(work);
      if (!superuser) throw new SuperuserRefused('the function has no superuser secret');
      const pair = pairOf(work.current, configuration);
      const account = await using(superuser, () => reconcile(work, superuser, pair));
      await prove(work, account);
    },

    test: async (work) => {
      const current = await work.readCurrent();
      const probes = (session: Session) => runDatabaseProbes(session, configuration);
      // Of a test without a rotation: there may be no second user yet.
      if (current.get('username') === work.pending.get('username')) return prove(work, undefined, probes);
      const session = await logins.tryOpen(work, credentialOf(current));
      if (!session) {
        throw new CurrentRefused(
          `the current password of ${JSON.stringify(current.get('username'))} is refused, and clients still use it; rotate again, which repairs it`,
        );
      }
      const now = await using(session, () => ownProfile(session));
      await prove(work, now.account, async (pending) => {
        await probes(pending);
        const next = await ownProfile(pending);
        const [base, clone] = now.account.user === pairOf(current, configuration).base ? [now, next] : [next, now];
        refuseDifferences(base, clone);
      });
    },
  };
}

async function hostsOf(superuser: Session, user: string): Promise<readonly string[]> {
  const rows = await superuser.query('looking for the user', 'SELECT Host AS host FROM mysql.user WHERE User = ?', [
    user,
  ]);
  return rows.map(({ host }) => String(host));
}

function without(hosts: readonly string[], those: readonly string[]): readonly string[] {
  return hosts.filter((host) => !those.includes(host));
}

/**
 * Clients at a host where the base has an account of its own are none of ours. At any other, an account of the clone's name
 * would be asked instead of the clone, for a password that they don't have.
 *
 * @throws {AccountShadowed}
 */
async function refuseShadowed(superuser: Session, clone: Account, others: readonly string[]): Promise<void> {
  if (others.length === 0) return;
  const [row] = await superuser.query('asking for the own address', 'SELECT USER() AS user');
  const client = accountIn(String(row?.user)).host;
  const before = others.filter((other) => standsBefore(other, clone.host, client));
  if (before.length === 0) return;
  const names = before.map((host) => quoteAccount({ user: clone.user, host })).join(', ');
  throw new AccountShadowed(
    `the server would ask ${names} where clients of ${quoteAccount(clone)} log in; if nobody needs it, run: DROP USER ${names}; or set another STRONGROOM_CLONE_SUFFIX`,
  );
}

/** Whether one of these accounts is there and not in the making. */
async function anyFinished(superuser: Session, user: string): Promise<boolean> {
  for (const host of await hostsOf(superuser, user)) {
    if (!isInTheMaking(await readProfile(superuser, { user, host }))) return true;
  }
  return false;
}

function wrongIdentity(found: Account, user: string, host = '%'): WrongIdentity {
  return new WrongIdentity(
    `logged in as ${quoteAccount(found)}, not as ${quoteAccount({ user, host })}; is there an anonymous user, or an account for a narrower host?`,
  );
}
