import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

const MANIFEST = 'manifest.json';
const STACKS = 'stacks';

/**
 * Makes an empty folder beside the output, on the same file system, so that publishing is renames alone.
 *
 * Folders that a killed run left behind are removed on the way.
 */
export function makeStagingFolder(outdir: string): string {
  const parent = dirname(resolve(outdir));
  const prefix = `.${basename(resolve(outdir))}-`;
  mkdirSync(parent, { recursive: true });
  for (const name of readdirSync(parent)) {
    const owner = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (owner > 0 && !isRunning(owner)) rmSync(join(parent, name), { recursive: true, force: true });
  }
  return mkdtempSync(join(parent, `${prefix}${process.pid}-`));
}

/**
 * Moves everything synthesized into the output, file by file, the manifest last, in one synchronous pass.
 *
 * What synth did not write (`.terraform`, lock files, plans) stays; what an earlier synth wrote and this one no longer
 * does goes, after the new manifest no longer names it.
 */
export function publish(staging: string, outdir: string): void {
  const target = resolve(outdir);
  const before = existsSync(target) ? synthesizedFiles(target) : [];
  const files = filesBelow(staging).map((file) => relative(staging, file));
  const written = new Set(files);
  // Folders first: they are all that can still fail for want of space.
  for (const file of files) mkdirSync(dirname(join(target, file)), { recursive: true });
  for (const file of [...files.filter((one) => one !== MANIFEST), MANIFEST]) {
    renameSync(join(staging, file), join(target, file));
  }
  for (const file of before.filter((one) => !written.has(one))) {
    rmSync(join(target, file), { force: true });
    removeEmptyFolders(dirname(join(target, file)), target);
  }
  rmSync(staging, { recursive: true, force: true });
}

/** What an earlier synth wrote: the files that its manifest names, and the assets beside them. */
function synthesizedFiles(outdir: string): readonly string[] {
  if (!existsSync(join(outdir, MANIFEST))) return [];
  return stacksOf(readFileSync(join(outdir, MANIFEST), 'utf8')).flatMap((id) => {
    const folder = join(STACKS, id);
    const assets = join(outdir, folder, 'assets');
    const files = ['cdk.tf.json', 'metadata.json'].map((name) => join(folder, name));
    return [...files, ...(existsSync(assets) ? filesBelow(assets).map((file) => relative(outdir, file)) : [])];
  });
}

/** The stacks that a manifest names; none when another program left it half written. */
function stacksOf(text: string): readonly string[] {
  try {
    const manifest: unknown = JSON.parse(text);
    return isRecord(manifest) && isRecord(manifest['stacks']) ? Object.keys(manifest['stacks']) : [];
  } catch {
    return [];
  }
}

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

function removeEmptyFolders(folder: string, stopAt: string): void {
  if (folder === stopAt || !existsSync(folder) || !statSync(folder).isDirectory()) return;
  if (readdirSync(folder).length > 0) return;
  rmdirSync(folder);
  removeEmptyFolders(dirname(folder), stopAt);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Another user's process exists too, it only can't be signalled.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
