import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { succeed } from '../every-point';
import { report, STEPS } from '../faults';
import { type Names, startNames } from '../names';
import type { Site, SiteKind, Value, Way } from '../sites';
import { complete } from '../struck-line';
import type { Subject } from '../subject';

const LONG = 120_000;

const NOTHING = 'nothing that was set since the rotation began';

/** What the new primary has of a user's. */
const STATES = ['all that was set', NOTHING] as const;

/** By which a proof says that what was set is gone, so that the service begins again. */
const NOTICED = ['NewPasswordRefused', 'CurrentRefused', 'PrivilegesDiffer', 'WrongIdentity'];

/** How often the user was rotated before: with users in turn the first rotation makes one, and later ones go to and fro. */
const roundsOf = ({ alternating }: Way): readonly number[] => (alternating ? [0, 1, 2] : [0, 1]);

interface Case {
  readonly way: Way;
  readonly state: (typeof STATES)[number];
  readonly rounds: number;
  /** Whether the name is to lead to the new primary from this moment on. */
  readonly time: (moment: Moment) => boolean;
}

interface Moment {
  readonly step: string;
  /** The number of the connection that is to be made, from 1; undefined before the step. */
  readonly connection: number | undefined;
}

interface FailOver {
  readonly subject: Subject;
  readonly before: Value;
  /** The names of the errors of the tries, in order. */
  readonly errors: readonly string[];
  /** The step that it came in, or before. */
  readonly struck: string | undefined;
}

/** N22, with servers and all ways of rotating on them: the name of the server leads to another one from some moment on. */
export function newPrimaryFaults(kind: SiteKind, site: () => Site): void {
  describe('N22 the name of the server leads to a new primary', () => {
    let successor: Site;
    let names: Names;

    beforeAll(async () => {
      successor = await site().successor();
      names = await startNames(site(), successor);
    }, LONG);
    afterAll(async () => {
      await names.close();
      await successor.stop();
    });

    /** The successor gets the users of a subject as they are now. */
    async function bring(subject: Subject): Promise<void> {
      const statements = await site().users(subject);
      await (await successor.hold(statements))();
    }

    /** One rotation of a user who was rotated so often, with a fail-over as soon as it is time. */
    async function failOver({ way, state, rounds, time }: Case): Promise<FailOver> {
      const name = names.make();
      const subject = await site().subject(way, { host: name.host });
      for (let round = 0; round < rounds; round++) await succeed(subject);
      const before = await subject.value();
      if (state === NOTHING) await bring(subject);

      let struck: string | undefined;
      let connections = 0;
      let worked = false;
      const arrives = async (event: Moment) => {
        if (struck !== undefined || !time(event)) return;
        struck = event.step;
        if (state !== NOTHING) await bring(subject);
        worked = way.gapless && (await successor.opens(before));
        name.turn();
      };
      const errors: string[] = [];
      const broken: unknown[] = [];
      const clientsGetIn = async () => {
        if (worked) expect(await successor.opens(before), 'what clients read before the rotation works').toBe(true);
      };
      const { handle } = subject;
      subject.handle = async (event, context) => {
        const step = (event as { readonly Step: string }).Step;
        name.asked = () => arrives({ step, connection: ++connections });
        await arrives({ step, connection: undefined });
        await handle(event, context).catch(async (error: Error) => {
          errors.push(error.name);
          // The driver would take a failed expectation for a failure of the function, and try again.
          await clientsGetIn().catch((wrong: unknown) => broken.push(wrong));
          throw error;
        });
      };
      const record = await subject.rotate();
      Object.assign(subject, { handle });
      name.asked = undefined;
      if (broken.length > 0) throw broken[0];
      expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
      await clientsGetIn();
      return { subject, before, errors, struck };
    }

    /** The new primary has what the secret says, or after the next rotation where nothing was left to notice that it has not. */
    async function ended(way: Way, { subject, before }: FailOver, unnoticed: boolean): Promise<void> {
      if (!unnoticed) return complete(successor, way, subject, before);
      const now = await subject.value();
      await succeed(subject);
      return complete(successor, way, subject, now);
    }

    describe.each(kind.ways)('$rotator', (way) => {
      it.concurrent.each(
        STATES.flatMap((state) =>
          STEPS.flatMap((step) => roundsOf(way).map((rounds) => [step, state, rounds] as const)),
        ),
      )(
        'survives: before %s, and it has %s, after %i rotations',
        async (moment, state, rounds) => {
          const over = await failOver({ way, state, rounds, time: ({ step }) => step === moment });
          expect(over.struck).toBe(moment);
          const lost = state === NOTHING;
          if (lost && moment === 'testSecret') expect(NOTICED).toContain(String(over.errors));
          else expect(over.errors).toEqual([]);
          const now = await over.subject.value();
          // Shows that it is another server indeed, and what the last proof could not see.
          if (['createSecret', 'setSecret'].includes(moment)) expect(await site().opens(now)).toBe(false);
          const unnoticed = lost && moment === 'finishSecret';
          expect(await successor.opens(now)).toBe(!unnoticed);
          await ended(way, over, unnoticed);
        },
        LONG,
      );

      it.concurrent.each(STATES.flatMap((state) => roundsOf(way).map((rounds) => [state, rounds] as const)))(
        'survives: before each connection, while those that are open stay, and it has %s, after %i rotations',
        async (state, rounds) => {
          for (let at = 1; ; at++) {
            const over = await failOver({ way, state, rounds, time: ({ connection }) => connection === at });
            if (over.struck === undefined) {
              expect(at).toBeGreaterThan(3);
              report(`N22 before each connection, ${way.rotator}`, at - 1);
              return;
            }
            const where = `connection ${at}, of ${over.struck}`;
            expect(
              over.errors.filter((name) => !NOTICED.includes(name)),
              where,
            ).toEqual([]);
            const unnoticed = !(await successor.opens(await over.subject.value()));
            // Between the two proofs of the test, of which the second is of what was there before.
            if (unnoticed) expect(over.struck, where).toBe('testSecret');
            await ended(way, over, unnoticed);
          }
        },
        LONG,
      );
    });
  });
}
