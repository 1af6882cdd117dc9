import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/core-environment';
import { runApp } from './support';

const tmp = temporaryFolder();
const started = (env: Readonly<Record<string, string>> = {}) => runApp(mkdtempSync(join(tmp, 'app-')), env);
const lines = (text: string) => text.trimEnd().split('\n');
/** How a stack trace looks, of Node or of CDKTF. */
const TRACE = /^\s+at |node_modules|creation stack/im;

describe('a run that is refused', () => {
  it('tries every stack of every environment and prints all errors, one a line, in order', async () => {
    const { code, stdout, stderr } = await started({ FAULT: 'refused' });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(lines(stderr)).toEqual([
      'error: dev-refused-aws: size is 0, allowed are 1 to 9; write 1 [SR-TEST]',
      'error: dev-refused-aws: name is 0, allowed are 1 to 9; write 1 [SR-TEST]',
      'error: dev: something else went wrong',
      'error: prod-refused-aws: size is 0, allowed are 1 to 9; write 1 [SR-TEST]',
      'error: prod-refused-aws: name is 0, allowed are 1 to 9; write 1 [SR-TEST]',
      'error: prod: something else went wrong',
    ]);
  });

  it('prints all problems of all environments before it makes any stack', async () => {
    const { code, stderr } = await started({ FAULT: 'environments' });
    expect(code).toBe(1);
    expect(lines(stderr)).toEqual([
      expect.stringMatching(/^error: environments: name is "Dev".*\[SR-ENVIRONMENT-NAME]$/),
      expect.stringMatching(/^error: environments: prod\.state is local.*\[SR-STATE-LOCAL]$/),
      expect.stringMatching(/^error: environments: Dev\.account .*\[SR-TEST]$/),
      expect.stringMatching(/^error: environments: prod\.account .*\[SR-TEST]$/),
    ]);
  });

  it('names both stacks of a reference that crosses them, in every environment', async () => {
    const { stderr } = await started({ FAULT: 'crossing' });
    expect(lines(stderr)).toEqual(
      ['dev', 'prod'].map((name) =>
        expect.stringMatching(
          new RegExp(`^error: ${name}-crossing-aws: a value refers to ${name}-myapp-vault, .*\\[SR-CROSS-STACK]$`),
        ),
      ),
    );
  });

  it.each(['refused', 'environments', 'crossing'])('shows no stack trace: %s', async (fault) => {
    expect((await started({ FAULT: fault })).stderr).not.toMatch(TRACE);
  });

  it('shows the stack traces to whoever asks for them', async () => {
    const { stderr } = await started({ FAULT: 'refused', STRONGROOM_DEBUG: '1' });
    expect(stderr).toMatch(/TypeError: something else went wrong\n\s+at new Broken/);
  });
});

describe('a run that succeeds', () => {
  it('prints a table of environments, stacks, resources, secrets and who reads them', async () => {
    const { code, stdout } = await started();
    expect(code).toBe(0);
    const cells = lines(stdout)
      .filter((line) => line.startsWith('│'))
      .map((line) =>
        line
          .split('│')
          .map((cell) => cell.trim())
          .slice(1, -1),
      );
    expect(cells).toEqual([
      ['environment', 'stack', 'resources', 'secrets', 'who reads them'],
      ['dev', 'dev-myapp-vault', '3', 'dev-secret/data/myapp/database', 'dev-myapp'],
      ['dev', 'dev-myapp-vault-settings', '1', '', ''],
      ['prod', 'prod-myapp-vault', '3', 'prod-secret/data/myapp/database', 'prod-myapp'],
      ['prod', 'prod-myapp-vault-settings', '1', '', ''],
    ]);
  });

  it('says what to do next, with what the stacks themselves say', async () => {
    const { stdout } = await started();
    expect(stdout).toContain("npx cdktf deploy 'prod-*'");
    expect(stdout).toContain('    dev-myapp-vault\n      - restart myapp\n');
  });

  it('warns on standard error', async () => {
    expect((await started()).stderr).toBe('warning: dev and prod share a server\n');
  });

  it('uses no colour where no terminal is', async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is how colours begin
    expect((await started({ FORCE_COLOR: '1' })).stdout).not.toMatch(/\u001b\[/);
  });

  it('prints one line under the CLI of CDKTF, which names the output folder', async () => {
    const folder = mkdtempSync(join(tmp, 'out-'));
    const { stdout } = await started({ CDKTF_OUTDIR: join(folder, 'elsewhere') });
    expect(stdout).toBe(`4 stacks with 8 resources and 2 secrets written to ${join(folder, 'elsewhere')}\n`);
  });
});
