import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROTATOR_NAMES } from '../../rotation/rotators';
import { KEYS } from '../rotation/key-site';
import { titleOf } from '../rotation/place';
import { MARIADB, MYSQL, POSTGRES } from '../rotation/sites';
import { citationsIn, rowsOf, wrongWith } from './cited-tests';

const ROWS = rowsOf('rotation-faults.md', /^N\d+$/);

/** Of the provider of API keys. */
const PROVIDER_ROWS = rowsOf('rotation-faults.md', /^P\d+$/);

describe('docs/rotation-faults.md', () => {
  it('has each of the 22 classes once, in order', () => {
    expect(ROWS.map(([id]) => id)).toEqual(Array.from({ length: 22 }, (_, index) => `N${index + 1}`));
  });

  it('counts right how many are survived, and those are 20 at least', () => {
    const survived = ROWS.filter(([, , outcome]) => outcome === 'survived').length;
    const named = ROWS.filter(([, , outcome]) => outcome === 'named error').length;
    const page = readFileSync(join(__dirname, '..', '..', 'docs', 'rotation-faults.md'), 'utf8');
    expect(page).toContain(`${survived} of 22 classes are survived, ${named} end with a named error.`);
    expect(survived + named).toBe(22);
    expect(survived).toBeGreaterThanOrEqual(20);
  });

  it('says of every rotator which classes strike it; the tests of the faults compare that with what they hold', () => {
    const ways = rowsOf('rotation-faults.md', /^`/).map(([way = '']) => way.replaceAll('`', ''));
    expect(ways).toEqual([POSTGRES, MARIADB, MYSQL, KEYS].flatMap(({ ways: of }) => of.map(titleOf)));
    expect(new Set(ways.map((way) => way.split(', ')[0]))).toEqual(new Set(ROTATOR_NAMES));
  });

  it('names tests that are there, once each, and are not skipped or empty', () => {
    const problems = [...ROWS, ...PROVIDER_ROWS].flatMap(([id, , , shown = '']) => {
      const cited = citationsIn(shown);
      return cited.length === 0
        ? [`${id}: no test`]
        : cited.map(wrongWith).flatMap((one) => (one ? [`${id}: ${one}`] : []));
    });
    expect(problems).toEqual([]);
  });
});
