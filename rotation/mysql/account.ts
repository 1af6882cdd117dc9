import type { Session } from '../database';
import { WrongIdentity } from '../errors';
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
