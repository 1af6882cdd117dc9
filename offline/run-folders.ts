import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Folders of runs that have not ended and that leave nothing behind. */
const opened = new Set<string>();

/** Makes a folder for one run; it goes also when the run is interrupted. */
export function openFolder(prefix: string): string {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  adoptFolder(folder);
  return folder;
}

/** Has a folder that is there, or is about to be, go as one that was made for a run. */
export function adoptFolder(folder: string): void {
  opened.add(folder);
}

/** Removes the folder of one run. */
export function closeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  opened.delete(folder);
}

/** Removes what interrupted runs leave. */
export function removeFolders(): void {
  for (const folder of opened) closeFolder(folder);
}
