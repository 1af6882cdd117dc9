import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { HAS_ENGINE } from '../offline/needs-engine';
import { temporaryFolder } from '../support/core-environment';
import { compile, installedInEmptyApp, MANIFEST, PARTS, ROOT, run } from './built-package';

const APP = `
import { App } from 'cdktf';
import { type CoreEnvironment, GeneratedSecret, StrongroomStack, synthesize, Value } from 'strongroom/core';
${PARTS.filter((part) => part !== 'core')
  .map((part) => `import * as ${part} from 'strongroom/${part}';`)
  .join('\n')}

class Stack extends StrongroomStack {
  constructor(app: App, environment: CoreEnvironment) {
    super(app, environment, { app: 'consumer', store: 'vault' });
    new GeneratedSecret(this, 'seed', Value.generated({ since: '2026-11-01' }));
  }
}

const environment: CoreEnvironment = { name: 'dev', tier: 'sandbox', state: { kind: 'local' } };
const parts: Record<string, object> = { ${PARTS.filter((part) => part !== 'core').join(', ')} };
synthesize({ environments: [environment], stacks: [Stack] }, 'cdktf.out').then(({ stacks }) => {
  console.log(JSON.stringify({ stacks, parts: Object.entries(parts).map(([name, part]) => [name, Object.keys(part).length > 0]) }));
});
`;

describe('the package, packed and installed into an empty app', () => {
  const tmp = temporaryFolder();
  let app = '';
  beforeAll(() => {
    app = installedInEmptyApp(tmp);
    writeFileSync(join(app, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    writeFileSync(join(app, 'main.ts'), APP);
    const compilerOptions = { module: 'nodenext', target: 'es2022', strict: true, types: ['node'] };
    writeFileSync(join(app, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
  });

  it('type-checks under nodenext, its own declarations included', () => {
    compile('-p', join(app, 'tsconfig.json'), '--outDir', app, '--skipLibCheck', 'false');
    expect(existsSync(join(app, 'main.js'))).toBe(true);
  });

  it('refuses what its types do not allow', () => {
    writeFileSync(join(app, 'wrong.ts'), "import { Value } from 'strongroom/core';\nValue.external({ since: 1 });\n");
    const wrong = () =>
      compile('--noEmit', '--ignoreConfig', '--module', 'nodenext', '--skipLibCheck', join(app, 'wrong.ts'));
    expect(wrong).toThrow("Type 'number' is not assignable to type 'string'");
  });

  it('synthesizes there, with every part that it exports', () => {
    compile('-p', join(app, 'tsconfig.json'), '--outDir', app, '--skipLibCheck');
    const printed = JSON.parse(run(process.execPath, ['main.js'], app)) as unknown;
    expect(printed).toEqual({
      stacks: ['dev-consumer-vault'],
      parts: PARTS.filter((part) => part !== 'core').map((part) => [part, true]),
    });
    const stack = readFileSync(join(app, 'cdktf.out', 'stacks', 'dev-consumer-vault', 'cdk.tf.json'), 'utf8');
    expect(JSON.parse(stack)).toMatchObject({ ephemeral: { random_password: {} } });
  });

  it('can be imported by name from an ES module', () => {
    const code = "import { SecretType } from 'strongroom/core'; console.log(SecretType.API_KEY.name)";
    expect(run(process.execPath, ['--input-type=module', '-e', code], app)).toBe('api-key\n');
  });

  const command = (...args: readonly string[]) =>
    run(process.execPath, [join(app, 'node_modules', MANIFEST.name, MANIFEST.bin.strongroom ?? ''), ...args], app);

  it('has a command that runs without a library beside it', () => {
    expect(command('--help')).toContain('Usage: strongroom');
  });

  it('names what is in the command, with its licence', () => {
    const notices = join(app, 'node_modules', MANIFEST.name, 'dist', 'command', 'THIRD-PARTY.txt');
    const named = readFileSync(notices, 'utf8').match(/^\S+ \d+\.\d+\.\d+\S*, .+$/gm) ?? [];
    expect(named.filter((one) => one.startsWith('commander '))).toHaveLength(1);
    const permissive = /, (MIT|ISC|Apache-2\.0|BSD-2-Clause|BSD-3-Clause|0BSD)$/;
    expect(named.filter((one) => !permissive.test(one))).toEqual([]);
  });

  (HAS_ENGINE ? it : it.skip)('plans what was synthesized there, with the bindings that are installed there', () => {
    const [summary] = JSON.parse(command('plan', '--stand-in', '--json')) as [Record<string, unknown>];
    expect(summary).toMatchObject({ stack: 'dev-consumer-vault', planned: true });
  });

  it('does not open what it does not export', () => {
    const code = "require('strongroom/dist/constructs/core/app')";
    expect(() => run(process.execPath, ['-e', code], app)).toThrow('ERR_PACKAGE_PATH_NOT_EXPORTED');
  });

  it.each(Object.entries(MANIFEST.exports))('has the files behind %s', (name, target) => {
    const part = /^\.\/(core|aws|azure|vault)$/.exec(name)?.[1];
    if (part !== undefined && !PARTS.includes(part)) return;
    const bundle = typeof target === 'string' && target.startsWith('./rotation/');
    // The bundle is made before the tests, where its source is.
    if (bundle && !existsSync(join(ROOT, 'rotation', 'bundle.ts'))) return;
    const files = typeof target === 'string' ? [target] : [target.types, target.default];
    expect(files.filter((file) => !existsSync(join(app, 'node_modules', MANIFEST.name, file)))).toEqual([]);
  });

  it('holds what a user needs and nothing of the app, the tests or the review', () => {
    const listed = run('find', ['.', '-type', 'f'], join(app, 'node_modules', MANIFEST.name)).split('\n');
    const folders = new Set(listed.map((file) => file.split('/').slice(1, 3).join('/')));
    expect([...folders].filter((folder) => /^(?:test|dist\/(?!command|constructs))/.test(folder))).toEqual([]);
    expect(listed).toContain('./dist/constructs/core/index.d.ts');
  });
});
