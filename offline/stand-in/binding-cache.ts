import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../engine';
import type { BlockSchema } from '../schema';

/** Version of what is read off bindings: raised whenever the same bindings are read to something else. */
const FORMAT = 1;

/** What was read off one package of bindings, by module; null where the package has no such module. */
type Modules = Record<string, BlockSchema | null>;

/**
 * Where caches live on this machine.
 *
 * @see https://specifications.freedesktop.org/basedir-spec/latest/
 */
export function cacheFolder(env: Environment): string {
  return join(env['XDG_CACHE_HOME'] || join(env['HOME'] || homedir(), '.cache'), 'strongroom');
}

/**
 * Keeps what was read off one package of bindings, in one file per package, version and format.
 *
 * Nothing depends on it: a file that is damaged counts as none, and one that can't be written is not. Several processes
 * may share it; each writes whole files, and what one of them lost of another's is read again.
 */
export class BindingCache {
  private readonly file: string | undefined;
  private readonly modules: Modules;
  private changed = false;

  /** @param folder - without one, nothing is kept on disk */
  constructor(folder: string | undefined, name: string, version: string) {
    this.file = folder && join(folder, `${name.replace(/^@/, '').replace(/\W+/g, '-')}-${version}-${FORMAT}.json`);
    this.modules = this.file === undefined ? {} : kept(this.file);
  }

  /** What a module holds: as it was kept, else as `read` reads it. */
  get(module: string, read: () => BlockSchema | undefined): BlockSchema | undefined {
    if (!Object.hasOwn(this.modules, module)) {
      this.modules[module] = read() ?? null;
      this.changed = true;
    }
    return this.modules[module] ?? undefined;
  }

  /** Writes what is new. */
  save(): void {
    if (this.file === undefined || !this.changed) return;
    this.changed = false;
    const partial = `${this.file}.${process.pid}`;
    try {
      mkdirSync(join(this.file, '..'), { recursive: true });
      // What others wrote in the meantime stays.
      writeFileSync(partial, JSON.stringify({ ...kept(this.file), ...this.modules }));
      renameSync(partial, this.file);
    } catch {
      remove(partial);
    }
  }
}

function remove(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder is none: then there is no file either.
  }
}

function kept(file: string): Modules {
  try {
    const modules: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return typeof modules === 'object' && modules !== null && !Array.isArray(modules) ? (modules as Modules) : {};
  } catch {
    return {};
  }
}
