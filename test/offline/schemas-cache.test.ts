import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BlockSchema } from '../../offline/schema';
import { BindingCache, cacheFolder } from '../../offline/stand-in/binding-cache';
import { bindingSchema } from '../../offline/stand-in/bindings';
import { TABLES } from '../../offline/stand-in/tables/tables';
import { temporaryFolder } from '../support/once';

const TYPE: BlockSchema = { attributes: { name: { type: 'string', required: true } } };

/** Reads through a fresh cache, as a new process would; says whether the module itself was read. */
function readThrough(
  folder: string | undefined,
  module: string,
  version = '1.0.0',
): { schema: unknown; read: boolean } {
  let read = false;
  const cache = new BindingCache(folder, '@acme/toy', version);
  const schema = cache.get(module, () => {
    read = true;
    return module === 'gone' ? undefined : TYPE;
  });
  cache.save();
  return { schema, read };
}

describe('what was read off bindings', () => {
  it('is kept for the next process', () => {
    const folder = temporaryFolder('cache');
    expect(readThrough(folder, 'box')).toEqual({ schema: TYPE, read: true });
    expect(readThrough(folder, 'box')).toEqual({ schema: TYPE, read: false });
  });

  it('is kept too when there is no such module', () => {
    const folder = temporaryFolder('cache');
    readThrough(folder, 'gone');
    expect(readThrough(folder, 'gone')).toEqual({ schema: undefined, read: false });
  });

  it('is read anew from another version of the package', () => {
    const folder = temporaryFolder('cache');
    readThrough(folder, 'box');
    expect(readThrough(folder, 'box', '1.0.1').read).toBe(true);
  });

  it('is joined with what another process kept meanwhile', () => {
    const folder = temporaryFolder('cache');
    const early = new BindingCache(folder, '@acme/toy', '1.0.0');
    early.get('lid', () => TYPE);
    readThrough(folder, 'box');
    early.save();
    expect([readThrough(folder, 'box').read, readThrough(folder, 'lid').read]).toEqual([false, false]);
  });

  it('leaves only whole files', () => {
    const folder = temporaryFolder('cache');
    readThrough(folder, 'box');
    expect(readdirSync(folder)).toEqual(['acme-toy-1.0.0-1.json']);
  });

  it.each(['', '{"box":', '[]', 'null'])('is read anew from a damaged file: %j', (text) => {
    const folder = temporaryFolder('cache');
    writeFileSync(join(folder, 'acme-toy-1.0.0-1.json'), text);
    expect(readThrough(folder, 'box')).toEqual({ schema: TYPE, read: true });
    expect(JSON.parse(readFileSync(join(folder, 'acme-toy-1.0.0-1.json'), 'utf8'))).toEqual({ box: TYPE });
  });

  it('is read anew where nothing can be written', () => {
    const folder = join(temporaryFolder('cache'), 'file');
    writeFileSync(folder, '');
    expect(readThrough(join(folder, 'below'), 'box')).toEqual({ schema: TYPE, read: true });
  });

  it('is read anew where a folder may not be changed', () => {
    const folder = temporaryFolder('cache');
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o500);
    expect(readThrough(join(folder, 'closed'), 'box').schema).toEqual(TYPE);
    chmodSync(join(folder, 'closed'), 0o700);
  });

  it('is the same from the cache as from the bindings', () => {
    const cache = temporaryFolder('cache');
    const used = { resources: new Set(Object.keys(TABLES)), data_sources: new Set(''), ephemeral: new Set('') };
    const read = bindingSchema('aws', used);
    bindingSchema('aws', used, { cache });
    expect(readdirSync(cache)).toHaveLength(1);
    expect(bindingSchema('aws', used, { cache })).toEqual(read);
  });
});

describe('the folder of caches', () => {
  it('is where XDG_CACHE_HOME says', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '/x', HOME: '/h' })).toBe('/x/strongroom');
  });

  it('is below the home folder else', () => {
    expect(cacheFolder({ XDG_CACHE_HOME: '', HOME: '/h' })).toBe('/h/.cache/strongroom');
  });
});
