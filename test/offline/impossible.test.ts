import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { arch, platform } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { plan } from '../../cli/plan';
import { temporaryFolder } from '../support/once';
import { fixtureStack, outputOf } from './fixture';
import { engineAtHand, HAS_ENGINE } from './needs-engine';

/** Plans the fixture and keeps what is said. */
async function planned(env: Readonly<Record<string, string | undefined>>, standIn = true) {
  const said = { out: '', err: '' };
  const code = await plan(
    [],
    { out: outputOf(fixtureStack()), allowProvider: {}, standIn },
    {
      env,
      stdout: { write: (text: string) => (said.out += text) },
      stderr: { write: (text: string) => (said.err += text) },
    },
  );
  return { code, ...said };
}

/** A program of a few lines of shell. */
function program(folder: string, name: string, ...lines: readonly string[]): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
  return file;
}

const engine = (...lines: readonly string[]) => program(temporaryFolder('engine'), 'engine', ...lines);

describe('what nothing can be planned with ends with 2 and one line', () => {
  it.each([
    ['Terraform', '1.10.5'],
    ['OpenTofu', '1.9.0'],
  ])('an old engine: %s %s', async (product, version) => {
    const binary = engine(`echo '${product} v${version}'`);
    expect(await planned({ TERRAFORM_BINARY_NAME: binary })).toEqual({
      code: 2,
      out: '',
      err: `error: ${binary} is ${product} ${version}, needed is 1.11.0 or newer\n`,
    });
  });

  it('an engine that is named and missing', async () => {
    expect(await planned({ TERRAFORM_BINARY_NAME: 'gone' })).toEqual({
      code: 2,
      out: '',
      err: 'error: TERRAFORM_BINARY_NAME is gone, and there is no such program\n',
    });
  });

  it('a program that is no engine', async () => {
    const binary = engine("echo 'hello'");
    expect(await planned({ TERRAFORM_BINARY_NAME: binary })).toEqual({
      code: 2,
      out: '',
      err: `error: ${binary} does not tell its version\n`,
    });
  });

  it.skipIf(!HAS_ENGINE)('an engine that is killed in the middle', async () => {
    const { binary: real } = await engineAtHand();
    const binary = engine(`[ "$1" = plan ] && kill -9 $$`, `exec '${real}' "$@"`);
    const { code, err } = await planned({ TERRAFORM_BINARY_NAME: binary });
    expect(err).toMatch(/^error: fixture: (Terraform|OpenTofu) plan was killed\n$/);
    expect(code).toBe(2);
  });

  it.skipIf(!HAS_ENGINE).each([
    ['ends at once', 'exit 1'],
    ['speaks another protocol', "echo '1|99|tcp|127.0.0.1:1|grpc|'", 'sleep 60'],
  ])('a plugin that %s', { timeout: 120_000 }, async (_, ...lines) => {
    const mirror = temporaryFolder('broken-plugin');
    const system = `${platform()}_${arch() === 'x64' ? 'amd64' : arch()}`;
    const folder = join(mirror, 'registry.terraform.io', 'hashicorp', 'aws', '6.99.0', system);
    program(folder, 'terraform-provider-aws_v6.99.0', ...lines);
    const env = { ...process.env, STRONGROOM_PLUGIN_MIRROR: mirror, HOME: temporaryFolder('home') };
    const { code, out, err } = await planned(env, false);
    expect(err).toMatch(/^error: fixture: [^\n]*registry\.terraform\.io\/hashicorp\/aws[^\n]*\n$/);
    expect({ code, out }).toEqual({ code: 2, out: '' });
  });
});
