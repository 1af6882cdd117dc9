import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile } from '../package/built-package';
import { temporaryFolder } from '../support/core-environment';

const ROOT = join(__dirname, '..', '..');
const BLOCK = /^```ts\n([\s\S]*?)^```$/gm;

/** One example: a whole file, as a reader copies it. */
interface Example {
  readonly page: string;
  readonly line: number;
  readonly code: string;
}

const PAGES = [
  join(ROOT, 'README.md'),
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .sort()
    .map((file) => join(ROOT, 'docs', file)),
].filter(existsSync);

function examplesOf(page: string): readonly Example[] {
  const text = readFileSync(page, 'utf8');
  return [...text.matchAll(BLOCK)].map((match) => ({
    page: relative(ROOT, page),
    line: text.slice(0, match.index).split('\n').length + 1,
    code: match[1] ?? '',
  }));
}

describe('examples in the documentation', () => {
  const examples = PAGES.flatMap(examplesOf);

  it('are whole files that say what they import', () => {
    const without = examples.filter(({ code }) => !/^import /m.test(code));
    expect(without.map(({ page, line }) => `${page}:${line}`)).toEqual([]);
  });

  it('are marked ts, not by another name that would not be checked', () => {
    const pages = PAGES.filter((page) => /^```(?:typescript|tsx|js|javascript)$/m.test(readFileSync(page, 'utf8')));
    expect(pages.map((page) => relative(ROOT, page))).toEqual([]);
  });

  it('compile against the package as its users see it', () => {
    const folder = mkdtempSync(join(temporaryFolder(), 'docs-'));
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
    const files = examples.map(({ page, line, code }) => {
      // Lines are kept, so that a message names the line of the page.
      const file = join(folder, `${page}.${line}.ts`);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `${'\n'.repeat(line - 1)}${code}`);
      return file;
    });
    expect(files.length).toBeGreaterThan(2);
    const compilerOptions = {
      module: 'nodenext',
      target: 'es2022',
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: true,
      noEmit: true,
      types: ['node'],
      paths: { 'strongroom/*': [join(ROOT, 'constructs', '*', 'index.ts')] },
    };
    writeFileSync(join(folder, 'package.json'), '{"type":"commonjs"}');
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
    compile('-p', join(folder, 'tsconfig.json'));
  });
});
