import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  export interface ProvidedContext {
    /** A folder that all test files of one run share; see once.ts. */
    readonly runFolder: string;
  }
}

/**
 * Makes the folder that test files of one run share. What goes into it is made by the first file that needs it.
 *
 * It is the run's folder for temporary files too (temporary-files.ts): CDKTF's test helper leaves one behind for each app.
 */
export default function setup(project: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-run-'));
  // Servers that don't run as root start under another user, who must get to their folders in it.
  chmodSync(folder, 0o711);
  project.provide('runFolder', folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
