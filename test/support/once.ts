import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inject } from 'vitest';

/** Milliseconds to wait for another test file's work. */
const PATIENCE = 110_000;

/** A new folder that goes when the run ends. */
export function temporaryFolder(name: string): string {
  return mkdtempSync(join(inject('runFolder'), `${name}-`));
}

/** Whether this is the first test file of the run that asks for `name`. */
export function isFirst(name: string): boolean {
  try {
    mkdirSync(join(inject('runFolder'), `${name}.lock`));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Does work once per run, in whichever test file comes first; the others wait and get the same answer or error.
 *
 * @param work - gets a folder of its own that lives as long as the run
 */
export async function oncePerRun<T>(name: string, work: (folder: string) => Promise<T>): Promise<T> {
  const outcome = join(inject('runFolder'), `${name}.json`);
  if (isFirst(name)) {
    const folder = join(inject('runFolder'), name);
    mkdirSync(folder);
    const done = await work(folder).then(
      (value) => ({ value }),
      (error: unknown) => ({ error: String(error) }),
    );
    writeFileSync(`${outcome}.new`, JSON.stringify(done));
    renameSync(`${outcome}.new`, outcome);
  }
  for (const deadline = Date.now() + PATIENCE; !existsSync(outcome); await sleep(50)) {
    if (Date.now() > deadline) throw new Error(`another test file did not finish ${name} in ${PATIENCE} ms`);
  }
  const done = JSON.parse(readFileSync(outcome, 'utf8')) as { readonly value: T } | { readonly error: string };
  if ('error' in done) throw new Error(done.error);
  return done.value;
}
