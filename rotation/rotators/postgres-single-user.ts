import { type Configuration, LONGEST_NAME_BYTES } from '../configuration';
import {
  AllCredentialsRefused,
  CredentialRefused,
  EngineNotAccepted,
  InvalidSecretValue,
  NewPasswordRefused,
  PendingMismatch,
  type RotationError,
  SuperuserMismatch,
  SuperuserRefused,
  WrongIdentity,
} from '../errors';
import type { Attempt } from '../log';
import { newPassword } from '../password';
import { type Credential, placeOf, type Session } from '../postgres/connection';
import { provisionRole, roleExists } from '../postgres/provision';
import { changingRole, setVerifier } from '../postgres/role';
import type { Candidate, Rotator, SetWork, TestWork } from '../rotator';
import type { Reach } from '../rotators';
import { scramVerifier } from '../scram';
import type { SecretValue } from '../secret-value';

const ENGINES = ['postgres', 'aurora-postgresql'];

/** A server or a proxy that counts failures locks the account at some number; ours stays below any that is sensible. */
const FAILED_LOGINS_LIMIT = 3;

/** A proxy can need a moment before it knows the new password. */
const PROPAGATION_PAUSE_MS = 1_000;

/** Keys that a rotation never changes. */
const FIXED_KEYS = ['engine', 'username', 'ssl', 'masterarn'] as const;

const RECOVERED: Readonly<Record<Candidate['kind'], Attempt>> = {
  pending: 'already-set',
  ledger: 'recovered-from-ledger',
  previous: 'recovered-from-previous',
};

/**
 * One PostgreSQL role, whose password the role changes itself.
 *
 * A role has one password only, so clients that read the secret just before the change are refused until they read it again.
 */
export function postgresSingleUser(configuration: Configuration, { connect }: Reach): Rotator {
  const { target } = configuration;

  async function logIn(work: TestWork, credential: Credential): Promise<Session> {
    work.journal.loginsTried++;
    try {
      return await connect(target, credential, work.deadline);
    } catch (error) {
      if (error instanceof CredentialRefused) work.journal.loginsFailed++;
      throw error;
    }
  }

  /** Undefined if the password is refused; whatever else goes wrong is thrown. */
  async function tryLogIn(work: TestWork, credential: Credential): Promise<Session | undefined> {
    if (work.journal.loginsFailed >= FAILED_LOGINS_LIMIT) return undefined;
    try {
      return await logIn(work, credential);
    } catch (error) {
      if (error instanceof CredentialRefused) return undefined;
      throw error;
    }
  }

  /** A new connection with the pending password, tried again while a refusal may be a proxy's memory. */
  async function proveNewPassword(work: TestWork): Promise<void> {
    const credential = credentialOf(work.pending);
    for (;;) {
      try {
        const session = await logIn(work, credential);
        return await using(session, () => probe(session, credential.username));
      } catch (error) {
        if (!(error instanceof CredentialRefused)) throw error;
        if (work.journal.loginsFailed >= FAILED_LOGINS_LIMIT) {
          throw new NewPasswordRefused(
            `${placeOf(target)}: the pending password of role ${JSON.stringify(credential.username)} does not log in; ` +
              'has setSecret run, has the role expired (VALID UNTIL), or does a proxy keep the old password?',
          );
        }
        await work.deadline.pause(PROPAGATION_PAUSE_MS);
      }
    }
  }

  async function change(work: SetWork, session: Session): Promise<void> {
    const { username, password } = credentialOf(work.pending);
    const verifier = await scramVerifier(password);
    await changingRole(session, username, async () => {
      await work.announce();
      await setVerifier(session, username, verifier);
    });
  }

  /**
   * The live password is that of an abandoned rotation. The database goes back to the current value first, so that readers
   * can log in at once, and so that no password lives only in a version that is about to lose its label.
   */
  async function restoreCurrent(work: SetWork, session: Session): Promise<void> {
    const { username, password } = credentialOf(work.current);
    const verifier = await scramVerifier(password);
    await changingRole(session, username, () => setVerifier(session, username, verifier));
  }

  async function setAsUser(work: SetWork): Promise<boolean> {
    const current = await tryLogIn(work, credentialOf(work.current));
    if (current) {
      await using(current, () => change(work, current));
      return true;
    }
    for (const candidate of work.candidates) {
      const value = await candidate.read();
      // A version for another user says nothing about this one.
      if (!value || value.get('username') !== work.current.get('username')) continue;
      const session = await tryLogIn(work, credentialOf(value));
      if (!session) continue;
      work.journal.attempt = RECOVERED[candidate.kind];
      await using(session, async () => {
        if (candidate.kind === 'pending') return work.announce();
        if (candidate.kind === 'ledger') await restoreCurrent(work, session);
        await change(work, session);
      });
      return true;
    }
    return false;
  }

  async function openAsSuperuser(work: SetWork): Promise<Session | undefined> {
    const value = await work.superuser();
    if (!value) return undefined;
    try {
      return await logIn(work, superuserCredential(work, value));
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error;
    }
    // The superuser's own rotation may have come between reading and logging in: once more, if its password is another now.
    const again = await work.superuser();
    if (again && again.get('password') !== value.get('password')) {
      try {
        return await logIn(work, superuserCredential(work, again));
      } catch (error) {
        if (!(error instanceof CredentialRefused)) throw error;
      }
    }
    throw new SuperuserRefused(`${placeOf(target)}: the superuser's own password is refused; repair its secret first`);
  }

  function superuserCredential(work: SetWork, value: SecretValue): Credential {
    const host = value.get('host');
    if (host !== undefined && host !== target.host) {
      throw new SuperuserMismatch(
        `the superuser's secret is for host ${JSON.stringify(host)}, this function for ${JSON.stringify(target.host)}`,
      );
    }
    const credential = credentialOf(value);
    if (credential.username === work.current.get('username')) {
      throw new SuperuserMismatch(
        'the superuser and the user of the secret are the same role; give the application a role of its own',
      );
    }
    return credential;
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
    accept: (current) => {
      const engine = current.string('engine');
      if (!ENGINES.includes(engine)) {
        throw new EngineNotAccepted(
          `the secret's engine is ${JSON.stringify(engine)}; this function rotates ${ENGINES.join(' and ')}`,
        );
      }
      for (const key of ['host', 'username', 'password']) current.string(key);
      const username = current.string('username');
      const bytes = Buffer.byteLength(username);
      if (bytes > LONGEST_NAME_BYTES || username.includes('\0')) {
        throw new InvalidSecretValue(
          `the secret's username has ${bytes} bytes, or a zero byte; PostgreSQL allows ${LONGEST_NAME_BYTES}`,
        );
      }
    },

    make: (current) => {
      const old = current.string('password');
      let password = newPassword(configuration.password);
      while (password === old) password = newPassword(configuration.password);
      return current.with({ ...placeKeys(configuration, current), password });
    },

    agree: (current, pending) => {
      const wrong: string[] = FIXED_KEYS.filter(
        (key) => JSON.stringify(current.get(key)) !== JSON.stringify(pending.get(key)),
      );
      wrong.push(...Object.keys(placeKeys(configuration, pending)));
      if (pending.string('password') === current.get('password')) wrong.push('password (which must differ)');
      if (wrong.length > 0) {
        throw new PendingMismatch(
          `the pending value differs from the current one, or from the function's target, in ${wrong.join(', ')}; ` +
            'take AWSPENDING away from that version and rotate again',
        );
      }
      const master = pending.get('masterarn');
      if (
        master !== undefined &&
        configuration.superuserSecret !== undefined &&
        master !== configuration.superuserSecret
      ) {
        throw new SuperuserMismatch(
          'the masterarn in the secret is not STRONGROOM_SUPERUSER_SECRET; correct one of them',
        );
      }
    },

    set: async (work) => {
      let superuser: Session | undefined;
      try {
        // The very first time the role is usually missing; asking the superuser spares a login that must fail.
        if (work.first) superuser = await openAsSuperuser(work);
        const missing = superuser !== undefined && !(await roleExists(superuser, work.current.string('username')));
        if (missing || !(await setAsUser(work))) {
          superuser ??= await openAsSuperuser(work);
          if (!superuser) throw nobodyGetsIn(work);
          await setAsSuperuser(work, superuser);
        }
      } finally {
        await superuser?.close();
      }
      if (work.journal.attempt !== 'already-set') await proveNewPassword(work);
    },

    test: (work) => proveNewPassword(work),
  };

  function nobodyGetsIn(work: SetWork): RotationError {
    return new AllCredentialsRefused(
      `${placeOf(target)}: role ${JSON.stringify(work.current.get('username'))} does not log in with the current, pending or earlier passwords ` +
        `(${work.journal.loginsFailed} refused); put the password that the database has into the secret, or give the function a superuser secret`,
    );
  }
}

function credentialOf(value: SecretValue): Credential {
  return { username: value.string('username'), password: value.string('password') };
}

/** The keys that must change so that the value says where the stack put the database. */
function placeKeys({ target }: Configuration, value: SecretValue): Record<string, string | number> {
  return {
    ...(value.get('host') === target.host ? {} : { host: target.host }),
    // Written as a number or as a string, it is the same port.
    ...(Number(value.get('port') ?? 0) === target.port ? {} : { port: target.port }),
    ...(value.get('dbname') === target.database ? {} : { dbname: target.database }),
  };
}

async function probe(session: Session, username: string): Promise<void> {
  const [row] = await session.query('the probe', 'SELECT session_user AS who');
  if (row?.who !== username) {
    throw new WrongIdentity(
      `logged in as ${JSON.stringify(row?.who)}, not as ${JSON.stringify(username)}; what is between this function and the server?`,
    );
  }
}

async function using<T>(session: Session, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    await session.close();
  }
}
