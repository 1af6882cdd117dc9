import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(__dirname, '..', '..');
const SOURCES = ['constructs', 'environments', 'stacks', 'cli', 'review'];
const CODE = /\bSR-[A-Z0-9]+(?:-[A-Z0-9]+)*\b/g;

/** Every code that a source file names, with the files. */
function codesInSources(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const folder of SOURCES.filter((one) => existsSync(join(ROOT, one)))) {
    const files = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
    for (const file of files.filter((one) => one.endsWith('.ts'))) {
      const text = readFileSync(join(ROOT, folder, file), 'utf8');
      for (const [code] of text.matchAll(CODE)) found.set(code, [...(found.get(code) ?? []), `${folder}/${file}`]);
    }
  }
  return found;
}

/** The cells of every row of the page's tables. */
const ROWS = readFileSync(join(ROOT, 'docs', 'errors.md'), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| SR-'))
  .map((line) => line.replace(/^\| | \|$/g, '').split(' | '));

describe('docs/errors.md', () => {
  const sources = codesInSources();
  const listed = ROWS.map(([code]) => code ?? '');

  it('has a row for every code that can be printed', () => {
    const missing = [...sources].filter(([code]) => !listed.includes(code));
    expect(missing.map(([code, files]) => `${code} of ${files[0]}`)).toEqual([]);
    expect(sources.size).toBeGreaterThan(20);
  });

  it('has no row for a code that nothing prints', () => {
    expect(listed.filter((code) => !sources.has(code))).toEqual([]);
  });

  it('has one row for each code', () => {
    expect(listed.filter((code, n) => listed.indexOf(code) !== n)).toEqual([]);
  });

  it('says in each row what the code means and how to put it right', () => {
    expect(ROWS.filter((cells) => cells.length !== 3 || cells.some((cell) => cell.trim() === ''))).toEqual([]);
  });
});
