import { describe, expect, it } from 'vitest';
import { atEveryCall, callsOf, type Points } from '../at-every-call';
import { succeed } from '../every-point';
import { Calls, failuresOf, leaked as leakedAtCalls, report, sound } from '../faults';
import { type Place, type PlaceKind, titleOf, type Way } from '../place';
import type { Site, SiteKind } from '../sites';
import { complete, leaked, startStruckLine } from '../struck-line';
import type { Subject } from '../subject';
import { tries } from '../tried-classes';

const LONG = 120_000;

const REFUSED = 'SuperuserRefused';

/** Gives the superuser another credential, and returns what puts it into the superuser's secret. */
async function renew(place: Place, subject: Subject): Promise<() => Promise<void>> {
  const value = await place.renewSuperuser(subject);
  return async () => {
    await place.manager.service.call('PutSecretValue', {
      SecretId: String(subject.variables.STRONGROOM_SUPERUSER_SECRET),
      SecretString: JSON.stringify(value),
    });
  };
}

/** N17, at each call to Secrets Manager. One test after the other, because all share the superuser. */
export function superuserFaults(
  { ways, waits = [], refused = REFUSED }: Pick<PlaceKind, 'ways' | 'waits' | 'refused'>,
  place: () => Place,
): void {
  const titled = ways.filter(({ alone }) => !alone).map((way) => ({ way, title: titleOf(way) }));
  describe.each(titled)('N17 the superuser is rotated while $title rotates', ({ way, title }) => {
    const ended = async (subject: Subject) => {
      await sound(place(), subject);
      if (way.alternating) await place().same(subject);
    };
    const whole = async (points: Points, subject: Subject) => {
      const stored = await renew(place(), subject);
      await points.aside(subject, stored);
    };

    tries('N17', way);
    it.each(['before', 'after'] as const)(
      'survives: %s each call to Secrets Manager, and no try fails',
      async (moment) => {
        const points = callsOf(new Calls(place()));
        const struck = await atEveryCall(place(), points, way, {
          [moment]: (subject: Subject) => whole(points, subject),
          check: async ({ subject, record, failures }) => {
            expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
            expect(failures.filter((name) => !waits.includes(name))).toEqual([]);
            await ended(subject);
          },
        });
        report(`N17 ${moment} each call, ${title}`, struck);
      },
      LONG,
    );

    it(
      'survives: half of it at each call, in the server and not yet in its secret',
      async () => {
        const points = callsOf(new Calls(place()));
        const { driver } = place().manager.service;
        let missing: (() => Promise<void>) | undefined;
        const seen = new Set<string>();
        const store = async (subject: Subject) => {
          const stored = missing;
          missing = undefined;
          if (stored) await points.aside(subject, stored);
        };
        const struck = await atEveryCall(place(), points, way, {
          before: async (subject) => {
            missing = await renew(place(), subject);
            // The other half is there when the service begins again.
            driver.beforeStep = async (step) => {
              if (step === 'createSecret') await store(subject);
            };
          },
          check: async ({ subject, record, failures }) => {
            driver.beforeStep = undefined;
            await store(subject);
            expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
            expect(failures.filter((name) => ![refused, ...waits].includes(name))).toEqual([]);
            for (const name of failures) seen.add(name);
            await ended(subject);
          },
        });
        expect([...seen]).toContain(refused);
        report(`N17 half of it at each call, ${title}`, struck);
      },
      LONG,
    );

    it('survives: after each of the first two readings of its secret, the next try finds what is there', async () => {
      const subject = await place().subject(way);
      await succeed(subject);
      const from = subject.lines.length;
      const points = callsOf(new Calls(place()));
      const { service } = place().manager;
      const { after } = service;
      let readings = 0;
      service.after = async (operation, _, { SecretId }) => {
        if (operation !== 'GetSecretValue' || SecretId !== subject.variables.STRONGROOM_SUPERUSER_SECRET) return;
        if (++readings <= 2) await whole(points, subject);
      };
      try {
        await succeed(subject);
      } finally {
        service.after = after;
      }
      expect(readings).toBeGreaterThan(2);
      expect(failuresOf(subject, from).filter((name) => !waits.includes(name))).toEqual([refused]);
      await ended(subject);
    });
  });

  it('N17 at each call leaves no password in a log', () => {
    expect(leakedAtCalls(place())).toEqual([]);
  });
}

/** N17, at each message to a database, from the login of the superuser to the end of what it changes and the proofs of that. */
export function superuserFaultsOfServers(kind: SiteKind, site: () => Site): void {
  /** One rotation for each message. A user who does without a superuser is a new one each time, whom the superuser makes. */
  async function atEveryMessage(
    way: Way,
    happens: (subject: Subject) => Promise<unknown>,
    outcomes: readonly (readonly string[])[],
    afterFailure: () => Promise<unknown> = async () => {},
  ): Promise<number> {
    const start = async () => {
      const line = await startStruckLine(site(), kind, way, { superuser: true });
      const { handle } = line.subject;
      line.subject.handle = (event, context) =>
        handle(event, context).catch(async (error: unknown) => {
          await afterFailure();
          throw error;
        });
      if (!way.alone) await succeed(line.subject);
      return line;
    };
    const seen = new Set<string>();
    let line = await start();
    try {
      for (let at = 1; ; at++) {
        const { subject } = line;
        if (way.alternating) await site().unsettle(subject, at);
        const before = await subject.value();
        const struck = await line.strike(at, () => happens(subject));
        if (!struck) {
          expect([...seen].sort()).toEqual(outcomes.map(String).sort());
          return at - 1;
        }
        await afterFailure();
        const where = `message ${at}, ${struck.message}: ${struck.record.error}`;
        expect(struck.record, where).toMatchObject({ name: 'RotationSucceeded' });
        expect(outcomes, where).toContainEqual(struck.errors);
        seen.add(String(struck.errors));
        await complete(site(), way, subject, before);
        if (!way.alone) continue;
        await line.close();
        line = await start();
      }
    } finally {
      await line.close();
    }
  }

  describe.each(kind.ways)('N17 the superuser is rotated while $rotator talks to the server', (way) => {
    it(
      'survives: before each message, and no try fails',
      async () => {
        const happens = async (subject: Subject) => (await renew(site(), subject))();
        const points = await atEveryMessage(way, happens, [[]]);
        expect(points).toBeGreaterThanOrEqual(15);
        report(`N17 before each message, ${way.rotator}`, points);
      },
      LONG,
    );

    if (way.alone) return;
    it(
      'survives: half of it before each message, in the server and not yet in its secret',
      async () => {
        let missing: (() => Promise<void>) | undefined;
        const happens = async (subject: Subject) => {
          missing = await renew(site(), subject);
        };
        const points = await atEveryMessage(way, happens, [[], [REFUSED]], async () => {
          await missing?.();
          missing = undefined;
        });
        report(`N17 half of it before each message, ${way.rotator}`, points);
      },
      LONG,
    );
  });

  it('N17 at each message leaves no password in a log', () => {
    expect(leaked(site())).toEqual([]);
  });
}
