import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { putCommand } from '../../../constructs/aws/put-command';

/** Runs the command with a program of AWS's name that shows what it was started with and what it reads. */
function run(input: string): { readonly args: string; readonly value: string } {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-put-'));
  try {
    writeFileSync(join(folder, 'aws'), '#!/bin/sh\necho "$*"\ncat /dev/stdin\n');
    chmodSync(join(folder, 'aws'), 0o755);
    const env = { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}` };
    const command = putCommand('prod/myapp/payment-provider', 'eu-central-1');
    const { stdout } = spawnSync('sh', ['-c', command], { input, env, encoding: 'utf8' });
    const end = stdout.indexOf('\n');
    return { args: stdout.slice(0, end), value: stdout.slice(end + 1) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('putCommand', () => {
  it('hands the value over by standard input, never as an argument', () => {
    const { args, value } = run('example-key');
    expect(value).toBe('example-key');
    expect(args).toBe(
      'secretsmanager put-secret-value --region eu-central-1 --secret-id prod/myapp/payment-provider --secret-string file:///dev/stdin',
    );
  });

  it('drops the end of the line that a terminal adds, and nothing else', () => {
    expect(run('a key\\n with, "signs" and räume\r\n').value).toBe('a key\\n with, "signs" and räume');
  });

  it('has no backslash, which Terraform doubles when it prints an output', () => {
    expect(putCommand('x', 'eu-central-1')).not.toContain('\\');
  });
});
