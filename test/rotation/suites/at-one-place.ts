import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../../docs/cited-tests';
import { canRun } from '../../support/required';
import type { Place, PlaceKind } from '../place';
import { triedClasses } from '../tried-classes';
import { serviceFaults } from './service-faults';

/** What Secrets Manager does to every way of rotating at one place, and what else a file has. The place is started once. */
export function faultsAtOnePlace<P extends Place>(
  kind: Omit<PlaceKind, 'start'> & { start(): Promise<P> },
  more: (place: () => P) => void = () => {},
): void {
  describe.skipIf(kind.part !== undefined && !canRun(kind.part, kind.missing()))(kind.engine, () => {
    let place: P;
    beforeAll(async () => {
      place = await kind.start();
    });
    afterAll(() => place.stop());
    more(() => place);
    serviceFaults(kind, () => place);
  });

  it.each(Object.entries(triedClasses()))('docs/rotation-faults.md says what is tried with %s', (title, classes) => {
    const rows = rowsOf('rotation-faults.md', /^`/).map(([way = '', said]) => [way.replaceAll('`', ''), said]);
    expect(Object.fromEntries(rows)[title]).toBe(classes.join(' '));
  });
}
