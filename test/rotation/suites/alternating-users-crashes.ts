import { describe, expect, it } from 'vitest';
import { eachOnce } from '../crashed-rotation';
import { CrashJourney } from '../every-point';
import type { Value } from '../place';
import type { Subject } from '../subject';
import { endsOfProcesses, ofSqlServer } from './process-ends';
import { account, baseOf, type Flavour, type Pairs } from './sql-pairs';
import type { SqlWorld } from './sql-world';

const LONG = 600_000;

/** A crash at every point of every kind of rotation of alternating users. */
export function alternatingUsersCrashes(flavour: Flavour, world: () => SqlWorld, { pair, same }: Pairs): void {
  describe('a crash before or after any call, connection or statement', () => {
    /** One after the other, of the same users. */
    const preparations: Readonly<Record<string, (subject: Subject) => Promise<void>>> = {
      'the first rotation': async () => {},
      'the second, to the base': async () => {},
      'the third, to the clone': async () => {},
      'after the clone was dropped in use': async (subject) => {
        await world().server.query(`DROP USER ${account(`${baseOf(subject)}_clone`)}`);
      },
      'after the base has lost and got rights': async (subject) => {
        const user = account(baseOf(subject));
        await world().server.queries([
          `REVOKE INSERT ON shop.* FROM ${user}`,
          `GRANT UPDATE ON shop.* TO ${user}`,
          `REVOKE DROP ON \`arch\\_%\`.* FROM ${user}`,
        ]);
      },
    };
    const check = async (name: string, subject: Subject, before: Value) => {
      const dropped = name === 'after the clone was dropped in use';
      const current = await subject.value();
      const opens = eachOnce(world().opens);
      // What a person has dropped is refused until it is there again.
      if (!dropped || current.username !== before.username) expect(await opens(current)).toBe(true);
      if (!dropped) expect(await opens(before)).toBe(true);
      const labels = Object.entries(await subject.labels());
      const pending = labels.find(([, held]) => held.includes('AWSPENDING'))?.[0];
      const next = pending === undefined ? undefined : await subject.value(pending).catch(() => undefined);
      const clones = [current, next].filter((value) => value?.username === `${baseOf(subject)}_clone`);
      for (const value of clones) {
        const lost = name === 'after the base has lost and got rights' && value === next;
        if (value && (await opens(value)) && !lost) await same(subject);
      }
    };
    const journey = new CrashJourney<Subject>(flavour.rotator, {
      make: (plan) => pair({ plan }),
      log: () => world().server.log(),
      legs: Object.fromEntries(
        Object.entries(preparations).map(([name, prepare]) => [
          name,
          { prepare, check: (subject: Subject, before: Value) => check(name, subject, before) },
        ]),
      ),
    });

    endsOfProcesses(() => ofSqlServer(world().server));

    it.each(Object.keys(preparations))(
      'is survived in %s, and nobody who can log in lacks a right',
      async (name) => {
        expect(await journey.crashAtEveryPoint(name)).toBeGreaterThan(80);
      },
      LONG,
    );

    it(
      'is survived where a process is frozen that has the lock, and the next try gets it from the server',
      async () => {
        const count = await journey.freezeWhileLocked('the third, to the clone', world().manager.service.driver);
        expect(count).toBeGreaterThan(20);
      },
      LONG,
    );
  });
}
