import type { Problem } from '../core/errors';
import { FAMILY_OF } from './database';
import type { DatabaseSecret } from './database-secret';

/**
 * Whether one function may rotate several secrets. Each needs the same database; and only PostgreSQL can mark a role with
 * the secret that it belongs to, where elsewhere the function is told the one user that it may change.
 */
export function shareable(secrets: readonly DatabaseSecret[]): Problem | undefined {
  const databases = new Set(secrets.map((secret) => secret.database));
  const families = new Set(secrets.map((secret) => FAMILY_OF[secret.database.engine]));
  const allowed = secrets.length === 1 || (databases.size === 1 && families.has('postgres'));
  if (allowed && new Set(secrets).size === secrets.length) return undefined;
  return {
    code: 'SR-ROTATION-SHARED',
    property: 'secrets',
    message: `are ${secrets.map(({ name }) => name).join(', ')}, allowed are different secrets of one database of PostgreSQL`,
    fix: 'leave the function out, so that each secret gets its own',
  };
}
