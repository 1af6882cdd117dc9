import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { expect, it } from 'vitest';
import { ROOT } from './sandbox-support';

/** Takes nothing, like a full disk. */
const FULL = '/dev/full';

const HELP = ['--import', 'tsx', 'cli/strongroom.ts', 'plan', '--help'];

it.runIf(existsSync(FULL))('ends with 2 and one line when standard output takes no more', () => {
  const full = openSync(FULL, 'w');
  const { status, stderr } = spawnSync(process.execPath, HELP, { cwd: ROOT, stdio: ['ignore', full, 'pipe'] });
  closeSync(full);
  expect(stderr.toString()).toMatch(/^error: standard output takes no more: ENOSPC: .*\n$/);
  expect(status).toBe(2);
});

it('ends well when only the first line is read', () => {
  const piped = `'${process.execPath}' ${HELP.join(' ')}; echo "ended with $?" >&2`;
  const { stdout, stderr } = spawnSync('sh', ['-c', `{ ${piped}; } | head -1`], { cwd: ROOT });
  expect(stdout.toString()).toMatch(/^Usage: strongroom plan .*\n$/);
  expect(stderr.toString()).toBe('ended with 0\n');
});
