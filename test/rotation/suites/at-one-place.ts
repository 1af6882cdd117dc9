import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../docs/cited-tests';
import { canRun } from '../../support/required';
import type { Place, PlaceKind } from '../place';
import { triedClasses } from '../tried-classes';

/** What strikes the ways of rotating at one place. The place is started once. */
export function faultsAtOnePlace<P extends Place>(
  kind: Omit<PlaceKind, 'start'> & { start(): Promise<P> },
  faults: (place: () => P) => void,
): void {
  describe.skipIf(kind.part !== undefined && !canRun(kind.part, kind.missing()))(kind.engine, () => {
    let place: P;
    beforeAll(async () => {
      place = await kind.start();
    });
    afterAll(() => place.stop());
    faults(() => place);
  });

  // Collected after what is above.
  describe('docs/rotation-faults.md', () => {
    it.each(Object.entries(triedClasses()))('says what is tried with %s', (title, classes) => {
      const rows = rowsOf('rotation-faults.md', /^`/).map(([way = '', said]) => [way.replaceAll('`', ''), said]);
      expect(Object.fromEntries(rows)[title]).toBe(classes.join(' '));
    });
  });
}
