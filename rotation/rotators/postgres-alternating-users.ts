import { alternatingValues, type Pair, pairOf } from '../alternation';
import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import { CurrentRefused, SuperuserRefused, WrongIdentity } from '../errors';
import { credentialOf, Logins } from '../logins';
import { leftovers, reconcileClone, refuseDifferences } from '../postgres/clone';
import { NAME_LIMIT } from '../postgres/name-limit';
import { findOwnRole, giveRights, markRole, roleExists } from '../postgres/provision';
import { quoteName } from '../postgres/quoting';
import { changingRole, setVerifier } from '../postgres/role';
import { runProbes } from '../probes';
import type { Rotator, SetWork } from '../rotator';
import type { Reach } from '../rotators';
import { scramVerifier } from '../scram';

const ENGINES = ['postgres', 'aurora-postgresql'];

/**
 * Two PostgreSQL roles in turn, so that the old password works until the next rotation.
 *
 * The clone is a member of the base and acts as the base: all that either makes belongs to the base. Everything is done by
 * the superuser, because a role that acts as another one may not change its own password.
 */
export function postgresAlternatingUsers(configuration: Configuration, { connect }: Reach): Rotator {
  const { target } = configuration;
  const logins = new Logins(target, connect);

  /** Whether the current password works. A role that is missing is not asked, which spares a login that must fail. */
  async function currentWorks(work: SetWork, superuser: Session): Promise<boolean> {
    const current = credentialOf(work.current);
    return (await roleExists(superuser, current.username)) && (await logins.accepts(work, current));
  }

  async function reconcile(work: SetWork, superuser: Session, pair: Pair): Promise<void> {
    const verifier = await scramVerifier(credentialOf(work.pending).password);
    const repair = (await currentWorks(work, superuser))
      ? undefined
      : await scramVerifier(credentialOf(work.current).password);
    await changingRole(superuser, pair.base, async (server) => {
      const found = { base: false, clone: false };
      for (const part of ['base', 'clone'] as const) {
        found[part] = await findOwnRole(superuser, pair[part], work.secretArn);
      }
      await work.announce();
      for (const part of ['base', 'clone'] as const) {
        if (found[part]) continue;
        // No password yet: it comes last.
        await superuser.query('creating the role', `CREATE ROLE ${quoteName(pair[part])} LOGIN`);
        await markRole(superuser, pair[part], work.secretArn);
        work.journal.attempt = 'role-created';
      }
      const { schema = pair.base, grants } = configuration;
      await giveRights(superuser, { role: pair.base, database: target.database, schema, grants }, server);
      await reconcileClone(superuser, pair.base, pair.clone, server);
      const owned = await leftovers(superuser, pair.clone);
      if (owned > 0) {
        work.journal.notes.push(
          `${owned} objects or rights belong to ${JSON.stringify(pair.clone)} alone; in each database, as superuser: REASSIGN OWNED BY … TO … and then DROP OWNED BY …`,
        );
      }
      if (repair !== undefined) {
        await setVerifier(superuser, work.current.string('username'), repair);
        if (found.base && found.clone) work.journal.attempt = 'role-repaired';
      }
      await setVerifier(superuser, work.pending.string('username'), verifier);
    });
  }

  return {
    ...alternatingValues(configuration, ENGINES, NAME_LIMIT),

    set: async (work) => {
      const superuser = await logins.openAsSuperuser(work);
      if (!superuser) throw new SuperuserRefused('the function has no superuser secret');
      const pair = pairOf(work.current, configuration);
      await using(superuser, () => reconcile(work, superuser, pair));
      await logins.prove(work, (session, username) => probe(session, username, pair.base));
    },

    test: async (work) => {
      const { base, clone } = pairOf(work.pending, configuration);
      const current = await work.readCurrent();
      // Of a test without a rotation: there may be no second user yet.
      const alone = current.get('username') === work.pending.get('username');
      await logins.prove(work, async (session, username) => {
        await probe(session, username, base);
        if (!alone) await refuseDifferences(session, base, clone);
        await runProbes(session, 'postgres', configuration.probes ?? []);
      });
      if (!alone && !(await logins.accepts(work, credentialOf(current)))) {
        throw new CurrentRefused(
          `the current password of ${JSON.stringify(current.get('username'))} is refused, and clients still use it; rotate again, which repairs it`,
        );
      }
    },
  };
}

async function probe(session: Session, username: string, base: string): Promise<void> {
  const [row] = await session.query('the probe', 'SELECT session_user AS who, current_user AS acting');
  if (row?.who !== username || row.acting !== base) {
    throw new WrongIdentity(
      `logged in as ${JSON.stringify(row?.who)} acting as ${JSON.stringify(row?.acting)}, not as ${JSON.stringify(username)} acting as ${JSON.stringify(base)}`,
    );
  }
}
