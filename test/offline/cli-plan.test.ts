import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan, planAfterSynth } from '../../cli/plan';
import { reasonOf } from '../../cli/reason';
import { temporaryFolder } from '../support/once';
import { fixtureStack, outputOf, type Section } from './fixture';
import { HAS_ENGINE } from './needs-engine';

function surroundings(env: Readonly<Record<string, string | undefined>> = process.env, isTTY = false) {
  const printed = { out: '', err: '' };
  const stdout = { isTTY, write: (text: string) => (printed.out += text) };
  const stderr = { write: (text: string) => (printed.err += text) };
  return { printed, here: { env, stdout, stderr } };
}

const flags = (out: string, json = false) => ({ out, allowProvider: {}, standIn: true, json });

describe.skipIf(!HAS_ENGINE)('strongroom plan', () => {
  it('prints a summary and ends with 0', async () => {
    const { printed, here } = surroundings();
    expect(await plan([], flags(outputOf(fixtureStack())), here)).toBe(0);
    expect(printed.out).toContain('fixture: 3 to add, 0 to change, 0 to replace, 0 to destroy');
    expect(printed.out).toContain('not consulted: the remote state');
    expect(printed.err).toMatch(/^1\/1 fixture planned in \d+ ms\n$/);
  });

  it('uses colour on a terminal, unless NO_COLOR is set or JSON is asked for', async () => {
    const out = outputOf(fixtureStack());
    const coloured = async (env: Readonly<Record<string, string>>, json = false, isTTY = true) => {
      const { printed, here } = surroundings({ ...process.env, NO_COLOR: undefined, ...env }, isTTY);
      await plan([], flags(out, json), here);
      return printed.out.includes('\u001b[1m');
    };
    expect(await coloured({})).toBe(true);
    expect(await coloured({ NO_COLOR: '1' })).toBe(false);
    expect(await coloured({}, true)).toBe(false);
    expect(await coloured({}, false, false)).toBe(false);
  });

  it('prints JSON', async () => {
    const { printed, here } = surroundings();
    await plan(['fix*'], flags(outputOf(fixtureStack()), true), here);
    const [summary] = JSON.parse(printed.out) as readonly { readonly counts: { readonly add: number } }[];
    expect(summary?.counts.add).toBe(3);
  });

  it('ends with 1 when a stack has an error', async () => {
    const { here } = surroundings();
    const json: Section = { ...fixtureStack(), output: { broken: { value: '${local.gone}' } } };
    expect(await plan([], flags(outputOf(json)), here)).toBe(1);
  });
});

describe.skipIf(!HAS_ENGINE)('ends with 2 and one line', () => {
  async function refused(outdir: string, more: object = {}) {
    const { printed, here } = surroundings();
    expect(await plan([], { ...flags(outdir), ...more }, here)).toBe(2);
    expect(printed.out).toBe('');
    return printed.err;
  }

  it('when there is no place for temporary files', async () => {
    const outdir = outputOf(fixtureStack());
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(outdir, 'nowhere');
    try {
      expect(await refused(outdir)).toMatch(/^error: ENOENT: .*mkdtemp '.*nowhere.*\n$/);
    } finally {
      process.env['TMPDIR'] = before;
    }
  });

  it('when a stack can not be copied, and leaves nothing of it', async () => {
    const outdir = outputOf(fixtureStack());
    execFileSync('mkfifo', [join(outdir, 'stacks', 'fixture', 'pipe')]);
    const before = process.env['TMPDIR'];
    const temporary = temporaryFolder('half-way');
    process.env['TMPDIR'] = temporary;
    try {
      expect(await refused(outdir)).toMatch(/^error: .*pipe.*\n$/i);
      expect(readdirSync(temporary)).toEqual([]);
    } finally {
      process.env['TMPDIR'] = before;
    }
  });

  it('when plans can not be written', async () => {
    const outdir = outputOf(fixtureStack());
    writeFileSync(join(outdir, 'plans'), '');
    expect(await refused(outdir)).toMatch(/^error: EEXIST: .*plans'\n$/);
  });

  it('when the folder of schemas is a file', async () => {
    const outdir = outputOf(fixtureStack());
    expect(await refused(outdir, { schemas: join(outdir, 'manifest.json') })).toMatch(/^error: ENOTDIR: .*\n$/);
  });

  it('when there is no stack', async () => {
    const outdir = outputOf(fixtureStack());
    writeFileSync(join(outdir, 'manifest.json'), '{"stacks":{}}');
    expect(await refused(outdir)).toBe(`error: there is no stack in ${outdir}\n`);
  });

  it('when the manifest names no file', async () => {
    const outdir = outputOf(fixtureStack());
    writeFileSync(join(outdir, 'manifest.json'), '{"stacks":{"fixture":{}}}');
    expect(await refused(outdir)).toMatch(/^error: .*manifest\.json names no file of stack fixture\n$/);
  });
});

it('does not hide a mistake of its own behind a line', () => {
  expect(() => reasonOf(new TypeError('x is not a function'))).toThrow(TypeError);
});

it('ends with 2 and one line when there is no engine', async () => {
  const { printed, here } = surroundings({ PATH: '/nowhere' });
  expect(await plan([], flags(outputOf(fixtureStack())), here)).toBe(2);
  expect(printed.err).toMatch(/^error: there is neither terraform nor tofu on PATH.*\n$/);
});

it('says in one line what is missing after synth', async () => {
  const { printed, here } = surroundings({ PATH: '/nowhere' });
  expect(await planAfterSynth('cdktf.out', here)).toContain('not planned: there is neither terraform nor tofu');
  expect(printed.err).toBe('');
});
