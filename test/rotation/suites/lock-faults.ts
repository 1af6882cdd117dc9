import { describe, expect, it } from 'vitest';
import { succeed } from '../every-point';
import { STEPS } from '../faults';
import type { Site, SiteKind } from '../sites';
import { complete, intact } from '../struck-line';

/** What another session can hold for hours, by the statements that take it. */
export interface Held {
  readonly what: string;
  readonly statements: readonly string[];
  /** Rotators whose testSecret gets no answer meanwhile, because the server waits for it whatever its limits are. */
  readonly silences?: readonly string[];
}

/** Less than a server would wait for a lock, so that no answer is told soon. */
const LITTLE_TIME = { getRemainingTimeInMillis: () => 4_000 };

/** N12, with servers whose own tables can be locked: it is told that they are, and the service goes on when they are free. */
export function lockFaults(kind: SiteKind, site: () => Site, held: readonly Held[]): void {
  describe('N12 another session holds a lock that every change of a user needs', () => {
    it.each(held)('survives: $what, told as DatabaseBusy', async ({ statements, silences = [] }) => {
      // Three at once, as functions that share the server: on MySQL the last one waits for as long as all three together.
      const rotations = await Promise.all(
        [...kind.ways, ...kind.ways].slice(0, 3).map(async (way) => {
          const subject = await site().subject(way);
          await succeed(subject);
          const before = await subject.value();
          const token = await subject.begin();
          await subject.step('createSecret', token);
          return { way, subject, before, token };
        }),
      );

      const release = await site().hold(statements);
      try {
        const changes = rotations.map(({ subject, token }) => subject.step('setSecret', token));
        for (const outcome of await Promise.allSettled(changes)) {
          expect(outcome).toMatchObject({ status: 'rejected', reason: { name: 'DatabaseBusy' } });
        }
        for (const { way, subject, before } of rotations) await intact(site(), way, subject, before);
      } finally {
        await release();
      }

      for (const { subject, token } of rotations) await subject.step('setSecret', token);
      const again = await site().hold(statements);
      try {
        for (const { way, subject, token } of rotations) {
          const event = { Step: 'testSecret', SecretId: subject.arn, ClientRequestToken: token };
          const test = subject.handle(event, LITTLE_TIME).then(
            () => 'done',
            (error: Error) => error.name,
          );
          expect(await test, way.rotator).toBe(silences.includes(way.rotator) ? 'DatabaseSilent' : 'done');
        }
      } finally {
        await again();
      }

      for (const { way, subject, before, token } of rotations) {
        for (const step of STEPS) await subject.step(step, token);
        await complete(site(), way, subject, before);
      }
    });
  });
}
