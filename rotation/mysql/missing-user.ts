import { createHash } from 'node:crypto';
import type { Configuration } from '../configuration';
import type { Credential, Session } from '../database';
import { ConnectionNotAllowed } from '../errors';
import { ownershipMark } from '../ownership-mark';
import type { SetWork } from '../rotator';
import { excludes } from './hosts';
import { type Account, accountIn, quoteAccount, quoteName } from './quoting';
import type { FoundAccount, UserDialect } from './user-dialect';

const ANY_HOST = '%';

/**
 * Every privilege that both servers have on a database, but for GRANT OPTION. Written out, because ALL means more on MariaDB, such
 * as to delete the history of tables: with each version something else, and what the master of RDS does not have to give.
 */
const OF_A_DATABASE = [
  ...['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE', 'DROP', 'REFERENCES', 'INDEX', 'ALTER'],
  ...['CREATE TEMPORARY TABLES', 'LOCK TABLES', 'EXECUTE', 'CREATE VIEW', 'SHOW VIEW', 'CREATE ROUTINE'],
  ...['ALTER ROUTINE', 'EVENT', 'TRIGGER'],
];

/**
 * Makes the user that the stack declares, as its owner would have: the password is that of the secret, the rights are those of
 * the configuration. To be called under the lock. Where any account of the name is there, nothing is made, and none is changed.
 *
 * Until the last statement the account is locked and has no password, so that a crash leaves nothing that can be used.
 * What it leaves is dropped and made again: with the host and the rights that the stack has by then.
 *
 * @returns the accounts that there are then; any login as a user who has none could only fail.
 * @throws {ConnectionNotAllowed} when the function itself could not log in as such a user.
 */
export async function makeMissingUser(
  work: SetWork,
  superuser: Session,
  configuration: Configuration,
  { username: user, password }: Credential,
  dialect: UserDialect,
): Promise<readonly FoundAccount[]> {
  const found = await dialect.accounts(superuser, user);
  const left = found.filter(inTheMakingOf(work, dialect));
  const finished = found.filter((account) => !left.includes(account));
  if (configuration.username !== user || (left.length === 0 && finished.length > 0)) return found;
  const account = { user, host: configuration.userHost ?? ANY_HOST };
  if (finished.length === 0) await refuseExcluded(superuser, account);
  await work.announce();
  for (const { host } of left) {
    await superuser.query('dropping what an interrupted try has left', `DROP USER ${quoteAccount({ user, host })}`);
  }
  if (finished.length > 0) return finished;
  const name = quoteAccount(account);
  const tls = configuration.target.tls.mode === 'disabled' ? '' : ' REQUIRE SSL';
  await superuser.query(
    'creating the user',
    `CREATE USER ${name} ${dialect.identified(markOf(work, dialect))}${tls} ACCOUNT LOCK`,
  );
  const rights = await giveRights(superuser, configuration, account, dialect);
  await superuser.query(
    'letting the user in',
    `ALTER USER ${name} ${dialect.identified(dialect.hash(password))} ACCOUNT UNLOCK`,
  );
  work.journal.attempt = 'role-created';
  work.journal.notes.push(
    `there was no user ${JSON.stringify(user)}; it was made at host ${account.host}, with ${rights}`,
  );
  return dialect.accounts(superuser, user);
}

/** What a group has is the group's; without one the user has its database, as a role of PostgreSQL has its schema. */
async function giveRights(
  superuser: Session,
  { grants, target }: Configuration,
  account: Account,
  dialect: UserDialect,
): Promise<string> {
  const to = quoteAccount(account);
  for (const group of grants) {
    await superuser.query(`making the user a member of ${JSON.stringify(group)}`, `GRANT ${quoteName(group)} TO ${to}`);
  }
  if (grants.length > 0) {
    await superuser.query('setting the default roles', dialect.setDefaultRoles(account, grants.map(quoteName)));
    return `the roles ${grants.map((group) => JSON.stringify(group)).join(', ')}`;
  }
  await superuser.query(
    `giving the user the database ${JSON.stringify(target.database)}`,
    `GRANT ${OF_A_DATABASE.join(', ')} ON ${quoteName(await patternOf(superuser, target.database))}.* TO ${to}`,
  );
  return `all of the database ${JSON.stringify(target.database)}`;
}

/**
 * In a GRANT the name of a database is a pattern, and would stand for others too. Not where MySQL can take rights away in part:
 * there it is a name, and what is put before its characters would belong to it.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/partial-revokes.html
 */
async function patternOf(superuser: Session, database: string): Promise<string> {
  const escaped = database.replaceAll(/[\\%_]/g, '\\$&');
  if (escaped === database) return database;
  const [row] = await superuser.query(
    'asking whether names are patterns',
    "SHOW GLOBAL VARIABLES WHERE Variable_name = 'partial_revokes'",
  );
  return row?.Value === 'ON' ? database : escaped;
}

function inTheMakingOf(work: SetWork, dialect: UserDialect): (account: FoundAccount) => boolean {
  const mark = markOf(work, dialect);
  return ({ locked, stored }) => locked && stored === mark;
}

/**
 * What is kept of the password of an account in the making: of no password that anybody could know, and of this secret alone.
 * So nobody gets in, and an account that a person has locked is never taken for one of ours.
 */
function markOf({ secretArn }: SetWork, dialect: UserDialect): string {
  return dialect.noPassword(
    createHash('sha256')
      .update(`${ownershipMark(secretArn)} in the making`)
      .digest('hex'),
  );
}

/** Found out before anything is made: the proof by a login could only fail. */
async function refuseExcluded(superuser: Session, { user, host }: Account): Promise<void> {
  const [row] = await superuser.query('asking for the own address', 'SELECT USER() AS user');
  const client = accountIn(String(row?.user)).host;
  if (!excludes(host, client)) return;
  throw new ConnectionNotAllowed(
    `there is no user ${JSON.stringify(user)}, and one at host ${host} would not let this function in, which comes from ${client}; correct STRONGROOM_USER_HOST`,
  );
}
