import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sandbox } from '../../cli/sandbox';
import { strongroom } from '../../cli/strongroom';
import { runSandbox, type SandboxProps, type SandboxReport } from '../../offline/sandbox';
import { temporaryFolder } from '../support/once';
import type { Section } from './fixture';
import { HAS_ENGINE } from './needs-engine';
import { newFolder, ROOT } from './sandbox-support';

const LONG = 400_000;

/** A command that synthesizes two stacks, of which the second depends on the first. */
function appOfTwo(): string {
  const outdir = temporaryFolder('two');
  const entries = (['first', 'second'] as const).map((id): readonly [string, Section] => {
    const folder = join(outdir, 'stacks', id);
    mkdirSync(folder, { recursive: true });
    const json = {
      '//': { metadata: { backend: 'local', stackName: id, version: '0.21.0', outputs: {} } },
      terraform: { backend: { local: { path: `../../../${id}.tfstate` } } },
      resource: { terraform_data: { one: { input: id }, two: { input: id } } },
    };
    writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(json));
    writeFileSync(join(folder, 'metadata.json'), '{}');
    const paths = {
      workingDirectory: `stacks/${id}`,
      synthesizedStackPath: `stacks/${id}/cdk.tf.json`,
      stackMetadataPath: `stacks/${id}/metadata.json`,
    };
    const dependencies = id === 'second' ? ['first'] : [];
    return [id, { name: id, constructPath: id, ...paths, annotations: [], dependencies }];
  });
  writeFileSync(join(outdir, 'manifest.json'), JSON.stringify({ stacks: Object.fromEntries(entries) }));
  return `mkdir -p "$CDKTF_OUTDIR" && cp -R '${outdir}'/. "$CDKTF_OUTDIR"`;
}

const propsOf = (): SandboxProps => ({ env: process.env, folder: newFolder(), project: ROOT, app: appOfTwo() });

describe.skipIf(!HAS_ENGINE)('a kept sandbox of two stacks', () => {
  let folder: string;
  let kept: SandboxReport;
  let tooEarly: string;
  let part: SandboxReport;
  let between: readonly string[];
  let rest: SandboxReport;
  beforeAll(async () => {
    const same = propsOf();
    folder = same.folder;
    kept = await runSandbox({ ...same, mode: 'keep' });
    const destroy = (stacks?: string) => runSandbox({ ...same, mode: 'destroy', stacks });
    tooEarly = await destroy('first').then(() => 'destroyed', String);
    part = await destroy('second');
    between = readdirSync(folder);
    rest = await destroy();
  }, LONG);

  it('holds both', () => {
    expect(kept).toMatchObject({ problems: [], destroyed: false, left: ['first', 'second'] });
  });

  it('keeps a stack that another one depends on, and says which', () => {
    expect(tooEarly).toBe('PlanImpossible: second is deployed here and depends on first; destroy it first, or with it');
  });

  it('has one stack destroyed, and keeps the other', () => {
    expect(part).toMatchObject({ problems: [], destroyed: false, left: ['first'] });
    expect(between).toEqual(expect.arrayContaining(['cdktf.out', 'first.tfstate']));
  });

  it('has the rest destroyed, and is removed', () => {
    expect(rest).toMatchObject({ problems: [], destroyed: true, left: [] });
    expect(existsSync(folder)).toBe(false);
  });
});

describe.skipIf(!HAS_ENGINE)('a sandbox of a part of an app', () => {
  it('deploys a stack that others depend on, and destroys it', { timeout: LONG }, async () => {
    const props = propsOf();
    const report = await runSandbox({ ...props, stacks: 'first' });
    expect(report).toMatchObject({ problems: [], destroyed: true, stacks: [{ stack: 'first', resources: 2 }] });
    expect(existsSync(props.folder)).toBe(false);
  });

  it.each(['pass', 'keep'] as const)('takes no stack whose dependency is not there, to %s', async (mode) => {
    const props = propsOf();
    const refused = runSandbox({ ...props, stacks: 'second', mode });
    await expect(refused).rejects.toThrow('second depends on first, not deployed here; choose them together');
    expect(existsSync(props.folder)).toBe(false);
  });

  it('deploys a stack whose dependency is there already, and names what is left', { timeout: LONG }, async () => {
    const { app, folder } = propsOf();
    const written = { out: '', err: '' };
    const surroundings = {
      env: process.env,
      stdout: { write: (text: string) => (written.out += text) },
      stderr: { write: (text: string) => (written.err += text) },
    };
    expect(await sandbox('first', { app, folder, keep: true }, surroundings)).toBe(0);
    expect(await sandbox('second', { app, folder, keep: true }, surroundings)).toBe(0);
    expect(written.out).toContain(`left deployed in ${folder}: first, second; --destroy destroys what is left\n`);
    expect(await sandbox('second', { app, folder, destroy: true }, surroundings)).toBe(0);
    expect(written.out).toContain(`left deployed in ${folder}: first; --destroy destroys what is left\n`);
  });
});

describe.skipIf(!HAS_ENGINE)('two runs in one folder', () => {
  /** A folder that a run of some process claims. */
  function claimed(pid: number): string {
    const folder = newFolder();
    mkdirSync(join(folder, 'settings'), { recursive: true });
    writeFileSync(join(folder, 'settings', 'engine.rc'), '');
    writeFileSync(join(folder, 'settings', 'process'), String(pid));
    return folder;
  }
  const run = (folder: string) => runSandbox({ env: process.env, folder, project: ROOT, app: 'exit 3' });

  it('are refused while the first one lives', async () => {
    const folder = claimed(process.ppid);
    await expect(run(folder)).rejects.toThrow(`process ${process.ppid} runs a sandbox in ${folder}; wait for it`);
    expect(existsSync(join(folder, 'settings', 'process'))).toBe(true);
  });

  it('may follow each other when the first one was killed', async () => {
    const { pid } = spawnSync('true');
    expect((await run(claimed(pid))).problems).toEqual([expect.stringMatching(/^the app ended with 3/)]);
  });
});

it('does not take both --keep and --destroy', async () => {
  const ignore = () => {};
  const command = ['node', 'strongroom', 'sandbox', '--keep', '--destroy'];
  const both = "option '--destroy' cannot be used with option '--keep'";
  await expect(strongroom(ignore, ignore).parseAsync(command)).rejects.toThrow(both);
});
