import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/once';
import { sameResources } from './same-resources';
import { SIZE } from './size';

const ROOT = join(__dirname, '../..');

it('compares the same resources, with Strongroom’s constructs and without', { timeout: 120_000 }, () => {
  const [own, plain] = ['many-secrets', 'plain-secrets'].map((program) => {
    const outdir = join(temporaryFolder('bench'), 'out');
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', 'tsx', join(ROOT, 'test/bench', `${program}.ts`), outdir, '1'],
      { cwd: ROOT, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(status).toBe(0);
    return outdir;
  });
  expect(sameResources(String(own), String(plain))).toBeGreaterThan(SIZE.secretsPerStack * 10);
});
