import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../support/core-environment';
import { filesIn, runApp } from './support';

const tmp = temporaryFolder();
const newFolder = () => mkdtempSync(join(tmp, 'app-'));
const out = (folder: string) => filesIn(join(folder, 'cdktf.out'));

/** A folder in which the app ran once, and what it left there. */
async function published() {
  const folder = newFolder();
  expect((await runApp(folder)).code).toBe(0);
  return { folder, before: out(folder) };
}

describe('a run that succeeds', () => {
  it('publishes every stack and the manifest, and leaves no other folder behind', async () => {
    const { folder, before } = await published();
    expect(Object.keys(before)).toEqual([
      'manifest.json',
      'next-steps.md',
      'stacks/dev-myapp-vault-settings/cdk.tf.json',
      'stacks/dev-myapp-vault/cdk.tf.json',
      'stacks/prod-myapp-vault-settings/cdk.tf.json',
      'stacks/prod-myapp-vault/cdk.tf.json',
    ]);
    expect(readdirSync(folder)).toEqual(['cdktf.out']);
  });

  it('gives the same bytes again, in another folder too', async () => {
    const first = await published();
    const second = await published();
    expect((await runApp(first.folder)).code).toBe(0);
    expect(out(first.folder)).toEqual(first.before);
    expect(second.before).toEqual(first.before);
  });

  it('replaces what changed', async () => {
    const { folder, before } = await published();
    expect((await runApp(folder, { SETTING: '2' })).code).toBe(0);
    const changed = Object.entries(out(folder)).filter(([file, text]) => before[file] !== text);
    expect(changed.map(([file]) => file)).toEqual([
      'stacks/dev-myapp-vault-settings/cdk.tf.json',
      'stacks/prod-myapp-vault-settings/cdk.tf.json',
    ]);
  });

  it("leaves Terraform's own folders, lock files and plans alone", async () => {
    const { folder } = await published();
    const own = ['.terraform/modules/modules.json', '.terraform.lock.hcl', 'plan', 'terraform.tfstate'].map((file) =>
      join(folder, 'cdktf.out', 'stacks', 'prod-myapp-vault', file),
    );
    for (const file of own) {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, 'own');
    }
    expect((await runApp(folder)).code).toBe(0);
    expect(own.filter((file) => !existsSync(file))).toEqual([]);
  });

  it('removes the files of a stack that the app no longer has, and nothing that is not its own', async () => {
    const { folder } = await published();
    const plan = join(folder, 'cdktf.out', 'stacks', 'prod-myapp-vault-settings', 'plan');
    writeFileSync(plan, 'own');
    expect((await runApp(folder, { FAULT: 'fewer' })).code).toBe(0);
    const stacks = readdirSync(join(folder, 'cdktf.out', 'stacks'));
    expect(stacks.sort()).toEqual(['dev-myapp-vault', 'prod-myapp-vault', 'prod-myapp-vault-settings']);
    expect(readdirSync(dirname(plan))).toEqual(['plan']);
  });

  it('removes what a run that was killed left beside the output, and nothing of a run that is still going', async () => {
    const folder = newFolder();
    // A number that no process can have, and the number of this one.
    for (const name of ['.cdktf.out-4194305-x', `.cdktf.out-${process.pid}-x`]) mkdirSync(join(folder, name));
    expect((await runApp(folder)).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual([`.cdktf.out-${process.pid}-x`, 'cdktf.out']);
  });

  it('overwrites a manifest that another program left half written', async () => {
    const { folder, before } = await published();
    writeFileSync(join(folder, 'cdktf.out', 'manifest.json'), '{"stacks":');
    expect((await runApp(folder)).code).toBe(0);
    expect(out(folder)).toEqual(before);
  });
});

describe('a run that does not succeed leaves the previous output whole, and nothing else', () => {
  it.each([
    ['is refused by a construct', { FAULT: 'refused', SETTING: '2' }, 1],
    ['is refused for its environments', { FAULT: 'environments', SETTING: '2' }, 1],
    ['is refused for a reference to another stack', { FAULT: 'crossing', SETTING: '2' }, 1],
    ['is interrupted from inside a construct', { FAULT: 'SIGINT', SETTING: '2' }, 130],
    ['is terminated from inside a construct', { FAULT: 'SIGTERM', SETTING: '2' }, 143],
  ])('when it %s', async (_, env, code) => {
    const { folder, before } = await published();
    expect((await runApp(folder, env)).code).toBe(code);
    expect(out(folder)).toEqual(before);
    expect(readdirSync(folder)).toEqual(['cdktf.out']);
  });

  it('when a file can not be written whole', async () => {
    const { folder, before } = await published();
    // The stack of 200 kB is more than 100 blocks; the others are less.
    const ended = await runApp(folder, { FAULT: 'large', SETTING: '2' }, 100);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('EFBIG') });
    expect(out(folder)).toEqual(before);
    expect(readdirSync(folder)).toEqual(['cdktf.out']);
  });

  it('and publishes nothing where there was nothing before', async () => {
    const folder = newFolder();
    expect((await runApp(folder, { FAULT: 'refused' })).code).toBe(1);
    expect(readdirSync(folder)).toEqual([]);
  });
});
