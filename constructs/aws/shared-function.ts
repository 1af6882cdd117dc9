import type { Problem } from '../core/errors';
import type { DatabaseSecret } from './database-secret';

/** Whether one function may rotate several secrets: it knows one host and one superuser. */
export function shareable(secrets: readonly DatabaseSecret[]): Problem | undefined {
  const databases = new Set(secrets.map((secret) => secret.database));
  if (databases.size === 1 && new Set(secrets).size === secrets.length) return undefined;
  return {
    code: 'SR-ROTATION-SHARED',
    property: 'secrets',
    message: `are ${secrets.map(({ name }) => name).join(', ')}, allowed are different secrets of one database`,
    fix: 'leave the function out, so that each secret gets its own',
  };
}

/** Whoever may write a secret must not choose whose password the superuser sets. */
export function declaredUsers(secrets: readonly [DatabaseSecret, ...DatabaseSecret[]]): string {
  if (secrets.length === 1) return secrets[0].username;
  return JSON.stringify(Object.fromEntries(secrets.map(({ arn, username }) => [arn, username])));
}
