import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as errors from '../../rotation/errors';

const root = join(__dirname, '../..');
const names = Object.keys(errors).filter((name) => name !== 'RotationError');

describe('the errors of the rotation function', () => {
  it('are all in the table of docs/rotators.md, each with cause and fix, and nothing else is', () => {
    const page = readFileSync(join(root, 'docs/rotators.md'), 'utf8');
    const table = page.slice(page.indexOf('## Errors'), page.indexOf('\n## ', page.indexOf('## Errors') + 1));
    const rows = [...table.matchAll(/^\| `(\w+)` +\| ([^|]+) \| ([^|]+) \|$/gm)];
    expect(rows.map(([, name]) => name).sort()).toEqual([...names].sort());
    expect(
      rows.filter(([, , cause, fix]) => (cause ?? '').trim().length < 10 || (fix ?? '').trim().length < 5),
    ).toEqual([]);
  });

  it('are each thrown somewhere', () => {
    const folder = join(root, 'rotation');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.ts') && file !== 'errors.ts',
    );
    const source = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n');
    expect(names.filter((name) => !source.includes(`new ${name}(`))).toEqual([]);
  });

  it('have a name that a minifier does not change', () => {
    for (const [name, Class] of Object.entries(errors)) {
      if (name !== 'RotationError') expect(new (Class as new (message: string) => Error)('why').name).toBe(name);
    }
  });

  it('come from code that imports nothing from the constructs', () => {
    const files = readdirSync(join(root, 'rotation'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      file.endsWith('.ts'),
    );
    const outside = files.filter((file) =>
      /from '[^']*(constructs|cdktf|stacks|environments)/.test(readFileSync(join(root, 'rotation', file), 'utf8')),
    );
    expect(outside).toEqual([]);
  });
});
