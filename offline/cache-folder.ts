import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './engine';

/**
 * The folder for what is slow to make and can be thrown away at any time.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheFolder(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'strongroom');
}
