import type { Problem } from '../core/errors';
import type { NextStep } from '../core/next-step';
import type { DatabaseSecret } from './database-secret';
import { userRule } from './database-user';
import { CLONE_SUFFIX } from './rotation-settings';

/**
 * The SQL with which the owner of a new database makes the application's user, where no rotation does. Its password is
 * one that nobody learns, until the first rotation sets another.
 *
 * @see https://dev.mysql.com/doc/refman/8.4/en/create-user.html
 * @see https://mariadb.com/kb/en/create-user/
 */
export function makeUserStep({ database, username, name }: DatabaseSecret, region: string): NextStep {
  const user = `'${username}'@'%'`;
  const login =
    database.engine === 'mariadb'
      ? "IDENTIFIED VIA mysql_native_password USING 'invalid'"
      : 'IDENTIFIED WITH caching_sha2_password BY RANDOM PASSWORD';
  return {
    what: `Make the user of ${name} in the new database ${database.name} as its master, with the rights that the program needs, then rotate the secret once`,
    run: [
      `CREATE USER ${user} ${login} REQUIRE SSL;`,
      `GRANT SELECT, INSERT, UPDATE, DELETE ON \`${database.name}\`.* TO ${user};`,
      `-- then: aws secretsmanager rotate-secret --region ${region} --secret-id ${name}`,
    ].join('\n'),
  };
}

/** The second of two alternating users needs a name that fits, and that is told from the first one's. */
export function secondUser(
  { database, username }: DatabaseSecret,
  { cloneSuffix = CLONE_SUFFIX }: { readonly cloneSuffix?: string },
): Problem | undefined {
  const { longest } = userRule(database);
  if (username.length + cloneSuffix.length <= longest && !username.endsWith(cloneSuffix)) return undefined;
  return {
    code: 'SR-ROTATION-CLONE',
    property: 'strategy',
    message: `adds ${JSON.stringify(cloneSuffix)} to ${JSON.stringify(username)}, allowed are ${longest} characters in all, and a name that does not end so already`,
    fix: 'shorten the name of the user, or choose another cloneSuffix',
  };
}
