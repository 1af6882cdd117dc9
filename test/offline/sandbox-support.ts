import { readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/once';
import { fixtureStack, outputOf, type Section } from './fixture';

export const ROOT = join(__dirname, '..', '..');

/** The fixture with its state in a file, and with sections of it replaced. */
export function localFixture(sections: Section = {}): Section {
  const stack = fixtureStack();
  const terraform = { ...(stack['terraform'] as Section), backend: { local: { path: '../../../fixture.tfstate' } } };
  // The CLI of CDKTF asks for it.
  const metadata = { backend: 'local', stackName: 'fixture', version: '0.21.0', outputs: {} };
  return { '//': { metadata }, ...stack, terraform, ...sections };
}

/** A command that does what an app does: it writes what would be synthesized. */
export function appOf(json: Section): string {
  return `mkdir -p "$CDKTF_OUTDIR" && cp -R '${outputOf(json)}'/. "$CDKTF_OUTDIR"`;
}

/** A folder for a sandbox that is not there yet. */
export function newFolder(): string {
  return join(temporaryFolder('sandbox'), 'sandbox.out');
}

/** Processes that work in a folder, by their numbers; a folder that was removed since counts too. */
export function processesIn(folder: string): readonly string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        // Ended meanwhile, or another user's.
        return false;
      }
    });
}
