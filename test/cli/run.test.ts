import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from '../../cli/run';
import { HAS_ENGINE } from '../offline/needs-engine';
import { PROD, stackOf, temporaryFolder } from '../support/core-environment';

const tmp = temporaryFolder();

/** Runs an app with one stack and keeps what it writes. */
async function ran(
  env: Readonly<Record<string, string>>,
  terminal: { isTTY?: boolean; columns?: number } = {},
  argv: readonly string[] = [],
) {
  const written = { stdout: '', stderr: '' };
  const here = process.cwd();
  process.chdir(mkdtempSync(join(tmp, 'run-')));
  try {
    const code = await run(
      { environments: [PROD], stacks: [stackOf(() => {})] },
      {
        argv,
        env,
        stdout: { ...terminal, write: (text) => (written.stdout += text) },
        stderr: { write: (text) => (written.stderr += text) },
      },
    );
    return { code, ...written };
  } finally {
    process.chdir(here);
  }
}

const ESCAPE = String.fromCharCode(27);

describe('run', () => {
  it('uses colour on a terminal, unless NO_COLOR is set', async () => {
    expect((await ran({}, { isTTY: true })).stdout).toContain(ESCAPE);
    expect((await ran({ NO_COLOR: '1' }, { isTTY: true })).stdout).not.toContain(ESCAPE);
    expect((await ran({})).stdout).not.toContain(ESCAPE);
  });

  it('writes to cdktf.out unless CDKTF_OUTDIR says otherwise', async () => {
    expect((await ran({})).stdout).toContain('written to cdktf.out');
    expect((await ran({ CDKTF_OUTDIR: 'elsewhere' })).stdout).toContain('written to elsewhere');
  });

  it('ends with 0 and says nothing on standard error when nothing is wrong', async () => {
    expect(await ran({})).toMatchObject({ code: 0, stderr: '' });
  });

  it('says in one line after the report why it does not plan, and ends with 0', async () => {
    const { code, stdout, stderr } = await ran({ PATH: '/nowhere' }, {}, ['--plan']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/What to do next[\s\S]*\n\nnot planned: there is neither terraform nor tofu on PATH.*\n$/);
  });

  it('plans neither unasked nor under the CLI of CDKTF', async () => {
    expect((await ran({ PATH: '/nowhere' })).stdout).not.toContain('planned');
    const underCli = await ran({ PATH: '/nowhere', CDKTF_OUTDIR: 'elsewhere' }, {}, ['--plan']);
    expect(underCli.stdout).not.toContain('planned');
  });

  it.skipIf(!HAS_ENGINE)('plans what it synthesized, with progress on standard error', async () => {
    const { code, stdout, stderr } = await ran({ PATH: process.env['PATH'] ?? '' }, {}, ['--plan']);
    expect(stdout).toMatch(/\n\n1 stacks plan with .*; the plans are in cdktf\.out\/plans\n$/);
    expect(stderr).toMatch(/^1\/1 prod-myapp-vault planned in \d+ ms\n$/);
    expect(code).toBe(0);
  });

  it('tells an error of the file system in one line', async () => {
    const { code, stdout, stderr } = await ran({ CDKTF_OUTDIR: '/dev/null/out' });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^error: (?:EEXIST|ENOTDIR): .*\n$/);
  });
});
