import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Fate } from '../database-proxy';
import { succeed } from '../every-point';
import { report, STEPS } from '../faults';
import type { Site, SiteKind, Way } from '../sites';
import { complete, intact, leaked, startStruckLine } from '../struck-line';

const LONG = 120_000;

const RESETS: readonly Fate[] = ['reset before', 'reset after'];

/** What the function says while a server is gone, and until it is back. */
const DOWN = ['ConnectionLost', 'DatabaseUnreachable', 'DatabaseNotReady'];

/** N12, with a server and all ways of rotating on it: whatever its network and itself do, the retries end right. */
export function networkFaults(kind: SiteKind, site: () => Site): void {
  /** One rotation for each message of these, with that one struck. Each has something to bring to the clone. */
  async function atEveryMessage(way: Way, fate: Fate, error: string, which?: RegExp): Promise<number> {
    const line = await startStruckLine(site(), kind, way);
    const { subject } = line;
    try {
      await succeed(subject);
      // Users take turns, so that each message is struck on the way to the one by one fate, to the other by the other.
      if (fate !== 'reset before' && way.alternating) await succeed(subject);
      for (let at = 1; ; at++) {
        if (way.alternating) await site().unsettle(subject, at);
        const before = await subject.value();
        const struck = await line.strike(at, fate, which);
        if (!struck) return at - 1;
        const where = `message ${at}, ${struck.message}: ${struck.record.error}`;
        expect(struck.record, where).toMatchObject({ name: 'RotationSucceeded' });
        // A machine that is busy can be too slow for a function in a hurry as well.
        expect(new Set(struck.errors), where).toEqual(new Set([error]));
        await complete(site(), way, subject, before);
      }
    } finally {
      await line.close();
    }
  }

  describe.each(kind.ways)('N12 the network between the function and the database, $rotator', (way) => {
    it.concurrent.each(RESETS)(
      'survives: a %s the effect of each message, through login, statements and COMMIT',
      async (fate) => {
        const points = await atEveryMessage(way, fate, 'ConnectionLost');
        expect(points).toBeGreaterThanOrEqual(15);
        report(`N12 ${fate}, ${way.rotator}`, points);
      },
      LONG,
    );

    it.concurrent.each([
      ['a server that goes silent', 'silence'],
      ['a server that is slow, and does it when nobody waits any more', 'late'],
    ] as const)(
      'survives: %s, at each message that begins a login or changes something',
      async (_, fate) => {
        const points = await atEveryMessage(way, fate, 'DatabaseSilent', kind.weighty);
        expect(points).toBeGreaterThanOrEqual(7);
        report(`N12 ${fate}, ${way.rotator}`, points);
      },
      LONG,
    );

    it.concurrent(
      'survives: each connection refused',
      async () => {
        const line = await startStruckLine(site(), kind, way);
        const { subject } = line;
        await succeed(subject);
        for (let at = 1; ; at++) {
          const before = await subject.value();
          const refused = await line.refuse(at);
          if (!refused) {
            expect(at).toBeGreaterThan(3);
            report(`N12 refused, ${way.rotator}`, at - 1);
            break;
          }
          expect(refused.record, `connection ${at}: ${refused.record.error}`).toMatchObject({
            name: 'RotationSucceeded',
          });
          expect(refused.errors).toEqual(['DatabaseUnreachable']);
          await complete(site(), way, subject, before);
        }
        await line.close();
      },
      LONG,
    );
  });

  describe.each(kind.ways)('N12 the server itself, $rotator', (way) => {
    /** A user who was rotated once, in the middle of a rotation that is delivered by hand. */
    async function underWay() {
      const subject = await site().subject(way);
      await succeed(subject);
      const before = await subject.value();
      const token = await subject.begin();
      return {
        subject,
        step: (step: string) => subject.step(step, token),
        intact: () => intact(site(), way, subject, before),
        /** The service begins again, with the same token. */
        again: async () => {
          for (const step of STEPS) await subject.step(step, token);
          await complete(site(), way, subject, before);
        },
      };
    }

    it('survives: it is read-only before setSecret', async () => {
      const { step, intact, again } = await underWay();
      await step('createSecret');
      const undo = await site().readOnly();
      await expect(step('setSecret')).rejects.toMatchObject({ name: 'ReadOnlyTarget' });
      await intact();
      await undo();
      await again();
    });

    it('survives: it is read-only after setSecret, and the later steps do not write', async () => {
      const { step, intact, again } = await underWay();
      for (const name of ['createSecret', 'setSecret']) await step(name);
      const undo = await site().readOnly();
      await step('testSecret');
      await intact();
      await step('finishSecret');
      await undo();
      await again();
    });

    it.each(['setSecret', 'testSecret'])('survives: connections are too few for %s', async (name) => {
      const { step, intact, again } = await underWay();
      for (const earlier of STEPS.slice(0, STEPS.indexOf(name as 'setSecret'))) await step(earlier);
      let failed = 0;
      for (let free = 0; ; free++) {
        const give = await site().full(free);
        const error = await step(name).then(
          () => undefined,
          (caught: unknown) => caught,
        );
        await give();
        if (error === undefined) break;
        expect(error).toMatchObject({ name: 'TooManyConnections' });
        expect(++failed).toBeLessThan(10);
        await intact();
      }
      expect(failed).toBeGreaterThan(0);
      await again();
    });

    it('survives: it crashes in the middle of the change, and recovers', async () => {
      const line = await startStruckLine(site(), kind, way);
      const { subject } = line;
      await succeed(subject);
      const before = await subject.value();
      const token = await subject.begin();
      await subject.step('createSecret', token);
      let recovered: Promise<void> | undefined;
      line.proxy.fate = (text) => {
        if (recovered !== undefined || !/ALTER (USER|ROLE)/.test(text)) return undefined;
        recovered = site().crash();
        return recovered;
      };
      await expect(subject.step('setSecret', token)).rejects.toSatisfy(({ name }) => DOWN.includes(name));
      await recovered;
      await intact(site(), way, subject, before);
      for (const step of STEPS) await subject.step(step, token);
      expect(recovered).toBeDefined();
      await complete(site(), way, subject, before);
      await line.close();
    });

    it('survives: it crashes after setSecret, and the service tries until it is back', async () => {
      const { step, again } = await underWay();
      for (const name of ['createSecret', 'setSecret']) await step(name);
      let back = false;
      const recovered = site()
        .crash()
        .then(() => {
          back = true;
        });
      while (!back) {
        await step('testSecret').catch((error: Error) => expect(DOWN).toContain(error.name));
        await wait(20);
      }
      await recovered;
      await again();
    });
  });

  it('N12 leaves no password in a log', () => {
    expect(leaked(site())).toEqual([]);
  });
}
