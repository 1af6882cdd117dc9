import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/once';
import { synthesizeAll } from '../support/synthesize';
import { fixtureStack, outputOf } from './fixture';
import { HAS_ENGINE } from './needs-engine';
import { AWS_VERSION, HAS_AWS } from './plugins-at-hand';
import { processesIn, ROOT } from './sandbox-support';

const LINUX = platform() === 'linux';

/** The command in a process of its own, with a folder of its own for what is temporary. */
function planning(outdir: string, ...more: readonly string[]) {
  const temporary = temporaryFolder('interrupt');
  const args = ['--import', 'tsx', 'cli/strongroom.ts', 'plan', '--out', outdir, ...more];
  const child = spawn(process.execPath, args, { cwd: ROOT, env: { ...process.env, TMPDIR: temporary } });
  const runs = () => readdirSync(temporary).filter((name) => name.startsWith('offline-plan-'));
  return { child, temporary, runs };
}

/** Waits for something that must come to be before the command ends. */
async function until<T>(child: ChildProcess, look: () => T | undefined): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== undefined) return found;
    if (child.exitCode !== null) throw new Error('the command ended before it could be met in the middle');
    await sleep(5);
  }
}

it.skipIf(!HAS_ENGINE).each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  'leaves no folder and no process behind when it is ended by %s',
  { timeout: 60_000 },
  async (signal, code) => {
    const { outdir } = await synthesizeAll();
    const { child, temporary, runs } = planning(outdir, '--stand-in');
    await once(child.stderr, 'data');
    if (LINUX) await until(child, () => (processesIn(temporary).length > 0 ? true : undefined));
    expect(runs()).not.toEqual([]);
    child.kill(signal);
    expect(await once(child, 'exit')).toEqual([code, null]);
    expect(runs()).toEqual([]);
    if (LINUX) await expect.poll(() => processesIn(temporary), { timeout: 10_000 }).toEqual([]);
  },
);

it.runIf(HAS_AWS && LINUX)(
  'leaves no plugin, no folder and no lock behind when the engine is killed, and says so with exit code 2',
  { timeout: 120_000 },
  async () => {
    const outdir = outputOf(fixtureStack());
    const { child, temporary, runs } = planning(outdir, '--allow-provider', `aws=${AWS_VERSION}`);
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const plugin = await until(child, () => started(temporary, 'terraform-provider-aws'));
    const engine = await until(child, () => started(temporary, 'validate'));
    expect(plugin).not.toBe(engine);
    process.kill(engine, 'SIGKILL');
    expect(await once(child, 'exit')).toEqual([2, null]);
    expect(said).toMatch(/^error: fixture: (Terraform|OpenTofu) validate was killed\n$/);
    await expect.poll(() => processesIn(temporary), { timeout: 10_000 }).toEqual([]);
    expect(runs()).toEqual([]);
  },
);

/** The process in a folder whose command line names this. */
function started(folder: string, word: string): number | undefined {
  const pid = processesIn(folder).find((one) => {
    try {
      return readFileSync(`/proc/${one}/cmdline`, 'utf8').includes(word);
    } catch {
      // Ended meanwhile.
      return false;
    }
  });
  return pid === undefined ? undefined : Number(pid);
}
