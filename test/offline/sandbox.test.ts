import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { sandbox } from '../../cli/sandbox';
import { runSandbox } from '../../offline/sandbox';
import { findLeaks } from '../support/terraform/leaks';
import { fixtureStack, type Section } from './fixture';
import { HAS_ENGINE, HAS_TOFU, tofu } from './needs-engine';
import { appOf, localFixture, newFolder, processesIn, ROOT } from './sandbox-support';

/** Milliseconds for all stacks, with the CLI of CDKTF twice, beside other tests. */
const LONG = 400_000;

const APP = `'${process.execPath}' --import tsx main.ts sandbox`;

const ENGINES = [
  ['the engine at hand', HAS_ENGINE, process.env],
  ['OpenTofu', HAS_TOFU, { ...process.env, TERRAFORM_BINARY_NAME: tofu }],
] as const;

describe.each(ENGINES)('the sandbox environment with %s', (_name, atHand, env) => {
  it.skipIf(!atHand)('deploys, plans empty, holds no generated value and is destroyed', { timeout: LONG }, async () => {
    const folder = newFolder();
    const values: string[] = [];
    let printed = '';
    const props = {
      env,
      folder,
      project: ROOT,
      app: APP,
      stacks: 'sandbox-*',
      onOpen: (_type: string, result: unknown) => values.push((result as { readonly result: string }).result),
      onPrinted: (text: string) => {
        printed += text;
      },
    };
    const kept = await runSandbox({ ...props, mode: 'keep' });
    expect(kept.problems).toEqual([]);
    expect(kept.stacks).toHaveLength(6);
    expect(kept.stacks.flatMap(({ stack, changes }) => changes.map((change) => `${stack} ${change}`))).toEqual([]);
    expect(kept.stacks.filter(({ resources }) => resources === 0)).toEqual([]);

    const states = readdirSync(folder)
      .filter((file) => file.endsWith('.tfstate'))
      .map((file) => ({ name: file, text: readFileSync(join(folder, file), 'utf8') }));
    expect(states).toHaveLength(6);
    const ended = await runSandbox({ ...props, mode: 'destroy' });
    expect(ended).toMatchObject({ problems: [], destroyed: true });
    expect(existsSync(folder)).toBe(false);
    if (platform() === 'linux') expect(processesIn(folder)).toEqual([]);

    expect(values.length).toBeGreaterThan(0);
    // The CLI of CDKTF breaks long lines, which would hide a value from a search.
    const joined = { name: 'what was printed, joined', text: printed.replace(/\s*\n\s*/g, '') };
    expect(findLeaks([...states, { name: 'what was printed', text: printed }, joined], values)).toEqual([]);
  });
});

/** Runs the command on the fixture and keeps what it writes. */
async function ran(
  json: Section,
  flags: { readonly keep?: boolean; readonly app?: string; readonly json?: boolean } = {},
) {
  const written = { out: '', err: '' };
  const folder = newFolder();
  const here = process.cwd();
  process.chdir(ROOT);
  try {
    const code = await sandbox('*', { app: appOf(json), folder, ...flags }, surroundings(written));
    return { code, folder, ...written };
  } finally {
    process.chdir(here);
  }
}

function surroundings(written: { out: string; err: string }, env: NodeJS.ProcessEnv = process.env) {
  return {
    env,
    stdout: { write: (text: string) => (written.out += text) },
    stderr: { write: (text: string) => (written.err += text) },
  };
}

describe.skipIf(!HAS_ENGINE)('strongroom sandbox', () => {
  it('tells every step, prints JSON, ends with 0 and leaves nothing', { timeout: LONG }, async () => {
    const { code, folder, out, err } = await ran(localFixture(), { json: true });
    expect(err.split('\n').slice(1)).toEqual([
      "cdktf deploy '*' (1 stacks)",
      'fixture: 3 resources, second plan empty',
      "cdktf destroy '*'",
      'fixture: destroyed',
      '',
    ]);
    expect(JSON.parse(out)).toMatchObject({
      stacks: [{ stack: 'fixture', resources: 3, changes: [] }],
      destroyed: true,
      problems: [],
    });
    expect({ code, left: existsSync(folder) }).toEqual({ code: 0, left: false });
  });

  it('names what a second plan would still change, and ends with 1', { timeout: LONG }, async () => {
    const restless = { aws_kms_key: { key: { description: '${timestamp()}', enable_key_rotation: true } } };
    const output = { now: { value: '${timestamp()}' } };
    const { code, folder, out } = await ran(localFixture({ resource: restless, output }));
    expect(out).toContain(
      'fixture: the second plan is not empty\n  aws_kms_key.key: update (description)\n  output.now: update\n',
    );
    expect(out).toMatch(
      /^1 stacks with 1 resources deployed with [\s\S]*\ndestroyed with .*sandbox\.out is removed\n$/,
    );
    expect({ code, left: existsSync(folder) }).toEqual({ code: 1, left: false });
  });

  it('says what was not destroyed, and ends with 1', { timeout: LONG }, async () => {
    const key = { description: 'kept', lifecycle: { prevent_destroy: true } };
    const { code, err } = await ran(localFixture({ resource: { aws_kms_key: { key } } }));
    expect(err).toContain('error: cdktf destroy ended with 1:');
    expect(err).toContain('error: fixture was not destroyed: its state holds aws_kms_key.key');
    expect(code).toBe(1);
  });

  it('repeats what a failed deploy printed, and ends with 1', { timeout: LONG }, async () => {
    const key = { description: '${local.gone}' };
    const { code, err } = await ran(localFixture({ resource: { aws_kms_key: { key } } }));
    expect(err).toContain('error: cdktf deploy ended with 1:');
    expect(err).toContain('local.gone');
    expect(code).toBe(1);
  });

  it('gives the app nothing of the environment but PATH', async () => {
    const leaky = { ...process.env, AWS_SECRET_ACCESS_KEY: 'users-own', VAULT_TOKEN: 'users-own', TF_LOG: 'trace' };
    const { problems } = await runSandbox({ env: leaky, folder: newFolder(), project: ROOT, app: 'env; exit 3' });
    expect(problems.join('\n')).toMatch(/^the app ended with 3:[\s\S]*\nPATH=/);
    expect(problems.join('\n')).not.toMatch(/users-own|^TF_LOG|^(?:AWS_SECRET|VAULT_|ARM_)/m);
  });

  it('takes no stack whose state is not a local file', async () => {
    const { code, err, folder } = await ran(fixtureStack());
    expect(err).toContain('error: fixture keeps its state in s3, and a sandbox only takes stacks with a local backend');
    expect({ code, left: existsSync(folder) }).toEqual({ code: 2, left: false });
  });

  it('takes no stack whose state is a file somewhere else', async () => {
    const stack = localFixture();
    const terraform = { ...(stack['terraform'] as Section), backend: { local: { path: '../../../../my.tfstate' } } };
    const { code, err } = await ran({ ...stack, terraform });
    expect(err).toMatch(/error: fixture keeps its state in .*my\.tfstate, and a sandbox only takes stacks/);
    expect(code).toBe(2);
  });

  it('does not take over a folder that holds something else', async () => {
    const folder = newFolder();
    mkdirSync(folder);
    writeFileSync(join(folder, 'thesis.txt'), 'mine');
    const props = { env: process.env, folder, project: ROOT, app: 'true' };
    await expect(runSandbox(props)).rejects.toThrow('sandbox.out holds something else');
    expect(readdirSync(folder)).toEqual(['thesis.txt']);
  });

  it('says that nothing is there to destroy', async () => {
    const props = { env: process.env, folder: newFolder(), project: ROOT, app: 'true', mode: 'destroy' } as const;
    await expect(runSandbox(props)).rejects.toThrow('nothing is deployed in ');
    expect(existsSync(props.folder)).toBe(false);
  });

  it.skipIf(platform() !== 'linux')('leaves no process and no folder when it is ended', { timeout: LONG }, async () => {
    const folder = newFolder();
    // Longer than the test waits: only being ended ends it.
    const slow = { provisioner: [{ 'local-exec': { command: 'exec sleep 1000' } }] };
    const app = appOf(localFixture({ resource: { terraform_data: { slow } } }));
    const args = ['--import', 'tsx', 'cli/strongroom.ts', 'sandbox', '--app', app, '--folder', folder];
    const child = spawn(process.execPath, args, { cwd: ROOT, stdio: 'ignore' });
    const exit = new Promise<number | null>((resolve) => child.on('exit', resolve));
    // The CLI, below a terminal of the CLI's the engine, and its provisioner.
    while (child.exitCode === null && processesIn(folder).length < 3) await sleep(20);
    expect(child.exitCode).toBe(null);
    const started = processesIn(folder);
    child.kill('SIGTERM');
    expect(await exit).toBe(143);
    while (processesIn(folder).length > 0) await sleep(20);
    expect(started.length).toBeGreaterThanOrEqual(3);
    expect(existsSync(folder)).toBe(false);
  });
});

it('ends with 2 and one line when there is no engine', async () => {
  const written = { out: '', err: '' };
  const folder = newFolder();
  const code = await sandbox('*', { app: 'true', folder }, surroundings(written, { PATH: '/nowhere' }));
  expect({ code, out: written.out }).toEqual({ code: 2, out: '' });
  expect(written.err).toMatch(/^error: there is neither terraform nor tofu on PATH.*\n$/);
  expect(existsSync(folder)).toBe(false);
});
