import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * What a file of a cache holds; undefined when it is not there, can't be read, or is damaged.
 *
 * @param parse - throws on content that is damaged or of another form
 */
export function readKept<T>(file: string, parse: (content: Buffer) => T): T | undefined {
  try {
    return parse(readFileSync(file));
  } catch {
    // A cache is done without.
    return undefined;
  }
}

/** Writes a file of a cache, whole or not at all: several runs may write, and none may read half of it. */
export function keep(file: string, content: string | Uint8Array): void {
  const partial = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(partial, content);
    renameSync(partial, file);
  } catch {
    discard(partial);
  }
}

function discard(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // Its folder is none: then there is no file either.
  }
}
