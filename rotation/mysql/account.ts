import type { Session } from '../database';
import { UserMissing, WrongIdentity } from '../errors';
import { type Account, accountIn } from './quoting';

/** The account that the session was let in by. */
export async function accountOf(session: Session): Promise<Account> {
  const [row] = await session.query('reading the account', 'SELECT CURRENT_USER() AS account');
  return accountIn(String(row?.account));
}

/** @throws {WrongIdentity} */
export async function probe(session: Session, username: string): Promise<void> {
  const { user } = await accountOf(session);
  if (user !== username) {
    throw new WrongIdentity(
      `logged in as ${JSON.stringify(user)}, not as ${JSON.stringify(username)}; is there an anonymous or proxy user?`,
    );
  }
}

/** Of a user who does not get in, the host can be told only when there is one account. @throws {UserMissing} */
export async function onlyAccount(superuser: Session, user: string): Promise<Account> {
  const rows = await superuser.query('looking for the user', 'SELECT Host AS host FROM mysql.user WHERE User = ?', [
    user,
  ]);
  const [row] = rows;
  if (rows.length !== 1 || !row) {
    throw new UserMissing(
      `there are ${rows.length} accounts ${JSON.stringify(user)} and the current password opens none; create the user, or put a password that works into the secret`,
    );
  }
  return { user, host: String(row.host) };
}
