import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/once';
import { synthesizeAll } from '../support/synthesize';
import { HAS_ENGINE } from './needs-engine';

it.skipIf(!HAS_ENGINE)('leaves no folder behind when it is ended in the middle', async () => {
  const { outdir } = await synthesizeAll();
  const root = join(__dirname, '..', '..');
  const temporary = temporaryFolder('interrupt');
  const args = ['--import', 'tsx', 'cli/strongroom.ts', 'plan', '--out', outdir, '--stand-in'];
  const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, TMPDIR: temporary } });
  await once(child.stderr, 'data');
  const runs = () => readdirSync(temporary).filter((name) => name.startsWith('offline-plan-'));
  expect(runs()).not.toEqual([]);
  child.kill('SIGTERM');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(143);
  expect(runs()).toEqual([]);
});
