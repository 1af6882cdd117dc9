import { join } from 'node:path';
import { oncePerRun } from './once';
import { run } from './terraform/process';

/** Milliseconds for the whole app, on a machine that does other things as well. */
const TIMEOUT = 100_000;

/** Synthesizes every stack of every environment once per run, with the app that users start. */
export function synthesizeAll(): Promise<{ readonly outdir: string }> {
  return oncePerRun('synthesized', async (folder) => {
    const outdir = join(folder, 'cdktf.out');
    const env = { PATH: process.env.PATH ?? '', HOME: folder, CDKTF_OUTDIR: outdir };
    const root = join(__dirname, '..', '..');
    const app = await run(process.execPath, ['--import', 'tsx', 'main.ts'], { cwd: root, env, timeout: TIMEOUT });
    if (app.code !== 0) throw new Error(`the app ended with ${app.code}\n${app.stdout}\n${app.stderr}`);
    return { outdir };
  });
}
