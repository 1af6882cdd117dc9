import type { Configuration } from '../configuration';
import { type Session, using } from '../database';
import { type NameLimit, sameUserValues } from '../database-value';
import { CurrentRefused, SuperuserRefused } from '../errors';
import { credentialOf, type Logins } from '../logins';
import type { Rotator, SetWork, TestWork } from '../rotator';
import { probe } from './account';
import { runDatabaseProbes } from './probes';

/** What differs between servers on which one user can have two passwords at once. */
export interface TwoPasswords {
  /** Values of `engine` in the secret that are this server's. */
  readonly engines: readonly string[];
  readonly nameLimit: NameLimit;
  /** Makes the current and the pending password work, whatever an earlier try has left. */
  readonly set: (work: SetWork, superuser: Session) => Promise<void>;
}

/** One user with the current and the pending password, set through the superuser and both proved by logins. */
export function twoPasswords(configuration: Configuration, logins: Logins, server: TwoPasswords): Rotator {
  async function bothWork(work: TestWork, more: (session: Session) => Promise<void> = async () => {}): Promise<void> {
    await logins.prove(work, async (session, username) => {
      await probe(session, username);
      await more(session);
    });
    if (!(await logins.accepts(work, credentialOf(await work.readCurrent())))) {
      throw new CurrentRefused(
        'the current password is refused, and clients still use it; rotate again, which repairs it',
      );
    }
  }

  return {
    ...sameUserValues(configuration, server.engines, server.nameLimit),
    set: async (work) => {
      const superuser = await logins.openAsSuperuser(work);
      if (!superuser) throw new SuperuserRefused('the function has no superuser secret');
      await using(superuser, () => server.set(work, superuser));
      await bothWork(work);
    },
    test: (work) => bothWork(work, (session) => runDatabaseProbes(session, configuration)),
  };
}
