import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../docs/cited-tests';
import { canRun } from '../../support/required';
import type { Place, PlaceKind } from '../place';
import { triedClasses } from '../tried-classes';

type Startable<P extends Place> = Omit<PlaceKind, 'start'> & { start(): Promise<P> };

/** Tests at one place, which is started once, where the machine has it. */
export function atOnePlace<P extends Place>(kind: Startable<P>, tests: (place: () => P) => void): void {
  describe.skipIf(kind.part !== undefined && !canRun(kind.part, kind.missing()))(kind.engine, () => {
    let place: P;
    beforeAll(async () => {
      place = await kind.start();
    });
    afterAll(() => place.stop());
    tests(() => place);
  });
}

/** What strikes the ways of rotating at one place, and whether the page says so. */
export function faultsAtOnePlace<P extends Place>(kind: Startable<P>, faults: (place: () => P) => void): void {
  atOnePlace(kind, faults);

  // Collected after what is above.
  describe('docs/rotation-faults.md', () => {
    it.each(Object.entries(triedClasses()))('says what is tried with %s', (title, classes) => {
      const rows = rowsOf('rotation-faults.md', /^`/).map(([way = '', said]) => [way.replaceAll('`', ''), said]);
      expect(Object.fromEntries(rows)[title]).toBe(classes.join(' '));
    });
  });
}
