import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { differences, versionsIn } from './terrain-compare';

/** CDK Terrain under CDKTF's name, as its users install it. */
const ALIAS = 'npm:cdktn@0.24.0';
/** The versions of constructs that both accept. */
const CONSTRUCTS = '10.7.2';
const ROOT = join(__dirname, '..');
const entry = process.argv[2] ?? 'main.ts';
const tmp = mkdtempSync(join(tmpdir(), 'strongroom-terrain-'));
try {
  process.exitCode = main();
} finally {
  rmSync(tmp, { recursive: true, force: true });
}

function main(): number {
  installAlias();
  const out = { cdktf: join(tmp, 'out-cdktf'), terrain: join(tmp, 'out-terrain') };
  run(process.execPath, ['--import', 'tsx', entry], ROOT, { CDKTF_OUTDIR: out.cdktf });
  const compiled = compileAgainstAlias();
  run(process.execPath, ['--preserve-symlinks', '--preserve-symlinks-main', compiled], tmp, {
    CDKTF_OUTDIR: out.terrain,
  });
  const compared = differences(out.cdktf, out.terrain);
  const writers = { one: versionsIn(out.cdktf), other: versionsIn(out.terrain) };
  if (writers.one.some((version) => writers.other.includes(version))) throw new Error('one library wrote both outputs');
  for (const line of compared.different) console.error(line);
  console.log(`CDK Terrain: ${compared.equal} stacks equal, ${compared.different.length} different`);
  return compared.equal > 0 && compared.different.length === 0 ? 0 : 1;
}

/**
 * An installation in which `cdktf` is CDK Terrain, for the bindings too.
 *
 * Everything else is linked from this checkout, and the links are kept as they are: each package then looks for
 * `cdktf` from its place here.
 */
function installAlias(): void {
  const dependencies = { cdktf: ALIAS, constructs: CONSTRUCTS };
  writeFileSync(
    join(tmp, 'package.json'),
    // The package's own name and exports, by which it finds the rotation function's code.
    JSON.stringify({ ...ownName(), private: true, dependencies, overrides: { cdktf: '$cdktf' } }),
  );
  run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], tmp, {});
  for (const name of packagesOf(join(ROOT, 'node_modules'))) {
    const link = join(tmp, 'node_modules', name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
}

/** Type-checks the source against CDK Terrain's declarations, and returns the compiled entry. */
function compileAgainstAlias(): string {
  for (const name of readdirSync(ROOT)) {
    const own = /^(?:main\.ts|environments|stacks|constructs|rotation|review|offline|cli|test)$/.test(name);
    if (own) symlinkSync(join(ROOT, name), join(tmp, name));
  }
  const compilerOptions = {
    rootDir: tmp,
    outDir: join(tmp, 'dist'),
    preserveSymlinks: true,
    typeRoots: [join(tmp, 'node_modules', '@types')],
  };
  const config = { extends: join(ROOT, 'tsconfig.json'), compilerOptions, include: [], files: [join(tmp, entry)] };
  writeFileSync(join(tmp, 'tsconfig.json'), JSON.stringify(config));
  run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-p', tmp], tmp, {});
  return join(tmp, 'dist', entry.replace(/\.ts$/, '.js'));
}

function ownName(): { readonly name: unknown; readonly exports: unknown } {
  const { name, exports } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  return { name, exports };
}

function packagesOf(folder: string): readonly string[] {
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(folder, name)).map((one) => `${name}/${one}`) : [name],
    );
}

function run(program: string, args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): void {
  execFileSync(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit'] });
}
