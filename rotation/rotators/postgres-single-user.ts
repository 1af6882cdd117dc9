import type { Configuration } from '../configuration';
import { placeOf, type Session, using } from '../database';
import { sameUserValues } from '../database-value';
import { AllCredentialsRefused, type RotationError, WrongIdentity } from '../errors';
import type { Attempt } from '../log';
import { credentialOf, FAILED_LOGINS_LIMIT, Logins } from '../logins';
import { NAME_LIMIT } from '../postgres/name-limit';
import { provisionRole, roleExists } from '../postgres/provision';
import { changingRole, setVerifier } from '../postgres/role';
import { runProbes } from '../probes';
import type { Candidate, Rotator, SetWork } from '../rotator';
import type { Reach } from '../rotators';
import { scramVerifier } from '../scram';

const ENGINES = ['postgres', 'aurora-postgresql'];

const RECOVERED: Readonly<Record<Candidate['kind'], Attempt>> = {
  pending: 'already-set',
  ledger: 'recovered-from-ledger',
  previous: 'recovered-from-previous',
  unlabelled: 'recovered-from-unlabelled',
};

/**
 * One PostgreSQL role, whose password the role changes itself.
 *
 * A role has one password only, so clients that read the secret just before the change are refused until they read it again.
 */
export function postgresSingleUser(configuration: Configuration, { connect }: Reach): Rotator {
  const { target } = configuration;
  const logins = new Logins(target, connect);
  /** Whoever lets versions be searched lets as many logins more fail. */
  const mayFail = ({ kind }: Candidate) =>
    FAILED_LOGINS_LIMIT + (kind === 'unlabelled' ? configuration.steps.searchVersions : 0);

  async function change(work: SetWork, session: Session): Promise<void> {
    const { username, password } = credentialOf(work.pending);
    const verifier = await scramVerifier(password);
    await changingRole(session, username, async () => {
      await work.announce();
      await setVerifier(session, username, verifier);
    });
  }

  /**
   * The live password is that of an abandoned rotation, with its ledger label or without any. The database goes back to the current value first, so that readers
   * can log in at once, and so that no password lives only in a version that is about to lose its label.
   */
  async function restoreCurrent(work: SetWork, session: Session): Promise<void> {
    const { username, password } = credentialOf(work.current);
    const verifier = await scramVerifier(password);
    await changingRole(session, username, () => setVerifier(session, username, verifier));
  }

  async function setAsUser(work: SetWork): Promise<boolean> {
    const current = await logins.tryOpen(work, credentialOf(work.current));
    if (current) {
      await using(current, () => change(work, current));
      return true;
    }
    for await (const candidate of work.candidates) {
      const value = await candidate.read();
      // A version for another user says nothing about this one.
      if (!value || value.get('username') !== work.current.get('username')) continue;
      const session = await logins.tryOpen(work, credentialOf(value), mayFail(candidate));
      if (!session) continue;
      work.journal.attempt = RECOVERED[candidate.kind];
      await using(session, async () => {
        if (candidate.kind === 'pending') return work.announce();
        if (candidate.kind === 'ledger' || candidate.kind === 'unlabelled') await restoreCurrent(work, session);
        await change(work, session);
      });
      return true;
    }
    return false;
  }

  async function setAsSuperuser(work: SetWork, session: Session): Promise<void> {
    const { username, password } = credentialOf(work.pending);
    work.journal.attempt = await provisionRole(session, {
      role: username,
      verifier: await scramVerifier(password),
      database: target.database,
      schema: configuration.schema ?? username,
      grants: configuration.grants,
      secretArn: work.secretArn,
      announce: work.announce,
    });
  }

  return {
    ...sameUserValues(configuration, ENGINES, NAME_LIMIT),

    set: async (work) => {
      let superuser: Session | undefined;
      try {
        // The very first time the role is usually missing; asking the superuser spares a login that must fail.
        if (work.first) superuser = await logins.openAsSuperuser(work);
        const missing = superuser !== undefined && !(await roleExists(superuser, work.current.string('username')));
        if (missing || !(await setAsUser(work))) {
          superuser ??= await logins.openAsSuperuser(work);
          if (!superuser) throw nobodyGetsIn(work);
          await setAsSuperuser(work, superuser);
        }
      } finally {
        await superuser?.close();
      }
      if (!work.proofFollows && work.journal.attempt !== 'already-set') await logins.prove(work, probe);
    },

    test: (work) =>
      logins.prove(work, async (session, username) => {
        await probe(session, username);
        await runProbes(session, 'postgres', configuration.probes ?? []);
      }),
  };

  function nobodyGetsIn(work: SetWork): RotationError {
    return new AllCredentialsRefused(
      `${placeOf(target)}: role ${JSON.stringify(work.current.get('username'))} does not log in with the current, pending or earlier passwords ` +
        `(${work.journal.loginsFailed} refused); put the password that the database has into the secret, or give the function a superuser secret`,
    );
  }
}

async function probe(session: Session, username: string): Promise<void> {
  const [row] = await session.query('the probe', 'SELECT session_user AS who');
  if (row?.who !== username) {
    throw new WrongIdentity(
      `logged in as ${JSON.stringify(row?.who)}, not as ${JSON.stringify(username)}; what is between this function and the server?`,
    );
  }
}
