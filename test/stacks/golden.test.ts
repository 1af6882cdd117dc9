import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { findLeaks, leakLine } from '../../review/leak-check';
import { readStacks, type StackModel } from '../../review/model';
import { synthesizeAll } from '../support/synthesize';
import { golden, STATEFUL_TYPES, statefulAddresses } from './golden-form';

const FOLDER = join(__dirname, '..', 'golden');
const STATEFUL = join(FOLDER, 'stateful.txt');
// UPDATE_GOLDEN=1 npx vitest run test/stacks
const UPDATE = process.env['UPDATE_GOLDEN'] === '1';

let outdir = '';
let stacks: readonly StackModel[] = [];

beforeAll(async () => {
  outdir = (await synthesizeAll()).outdir;
  stacks = readStacks(outdir);
  if (UPDATE) update();
});

/** Writes what is, for the reviewer of the change to read. */
function update(): void {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER, { recursive: true });
  for (const stack of stacks) writeFileSync(join(FOLDER, `${stack.id}.json`), golden(stack));
  writeFileSync(STATEFUL, statefulAddresses(stacks));
}

describe('the default environments', () => {
  it('have one golden file for each stack, and no other', () => {
    const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json'));
    expect(files.sort()).toEqual(stacks.map(({ id }) => `${id}.json`).sort());
    expect(stacks.length).toBeGreaterThan(0);
  });

  it('synthesize to what their golden files show', () => {
    for (const stack of stacks) {
      const file = join(FOLDER, `${stack.id}.json`);
      expect(golden(stack), stack.id).toBe(existsSync(file) ? readFileSync(file, 'utf8') : 'no golden file');
    }
  });

  it('have no empty stack', () => {
    const empty = stacks.filter(({ blocks }) => !blocks.some(({ mode }) => mode === 'resource'));
    expect(empty.map(({ id }) => id)).toEqual([]);
  });

  it('keep the addresses of what holds data: a renamed construct would destroy it', () => {
    expect(statefulAddresses(stacks)).toBe(readFileSync(STATEFUL, 'utf8'));
  });

  it('protect in production everything that holds data from being destroyed', () => {
    const bare = stacks
      .filter(({ environment }) => environment === 'prod')
      .flatMap(({ id, blocks }) =>
        blocks
          .filter(({ mode, type }) => mode === 'resource' && STATEFUL_TYPES.has(type))
          .filter(({ body }) => !JSON.stringify(body['lifecycle'] ?? {}).includes('"prevent_destroy":true'))
          .map(({ address }) => `${id} ${address}`),
      );
    expect(bare).toEqual([]);
  });
});

describe('every synthesized file', () => {
  it('holds no literal or stored value, and no reference that would become one', () => {
    expect(findLeaks(stacks).map(leakLine)).toEqual([]);
  });

  it('holds no quoted reference anywhere, in metadata neither', () => {
    const files = readdirSync(outdir, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.json'));
    expect(files.length).toBeGreaterThan(stacks.length);
    expect(files.filter((file) => readFileSync(join(outdir, file), 'utf8').includes('$${'))).toEqual([]);
  });
});
