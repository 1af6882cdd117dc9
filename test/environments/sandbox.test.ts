import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { dev } from '../../environments/dev';
import { checkEnvironments } from '../../environments/environment';
import { prod } from '../../environments/prod';
import { sandbox } from '../../environments/sandbox';
import { staging } from '../../environments/staging';
import { asObject, readStacks, type StackModel } from '../../review/model';
import { synthesizeAll } from '../support/synthesize';
import { run } from '../support/terraform/process';

let stacks: readonly StackModel[] = [];

beforeAll(async () => {
  const outdir = mkdtempSync(join(inject('runFolder'), 'sandbox-synthesized-'));
  const env = { PATH: process.env['PATH'] ?? '', HOME: outdir, CDKTF_OUTDIR: outdir };
  const cwd = join(__dirname, '..', '..');
  const app = await run(process.execPath, ['--import', 'tsx', 'main.ts', 'sandbox'], { cwd, env, timeout: 100_000 });
  expect(app.stderr).toBe('');
  stacks = readStacks(outdir);
});

describe('the sandbox environment', () => {
  it('has nothing in common with the default environments', () => {
    expect(checkEnvironments([dev, staging, prod, sandbox])).toEqual(checkEnvironments([dev, staging, prod]));
    expect(checkEnvironments([sandbox])).toEqual({ problems: [], warnings: [] });
  });

  it('has the stacks that each default environment has, and is not one of those', async () => {
    const defaults = readStacks((await synthesizeAll()).outdir).map(({ id }) => id);
    const ofProd = defaults.filter((id) => id.startsWith('prod-')).map((id) => id.replace('prod-', 'sandbox-'));
    expect(ofProd).not.toEqual([]);
    expect(stacks.map(({ id }) => id).sort()).toEqual(ofProd.sort());
    expect(defaults.filter((id) => id.startsWith('sandbox-'))).toEqual([]);
  });

  it('keeps its state in files beside its output, the same on every machine', () => {
    const backends = stacks.map(({ json }) => asObject(json['terraform'])['backend']);
    expect(backends).toEqual(stacks.map(({ id }) => ({ local: { path: `../../../terraform.${id}.tfstate` } })));
  });

  it('protects nothing from being destroyed', () => {
    const kept = stacks.flatMap(({ blocks }) =>
      blocks.filter(({ body }) => asObject(body['lifecycle'])['prevent_destroy'] === true).map(({ path }) => path),
    );
    expect(kept).toEqual([]);
  });
});
