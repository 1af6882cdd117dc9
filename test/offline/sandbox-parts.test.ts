import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { sandbox } from '../../cli/sandbox';
import { strongroom } from '../../cli/strongroom';
import { runSandbox } from '../../offline/sandbox';
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

interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** The command on one folder, in the project that has the CLI of CDKTF. */
function commandIn(folder: string, app: string) {
  return async (stacks: string, flags: { readonly keep?: boolean; readonly destroy?: boolean } = {}): Promise<Ran> => {
    const written = { out: '', err: '' };
    const stdout = { write: (text: string) => (written.out += text) };
    const stderr = { write: (text: string) => (written.err += text) };
    const code = await sandbox(stacks, { app, folder, ...flags }, { env: process.env, stdout, stderr });
    return { code, ...written };
  };
}

describe.skipIf(!HAS_ENGINE)('a sandbox of two stacks, stack by stack', () => {
  const folder = newFolder();
  let first: Ran;
  let second: Ran;
  let tooEarly: Ran;
  let part: Ran;
  let between: readonly string[];
  let rest: Ran;
  beforeAll(async () => {
    const command = commandIn(folder, appOfTwo());
    first = await command('first', { keep: true });
    second = await command('second', { keep: true });
    tooEarly = await command('first', { destroy: true });
    part = await command('second', { destroy: true });
    between = readdirSync(folder);
    rest = await command('*', { destroy: true });
  }, LONG);

  it('holds the one that others depend on', () => {
    expect(first).toMatchObject({
      code: 0,
      out: expect.stringContaining(`left deployed in ${folder}: first; --destroy`),
    });
  });

  it('holds the other one besides, since what it depends on is there', () => {
    const both = `left deployed in ${folder}: first, second; --destroy destroys what is left\n`;
    expect(second).toMatchObject({ code: 0, out: expect.stringContaining(both) });
  });

  it('keeps a stack that another one depends on, and says which', () => {
    const err = 'error: second is deployed here and depends on first; destroy it first, or with it\n';
    expect(tooEarly).toEqual({ code: 2, out: '', err });
  });

  it('has one stack destroyed, and keeps the other', () => {
    const out = `left deployed in ${folder}: first; --destroy destroys what is left\n`;
    expect(part).toEqual({ code: 0, out, err: "cdktf destroy 'second'\nsecond: destroyed\n" });
    expect(between).toEqual(expect.arrayContaining(['cdktf.out', 'first.tfstate']));
  });

  it('has the rest destroyed, and is removed', () => {
    expect(rest).toMatchObject({ code: 0, err: "cdktf destroy '*'\nfirst: destroyed\n" });
    expect(existsSync(folder)).toBe(false);
  });
});

it.skipIf(!HAS_ENGINE).each(['pass', 'keep'] as const)(
  'a stack whose dependency is not there is not deployed, to %s, and nothing is left',
  async (mode) => {
    const props = { env: process.env, folder: newFolder(), project: ROOT, app: appOfTwo(), stacks: 'second', mode };
    await expect(runSandbox(props)).rejects.toThrow('second depends on first, not deployed here; choose them together');
    expect(existsSync(props.folder)).toBe(false);
  },
);

it.skipIf(!HAS_ENGINE)('an app that synthesizes nothing is told, and nothing is left', async () => {
  const props = { env: process.env, folder: newFolder(), project: ROOT, app: 'true' };
  await expect(runSandbox(props)).rejects.toThrow('true synthesized no stack into CDKTF_OUTDIR');
  expect(existsSync(props.folder)).toBe(false);
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
