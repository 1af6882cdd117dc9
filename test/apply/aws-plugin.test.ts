import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/once';
import { startAwsPlugin } from '../support/terraform/aws-plugin';

/** A working folder after `terraform init`, with a script for a plugin. */
function initialized(script: string, ...versions: readonly string[]): string {
  const folder = temporaryFolder('initialized');
  const mirror = temporaryFolder('mirror');
  writeFileSync(join(mirror, 'terraform-provider-aws_v1'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(mirror, 'LICENSE.txt'), '');
  for (const version of versions) {
    const parent = join(folder, '.terraform/providers/registry.terraform.io/hashicorp/aws', version);
    mkdirSync(parent, { recursive: true });
    symlinkSync(mirror, join(parent, 'linux_amd64'));
  }
  return folder;
}

const LISTENS = `printf "Provider started.\\n\\n\\tTF_REATTACH_PROVIDERS='{\\"a\\":{\\"Pid\\":$$}}'\\n\\n"`;

describe('a plugin that is started once', () => {
  it('says where it listens, and ends when it is asked to', async () => {
    const plugin = await startAwsPlugin(
      initialized(`${LISTENS}; trap 'exit 0' INT; while :; do sleep 0.05; done`, '1'),
      process.env as Record<string, string>,
    );
    const { a } = JSON.parse(plugin.reattach) as { readonly a: { readonly Pid: number } };
    expect(() => process.kill(a.Pid, 0)).not.toThrow();
    await plugin.stop();
    expect(() => process.kill(a.Pid, 0)).toThrow('ESRCH');
  });

  it('is told of with what it printed, when it does not come up', async () => {
    const folder = initialized('echo "no room left" >&2; exit 1', '1');
    await expect(startAwsPlugin(folder, {})).rejects.toThrow(/did not come up:\nno room left/);
  });

  it('is the only one that was installed', async () => {
    await expect(startAwsPlugin(initialized('exit 1', '1', '2'), {})).rejects.toThrow('holds 2 of *, not one');
  });
});
