import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from './built-package';

const SOURCES = [
  'main.ts',
  'environments',
  'stacks',
  'constructs',
  'rotation',
  'offline',
  'review',
  'emulator',
  'doctor',
  'drill',
  'cli',
  'test',
];
const LONGEST_FILE = 400;

/** One import of a file: what is written, and the file's own folder that it leads to, where it leads to one. */
interface Import {
  readonly file: string;
  readonly written: string;
  /** Path from the root, such as `constructs/core/app`, or nothing for a package. */
  readonly target: string | undefined;
}

const FILES = SOURCES.flatMap((source) => sourcesBelow(join(ROOT, source)));
const IMPORTS = FILES.flatMap(importsOf);

/** Imports of files below one folder, as `file -> target`, that lead to where they should not. */
function strays(from: string, forbidden: (one: Import) => boolean): readonly string[] {
  return IMPORTS.filter((one) => one.file.startsWith(from) && forbidden(one)).map(
    (one) => `${one.file} -> ${one.written}`,
  );
}

const leadsTo =
  (...folders: readonly string[]) =>
  ({ target }: Import) =>
    folders.some((folder) => target === folder || target?.startsWith(`${folder}/`));

describe('imports', () => {
  it('are found at all', () => {
    expect(IMPORTS.length).toBeGreaterThan(50);
    expect(IMPORTS.map(({ written }) => written)).toContain('cdktf');
  });

  it('core knows no provider and no store', () => {
    const provider = ({ written }: Import) => written.startsWith('@cdktf/');
    expect(strays('constructs/core/', provider)).toEqual([]);
    expect(strays('constructs/core/', leadsTo('constructs/aws', 'constructs/azure', 'constructs/vault'))).toEqual([]);
  });

  it.each([
    ['aws', ['azure', 'vault'], /^@cdktf\/provider-(?!aws\/)/],
    ['azure', ['aws', 'vault'], /^@cdktf\/provider-(?!azurerm\/)/],
    ['vault', ['aws', 'azure'], /^@cdktf\/provider-(?!vault\/)/],
  ])('the folder of %s knows core and its own provider only', (store, others, provider) => {
    const folder = `constructs/${store}/`;
    expect(strays(folder, leadsTo(...others.map((other) => `constructs/${other}`)))).toEqual([]);
    expect(strays(folder, ({ written }) => provider.test(written))).toEqual([]);
  });

  it.each([
    ['constructs/', ['environments', 'stacks', 'offline', 'review', 'cli', 'main', 'test']],
    ['rotation/', ['constructs', 'environments', 'stacks', 'offline', 'review', 'cli', 'main', 'test']],
    ['offline/', ['constructs', 'environments', 'stacks', 'rotation', 'cli', 'main', 'test']],
    ['review/', ['constructs', 'environments', 'stacks', 'rotation', 'cli', 'main', 'test']],
    [
      'emulator/',
      [
        'constructs',
        'environments',
        'stacks',
        'rotation',
        'offline',
        'review',
        'doctor',
        'drill',
        'cli',
        'main',
        'test',
      ],
    ],
    [
      'doctor/',
      [
        'constructs',
        'environments',
        'stacks',
        'rotation',
        'offline',
        'review',
        'emulator',
        'drill',
        'cli',
        'main',
        'test',
      ],
    ],
    ['drill/', ['constructs', 'environments', 'stacks', 'offline', 'review', 'doctor', 'cli', 'main', 'test']],
    ['environments/', ['stacks', 'offline', 'review', 'cli', 'main', 'test', 'rotation']],
    ['stacks/', ['offline', 'review', 'cli', 'main', 'test', 'rotation']],
    ['cli/', ['environments', 'stacks', 'rotation', 'main', 'test']],
  ])('flow one way: %s imports nothing from %j', (from, forbidden) => {
    expect(strays(from, leadsTo(...forbidden))).toEqual([]);
  });

  it('constructs know of the rotation function its bundle, never its code', () => {
    expect(strays('constructs/', leadsTo('rotation'))).toEqual([]);
  });

  it('of bindings are deep: an index loads thousands of modules', () => {
    const shallow = ({ written }: Import) =>
      /^@cdktf\/provider-/.test(written) && !/^@cdktf\/provider-[\w-]+\/lib\/[\w-]+$/.test(written);
    expect(strays('', shallow)).toEqual([]);
  });
});

describe('source files', () => {
  it(`have at most ${LONGEST_FILE} lines, so that each holds one thing`, () => {
    const long = FILES.map((file) => [file, read(file).split('\n').length - 1] as const);
    expect(long.filter(([, lines]) => lines > LONGEST_FILE)).toEqual([]);
  });

  it('are named in lower case with hyphens', () => {
    expect(FILES.filter((file) => !/^(?:[a-z0-9-]+\/)*[a-z0-9-]+(?:\.[a-z0-9-]+)*\.ts$/.test(file))).toEqual([]);
  });
});

function sourcesBelow(path: string): readonly string[] {
  try {
    return readdirSync(path, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.includes('node_modules'))
      .map((file) => fromRoot(join(path, file)))
      .sort();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOTDIR') return [fromRoot(path)];
    if (code === 'ENOENT') return [];
    throw error;
  }
}

function importsOf(file: string): readonly Import[] {
  const statements = read(file).matchAll(
    /^(?:import|export)\s(?:[^'"`;]*?\sfrom\s)?'([^']+)'|\b(?:require|import)\('([^']+)'\)/gm,
  );
  return [...statements].map(([, from, called]) => {
    const written = from ?? called ?? '';
    const target = written.startsWith('.') ? fromRoot(join(ROOT, dirname(file), written)) : undefined;
    return { file, written, target };
  });
}

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

function fromRoot(path: string): string {
  return relative(ROOT, path).split(sep).join('/');
}
