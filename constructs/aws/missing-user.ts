import type { NextStep } from '../core/next-step';
import type { DatabaseSecret } from './database-secret';

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
