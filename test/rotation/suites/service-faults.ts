import { describe, expect, it } from 'vitest';
import { cannotDecrypt, cannotEncrypt, internal, throttled } from '../../../emulator/errors';
import { ReplyLost } from '../../../emulator/server';
import { type AtEveryCall, atEveryCall, byHand, callsOf, type Points } from '../at-every-call';
import { succeed } from '../every-point';
import { Calls, dropPending, failuresOf, leaked, report, resume, STEPS, sound, whole } from '../faults';
import { type Place, type PlaceKind, titleOf, type Value } from '../place';
import type { Subject } from '../subject';
import { tries } from '../tried-classes';

const LONG = 120_000;

/** Enough for a step, and less than a call that hangs takes. */
const LITTLE_TIME_MS = 3_000;
const HANGS_MS = 1_200;

/** How much faster the clock of Secrets Manager goes while its reads are behind. */
const HURRY = 4;

/** What a function that comes at the same time as another of its kind may end in; it comes again. */
const AT_ONCE = ['KeyBeingMade', 'KeyLimitReached'];

/** Whatever Secrets Manager, its callers and its keys do at any call, with every way of rotating at one place. */
export function serviceFaults({ ways, waits = [] }: Pick<PlaceKind, 'ways' | 'waits'>, place: () => Place): void {
  let points: Points | undefined;

  const call = (subject: Subject, operation: string, input: object = {}): Promise<unknown> =>
    place().manager.service.call(operation, { SecretId: subject.arn, ...input });

  describe.each(ways.map((way) => ({ way, title: titleOf(way) })))('Secrets Manager and $title', ({ way, title }) => {
    const rotated = async () => {
      const subject = await place().subject(way);
      await succeed(subject);
      return subject;
    };

    const everywhere = async (name: string, fault: AtEveryCall) => {
      points ??= callsOf(new Calls(place()));
      report(`${name}, ${title}`, await atEveryCall(place(), points, way, fault));
    };

    const ended = async (subject: Subject) => {
      await sound(place(), subject);
      if (way.alternating) await place().same(subject);
    };

    tries('N4', way);
    it.concurrent(
      'N4 retries exhausted at each call, then a new token: survives, the next rotation finds what is live',
      () =>
        everywhere('N4', {
          before: () => {
            throw throttled();
          },
          persists: true,
          check: async ({ subject, record }) => {
            // Past the move of AWSCURRENT the rotation is complete whatever fails.
            if (record.name !== 'RotationSucceeded') {
              expect(record).toMatchObject({ name: 'RotationFailed', error: { name: 'SecretsManagerUnavailable' } });
            }
            await dropPending(place(), subject);
            await succeed(subject);
            await ended(subject);
          },
        }),
      LONG,
    );

    tries('N5', way);
    it.concurrent(
      'N5 a person writes a value at each call: survives, the rotation is given up, and the next one succeeds',
      () => {
        let put: Value = {};
        return everywhere('N5', {
          before: async (subject, { call: at }) => {
            const { operation, value } = byHand(await subject.value(), at);
            put = value;
            await call(subject, operation, { SecretString: JSON.stringify(value) });
          },
          // A password that only the secret has lets nobody in.
          meanwhile: (at) => (byHand({}, at).value.password === undefined ? 'clients' : 'labels'),
          check: async ({ subject, record, failures }) => {
            expect(['RotationAbandoned', 'RotationSucceeded']).toContain(record.name);
            expect(failures.filter((name) => ![...GIVEN_UP, ...waits].includes(name))).toEqual([]);
            expect(await subject.value()).toEqual(put);
            // A createSecret that was under way gives AWSPENDING back; the service then goes on with that version.
            await resume(place(), subject);
            await ended(subject);
          },
        });
      },
      LONG,
    );
    const GIVEN_UP = ['RotationAbandoned', 'VersionNotRegistered', 'LabelHasMoved'];

    tries('N6', way);
    it.concurrent(
      'N6 CancelRotateSecret at each call: survives, nothing goes on, and it is completed when enabled again',
      () =>
        everywhere('N6', {
          before: (subject) => call(subject, 'CancelRotateSecret'),
          check: async ({ subject, failures }) => {
            expect(failures.filter((name) => !['RotationNotEnabled', ...waits].includes(name))).toEqual([]);
            await resume(place(), subject);
            await ended(subject);
          },
        }),
      LONG,
    );

    tries('N7', way);
    it.concurrent(
      'N7 DeleteSecret at each call: survives, nothing goes on, and it is completed after RestoreSecret',
      () =>
        everywhere('N7', {
          before: (subject) => call(subject, 'DeleteSecret'),
          meanwhile: 'nothing',
          check: async ({ subject, failures }) => {
            expect(failures.filter((name) => !['SecretDeleted', ...waits].includes(name))).toEqual([]);
            await call(subject, 'RestoreSecret');
            await whole(place(), subject);
            await resume(place(), subject);
            await ended(subject);
          },
        }),
      LONG,
    );

    tries('N8', way);
    it.concurrent(
      'N8 AWSCURRENT moved back by hand at each call: survives, this rotation or, when its value is for the other user, the next one succeeds',
      () =>
        everywhere('N8', {
          before: async (subject) => {
            const labels = await subject.labels();
            const holder = (label: string) => Object.keys(labels).find((id) => labels[id]?.includes(label));
            await call(subject, 'UpdateSecretVersionStage', {
              VersionStage: 'AWSCURRENT',
              MoveToVersionId: holder('AWSPREVIOUS'),
              RemoveFromVersionId: holder('AWSCURRENT'),
            });
          },
          meanwhile: 'labels',
          check: async ({ subject, record, failures }) => {
            expect(failures.filter((name) => ![...MOVED_BACK, ...waits].includes(name))).toEqual([]);
            if (record.name === 'RotationFailed') await dropPending(place(), subject);
            if (record.name === 'RotationFailed') await succeed(subject);
            await succeed(subject);
            await ended(subject);
          },
        }),
      LONG,
    );
    const MOVED_BACK = ['PendingMismatch', 'RotationAbandoned', 'CurrentRefused'];

    tries('N9', way);
    it.concurrent.each([
      ['is throttled before its effect', 'before', () => throttled()],
      ['ends in an error of the service after its effect', 'after', () => internal()],
      ['is cut off after its effect', 'after', () => new ReplyLost()],
    ] as const)(
      'N9 each call %s: survives, the service tries again with the same token',
      (what, moment, make) =>
        everywhere(`N9, each call ${what}`, {
          [moment]: () => {
            throw make();
          },
          check: async ({ subject, record, failures }) => {
            expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
            expect(failures.filter((name) => !['SecretsManagerUnavailable', ...waits].includes(name))).toEqual([]);
            await ended(subject);
          },
        }),
      LONG,
    );

    tries('N11', way);
    it.concurrent(
      'N11 the KMS key is disabled at each call: survives, the error names the key, and it is completed when the key is enabled',
      () =>
        everywhere('N11', {
          before: (_, { operation }) => {
            if (operation === 'PutSecretValue') throw cannotEncrypt();
            if (operation === 'GetSecretValue') throw cannotDecrypt();
          },
          check: async ({ subject, record, failures }) => {
            expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
            expect(failures.filter((name) => !['KeyDenied', ...waits].includes(name))).toEqual([]);
            await ended(subject);
          },
        }),
      LONG,
    );

    tries('N19', way);
    it.concurrent(
      'N19 Secrets Manager hangs at each call until the time of Lambda is nearly over: survives, the step ends before Lambda does',
      async () => {
        const seen = new Set<string>();
        await everywhere('N19', {
          abreast: 6,
          context: { getRemainingTimeInMillis: () => LITTLE_TIME_MS },
          before: () => new Promise((resolve) => setTimeout(resolve, HANGS_MS)),
          effectFirst: place().clockJumps ?? false,
          check: async ({ subject, record, failures }) => {
            expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
            for (const name of failures) seen.add(name);
            await ended(subject);
          },
        });
        // Cut off in its call, or with too little time left for the next thing.
        const late = ['OutOfTime', 'DatabaseSilent', 'ProviderSilent', ...waits];
        expect([...seen].filter((name) => !late.includes(name))).toEqual([]);
        expect([...seen]).toContain('OutOfTime');
      },
      LONG,
    );

    tries('N1', way);
    it('N1 every step comes twice in a row: survives', async () => {
      const subject = await rotated();
      const { driver } = place().manager.service;
      driver.deliveries = 2;
      try {
        await succeed(subject);
      } finally {
        driver.deliveries = 1;
      }
      const steps = subject.lines.slice(-8).map((line) => JSON.parse(line));
      expect(steps.map(({ step }) => step)).toEqual(STEPS.flatMap((step) => [step, step]));
      // The one password of a single user is another one already when setSecret comes again.
      const failed = steps.map(({ logins }) => logins.failed);
      expect(failed).toEqual(way.gapless ? Array(8).fill(0) : [0, 0, 0, 1, 0, 0, 0, 0]);
      await ended(subject);
    });

    tries('N2', way);
    it('N2 every step comes three times at once: survives, the end is as of one delivery', async () => {
      const subject = await rotated();
      const token = await subject.begin();
      for (const step of STEPS) {
        const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => subject.step(step, token)));
        const refused = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
        expect(refused.filter(({ name }) => step !== 'createSecret' || !AT_ONCE.includes(name))).toEqual([]);
        if (refused.length > 0) await subject.step(step, token);
      }
      expect((await subject.labels())[token]).toContain('AWSCURRENT');
      await ended(subject);
    });

    tries('N3', way);
    it.each([
      ['the end of its rotation', 0, undefined],
      ['the next rotation', 1, 'RotationAbandoned'],
      ['the rotation after the next', 2, 'VersionNotRegistered'],
    ])('N3 a step that comes after %s: survives, it changes nothing and tries no login', async (_, later, error) => {
      const subject = await rotated();
      const labels = await subject.labels();
      const token = Object.keys(labels).find((id) => labels[id]?.includes('AWSCURRENT')) ?? '';
      for (let round = 0; round < later; round++) await succeed(subject);
      const before = [await subject.labels(), await subject.value()];
      const outcomes = await Promise.allSettled(STEPS.map((step) => subject.step(step, token)));
      expect(outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : undefined))).toEqual(
        Array(4).fill(error),
      );
      expect([await subject.labels(), await subject.value()]).toEqual(before);
      expect(subject.lines.slice(-4).map((line) => JSON.parse(line).logins.tried)).toEqual([0, 0, 0, 0]);
      await ended(subject);
    });

    tries('N10', way);
    it(
      'N10 reads are behind writes by five seconds: survives',
      async () => {
        const subject = await rotated();
        const old = await subject.value();
        const from = subject.lines.length;
        const { clock, driver, faults } = place().manager.service;
        const { attempts, pauseMs } = driver.options;
        let last = Date.now();
        const ticks = setInterval(() => {
          const now = Date.now();
          clock.forward((now - last) * (HURRY - 1));
          last = now;
        }, 10);
        try {
          faults.staleReadsMs = 5_000;
          Object.assign(driver.options, { attempts: 12, pauseMs: 300 });
          await succeed(subject);
        } finally {
          clearInterval(ticks);
          faults.staleReadsMs = 0;
          Object.assign(driver.options, { attempts, pauseMs });
        }
        const behind = ['VersionNotRegistered', 'VersionHasNoValue', 'PasswordNotSet', 'LabelHasMoved'];
        expect(failuresOf(subject, from).filter((name) => ![...behind, ...waits].includes(name))).toEqual([]);
        expect(await subject.value()).not.toEqual(old);
        await ended(subject);
      },
      LONG,
    );
  });

  it('N1 to N11 and N19 leave no password in a log', () => {
    expect(leaked(place())).toEqual([]);
  });
}
