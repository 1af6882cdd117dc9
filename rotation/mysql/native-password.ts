import { createHash } from 'node:crypto';

/** What `mysql_native_password` stores. Made here, so that no statement, and so no log of the server, holds the password. */
export function nativeHash(password: string): string {
  const once = createHash('sha1').update(password).digest();
  return `*${createHash('sha1').update(once).digest('hex').toUpperCase()}`;
}
