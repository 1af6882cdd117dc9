import { describe, expect, it } from 'vitest';
import { crashAtEveryPoint, succeed } from '../every-point';
import type { Subject } from '../subject';
import { account, baseOf, type Flavour, type Pairs } from './sql-pairs';
import type { SqlWorld } from './sql-world';

const LONG = 600_000;

/** A crash at every point of every kind of rotation of alternating users. */
export function alternatingUsersCrashes(flavour: Flavour, world: () => SqlWorld, { pair, same }: Pairs): void {
  const query = (sql: string) => world().server.query(sql);

  describe('a crash before or after any call, connection or statement', () => {
    const scenarios: Readonly<Record<string, (subject: Subject) => Promise<void>>> = {
      'the first rotation': async () => {},
      'the second, to the base': succeed,
      'the third, to the clone': async (subject) => {
        await succeed(subject);
        await succeed(subject);
      },
      'after the base has lost and got rights': async (subject) => {
        await succeed(subject);
        await succeed(subject);
        const user = account(baseOf(subject));
        await query(`REVOKE INSERT ON shop.* FROM ${user}`);
        await query(`GRANT UPDATE ON shop.* TO ${user}`);
        await query(`REVOKE DROP ON \`arch\\_%\`.* FROM ${user}`);
      },
      'after the clone was dropped in use': async (subject) => {
        await succeed(subject);
        await query(`DROP USER ${account(`${baseOf(subject)}_clone`)}`);
      },
    };
    it.each(Object.keys(scenarios))(
      'is survived in %s, and nobody who can log in lacks a right',
      async (name) => {
        const dropped = name === 'after the clone was dropped in use';
        const count = await crashAtEveryPoint<Subject>(`${flavour.rotator}, ${name}`, {
          make: (plan) => pair({ plan }),
          log: () => world().server.log(),
          prepare: scenarios[name] ?? succeed,
          check: async (subject, before) => {
            const current = await subject.value();
            const opened = await world().opens(current);
            // What a person has dropped is refused until it is there again.
            if (!dropped || current.username !== before.username) expect(opened).toBe(true);
            if (!dropped) expect(await world().opens(before)).toBe(true);
            const labels = Object.entries(await subject.labels());
            const pending = labels.find(([, held]) => held.includes('AWSPENDING'))?.[0];
            const next = pending === undefined ? undefined : await subject.value(pending).catch(() => undefined);
            const clones = [current, next].filter((value) => value?.username === `${baseOf(subject)}_clone`);
            for (const value of clones) {
              const lost = name === 'after the base has lost and got rights' && value === next;
              if (value && (await world().opens(value)) && !lost) await same(subject);
            }
          },
        });
        expect(count).toBeGreaterThan(80);
      },
      LONG,
    );
  });
}
