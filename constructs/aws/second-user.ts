import type { Problem } from '../core/errors';
import type { DatabaseSecret } from './database-secret';
import { userRule } from './database-user';
import { CLONE_SUFFIX } from './rotation-settings';

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
