import { type Connect, type Credential, placeOf, type Session, type Target, using } from './database';
import { CredentialRefused, NewPasswordRefused, SuperuserMismatch, SuperuserRefused } from './errors';
import type { SetWork, TestWork } from './rotator';
import type { SecretValue } from './secret-value';

/** A server or a proxy that counts failures locks the account at some number; ours stays below any that is sensible. */
export const FAILED_LOGINS_LIMIT = 3;

/** A proxy can need a moment before it knows the new password. */
const PROPAGATION_PAUSE_MS = 1_000;

export function credentialOf(value: SecretValue): Credential {
  return { username: value.string('username'), password: value.string('password') };
}

/** Logins at one database, each counted in the journal of the step. */
export class Logins {
  constructor(
    private readonly target: Target,
    private readonly connect: Connect,
  ) {}

  async open(work: TestWork, credential: Credential): Promise<Session> {
    work.journal.loginsTried++;
    try {
      return await this.connect(this.target, credential, work.deadline);
    } catch (error) {
      if (error instanceof CredentialRefused) work.journal.loginsFailed++;
      throw error;
    }
  }

  /** Undefined if the password is refused, or if `limit` logins were; whatever else goes wrong is thrown. */
  async tryOpen(
    work: TestWork,
    credential: Credential,
    limit: number = FAILED_LOGINS_LIMIT,
  ): Promise<Session | undefined> {
    if (work.journal.loginsFailed >= limit) return undefined;
    try {
      return await this.open(work, credential);
    } catch (error) {
      if (error instanceof CredentialRefused) return undefined;
      throw error;
    }
  }

  /** Whether this password is accepted, found out by a login. */
  async accepts(work: TestWork, credential: Credential): Promise<boolean> {
    const session = await this.tryOpen(work, credential);
    await session?.close();
    return session !== undefined;
  }

  /** A new connection with the pending password, tried again while a refusal may be a proxy's memory. */
  async prove(work: TestWork, probe: (session: Session, username: string) => Promise<void>): Promise<void> {
    const credential = credentialOf(work.pending);
    for (;;) {
      try {
        const session = await this.open(work, credential);
        return await using(session, () => probe(session, credential.username));
      } catch (error) {
        if (!(error instanceof CredentialRefused)) throw error;
        if (work.journal.loginsFailed >= FAILED_LOGINS_LIMIT) {
          throw new NewPasswordRefused(
            `${placeOf(this.target)}: the pending password of role ${JSON.stringify(credential.username)} does not log in; ` +
              'has setSecret run, has the role expired (VALID UNTIL), or does a proxy keep the old password?',
          );
        }
        await work.deadline.pause(PROPAGATION_PAUSE_MS);
      }
    }
  }

  /** Undefined if the function has no superuser. @throws {SuperuserRefused} */
  async openAsSuperuser(work: SetWork): Promise<Session | undefined> {
    const value = await work.superuser();
    if (!value) return undefined;
    try {
      return await this.open(work, this.superuserCredential(work, value));
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error;
    }
    // The superuser's own rotation may have come between reading and logging in: once more, if its password is another now.
    const again = await work.superuser();
    if (again && again.get('password') !== value.get('password')) {
      try {
        return await this.open(work, this.superuserCredential(work, again));
      } catch (error) {
        if (!(error instanceof CredentialRefused)) throw error;
      }
    }
    throw new SuperuserRefused(
      `${placeOf(this.target)}: the superuser's own password is refused; repair its secret first`,
    );
  }

  private superuserCredential(work: SetWork, value: SecretValue): Credential {
    const host = value.get('host');
    if (host !== undefined && host !== this.target.host) {
      throw new SuperuserMismatch(
        `the superuser's secret is for host ${JSON.stringify(host)}, this function for ${JSON.stringify(this.target.host)}`,
      );
    }
    const credential = credentialOf(value);
    if ([work.current.get('username'), work.pending.get('username')].includes(credential.username)) {
      throw new SuperuserMismatch(
        'the superuser and the user of the secret are the same role; give the application a role of its own',
      );
    }
    return credential;
  }
}
