import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the package's sources. */
export const ROOT = join(__dirname, '..', '..');

/** What this package says about itself. */
export interface Manifest {
  readonly name: string;
  readonly files: readonly string[];
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

export const MANIFEST = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** Parts of the package that this checkout has; each store's part comes with its own folder. */
export const PARTS = ['core', 'aws', 'azure', 'vault'].filter((part) =>
  existsSync(join(ROOT, 'constructs', part, 'index.ts')),
);

/**
 * Packs the package as `npm pack` does, and unpacks it into an empty app as `npm install` would.
 *
 * Dependencies and peers are linked from this checkout, those alone that the package declares: what it uses without
 * saying so is missing there. Nothing is fetched, and half a gigabyte of bindings isn't copied.
 */
export function installedInEmptyApp(tmp: string): string {
  const tarball = pack(mkdtempSync(join(tmp, 'package-')));
  const app = mkdtempSync(join(tmp, 'app-'));
  const home = join(app, 'node_modules', MANIFEST.name);
  mkdirSync(home, { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', home, '--strip-components=1']);
  const own = ['@types/node', 'undici-types'];
  for (const name of [...Object.keys(MANIFEST.dependencies), ...Object.keys(MANIFEST.peerDependencies), ...own]) {
    const link = join(app, 'node_modules', name);
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules', name), link);
  }
  return app;
}

/** Runs the compiler of this checkout, and throws what it prints when it finds something wrong. */
export function compile(...args: readonly string[]): void {
  run(process.execPath, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), ...args], ROOT);
}

/** Runs a program and returns what it prints; throws with both of its outputs. */
export function run(program: string, args: readonly string[], cwd: string): string {
  try {
    return execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout, stderr } = error as { readonly stdout?: string; readonly stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

function pack(folder: string): string {
  compile('-p', join(ROOT, 'tsconfig.json'), '--outDir', join(folder, 'dist'));
  run(process.execPath, ['--import', 'tsx', join(ROOT, 'cli', 'bundle.ts'), folder], ROOT);
  for (const file of ['package.json', ...MANIFEST.files.filter((one) => !one.startsWith('dist'))]) {
    if (existsSync(join(ROOT, file))) cpSync(join(ROOT, file), join(folder, file), { recursive: true });
  }
  // Scripts would build into the checkout, which a test must not.
  const [packed] = JSON.parse(run('npm', ['pack', '--json', '--ignore-scripts'], folder)) as [
    { readonly filename: string },
  ];
  return join(folder, packed.filename);
}
