import { join } from 'node:path';
import { keep, readKept } from '../kept-file';
import type { BlockSchema } from '../schema';

/** Version of what is read off bindings: raised whenever the same bindings are read to something else. */
const FORMAT = 1;

/** What was read off one package of bindings, by module; null where the package has no such module. */
type Modules = Record<string, BlockSchema | null>;

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
    // What others wrote in the meantime stays.
    keep(this.file, JSON.stringify({ ...kept(this.file), ...this.modules }));
  }
}

function kept(file: string): Modules {
  const modules = readKept(file, (content): unknown => JSON.parse(content.toString('utf8')));
  return typeof modules === 'object' && modules !== null && !Array.isArray(modules) ? (modules as Modules) : {};
}
