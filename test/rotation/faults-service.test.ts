import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cannotDecrypt, cannotEncrypt, internal, throttled } from '../../emulator/errors';
import { ReplyLost } from '../../emulator/server';
import {
  atEveryCall,
  Calls,
  failuresOf,
  leaked,
  ROTATORS,
  report,
  resume,
  rotatedOnce,
  STEPS,
  sound,
  succeed,
  whole,
} from './faults';
import { type Application, startWorld, type World } from './world';

const LONG = 120_000;

let world: World;
let calls: Calls;

beforeAll(async () => {
  world = await startWorld({ settings: { max_connections: '100' } });
  calls = new Calls(world);
});
afterAll(() => world.stop());

const call = (app: Application, operation: string, input: object = {}) =>
  world.manager.service.call(operation, { SecretId: app.arn, ...input });

async function dropPending(app: Application): Promise<void> {
  const labels = await app.labels();
  const pending = Object.keys(labels).find((id) => labels[id]?.includes('AWSPENDING'));
  if (pending === undefined || labels[pending]?.includes('AWSCURRENT')) return;
  await call(app, 'UpdateSecretVersionStage', { VersionStage: 'AWSPENDING', RemoveFromVersionId: pending });
}

describe.each(ROTATORS)('Secrets Manager and %s', (rotator) => {
  describe('N1 the same step delivered twice', () => {
    it('survives: every step comes twice in a row', async () => {
      const app = await rotatedOnce(world, rotator);
      world.manager.service.driver.deliveries = 2;
      try {
        await succeed(app);
      } finally {
        world.manager.service.driver.deliveries = 1;
      }
      const steps = app.lines.slice(-8).map((line) => JSON.parse(line));
      expect(steps.map(({ step }) => step)).toEqual(STEPS.flatMap((step) => [step, step]));
      // The one password of a single user is another one already when setSecret comes again.
      const failed = steps.map(({ logins }) => logins.failed);
      expect(failed).toEqual(rotator === 'postgres-single-user' ? [0, 0, 0, 1, 0, 0, 0, 0] : Array(8).fill(0));
      await sound(world, app);
    });
  });

  describe('N2 the same step delivered three times at once', () => {
    it('survives: the end is as of one delivery', async () => {
      const app = await rotatedOnce(world, rotator);
      const token = await app.begin();
      for (const step of STEPS) {
        const outcomes = await Promise.allSettled(Array.from({ length: 3 }, () => app.step(step, token)));
        expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
      }
      expect((await app.labels())[token]).toContain('AWSCURRENT');
      await sound(world, app);
    });
  });

  describe('N3 an old step delivered late', () => {
    it.each([
      ['the end of its rotation', 0, undefined],
      ['the next rotation', 1, 'RotationAbandoned'],
      ['the rotation after the next', 2, 'VersionNotRegistered'],
    ])('survives: a step that comes after %s changes nothing and tries no login', async (_, later, error) => {
      const app = await rotatedOnce(world, rotator);
      const labels = await app.labels();
      const token = Object.keys(labels).find((id) => labels[id]?.includes('AWSCURRENT')) ?? '';
      for (let round = 0; round < later; round++) await succeed(app);
      const before = [await app.labels(), await app.value()];
      const outcomes = await Promise.allSettled(STEPS.map((step) => app.step(step, token)));
      const errors = outcomes.map((outcome) => (outcome.status === 'rejected' ? outcome.reason.name : undefined));
      expect(errors).toEqual(Array(4).fill(error));
      expect([await app.labels(), await app.value()]).toEqual(before);
      expect(app.lines.slice(-4).map((line) => JSON.parse(line).logins.tried)).toEqual([0, 0, 0, 0]);
      await sound(world, app);
    });
  });

  describe('N4 retries exhausted at each call, then a new token', () => {
    it('survives: the next rotation finds the password that is live', { timeout: LONG }, async () => {
      const points = await atEveryCall(calls, rotator, {
        before: () => {
          throw throttled();
        },
        persists: true,
        check: async ({ app, record }) => {
          // Past the move of AWSCURRENT the rotation is complete whatever fails.
          if (record.name !== 'RotationSucceeded') {
            expect(record).toMatchObject({ name: 'RotationFailed', error: { name: 'SecretsManagerUnavailable' } });
          }
          await whole(world, app);
          await dropPending(app);
          await succeed(app);
          await sound(world, app);
        },
      });
      report(`N4, ${rotator}`, points);
    });
  });

  describe('N5 PutSecretValue or UpdateSecret by a person at each call', () => {
    it('survives: the rotation is given up, and the next one succeeds', { timeout: LONG }, async () => {
      const points = await atEveryCall(calls, rotator, {
        before: async (app, { call: at }) => {
          const value = { ...(await app.value()), password: 'put-by-a-person' };
          await call(app, at % 2 ? 'PutSecretValue' : 'UpdateSecret', { SecretString: JSON.stringify(value) });
        },
        check: async ({ app, record, from }) => {
          expect(['RotationAbandoned', 'RotationSucceeded']).toContain(record.name);
          expect(failuresOf(app, from).filter((name) => !GIVEN_UP.includes(name))).toEqual([]);
          expect(await app.password()).toBe('put-by-a-person');
          await whole(world, app);
          // A createSecret that was under way gives AWSPENDING back; the service then goes on with that version.
          await resume(world, app);
          await sound(world, app);
        },
      });
      report(`N5, ${rotator}`, points);
    });
    const GIVEN_UP = ['RotationAbandoned', 'VersionNotRegistered', 'LabelHasMoved'];
  });

  describe('N6 CancelRotateSecret at each call', () => {
    it('survives: nothing goes on, and the rotation is completed when it is enabled again', {
      timeout: LONG,
    }, async () => {
      const points = await atEveryCall(calls, rotator, {
        before: (app) => call(app, 'CancelRotateSecret'),
        check: async ({ app, from }) => {
          expect(failuresOf(app, from).filter((name) => name !== 'RotationNotEnabled')).toEqual([]);
          await whole(world, app);
          await resume(world, app);
          await sound(world, app);
        },
      });
      report(`N6, ${rotator}`, points);
    });
  });

  describe('N7 DeleteSecret at each call', () => {
    it('survives: nothing goes on, and the rotation is completed after RestoreSecret', { timeout: LONG }, async () => {
      const points = await atEveryCall(calls, rotator, {
        before: (app) => call(app, 'DeleteSecret'),
        check: async ({ app, from }) => {
          expect(failuresOf(app, from).filter((name) => name !== 'SecretDeleted')).toEqual([]);
          await call(app, 'RestoreSecret');
          await whole(world, app);
          await resume(world, app);
          await sound(world, app);
        },
      });
      report(`N7, ${rotator}`, points);
    });
  });

  describe('N8 AWSCURRENT moved back by hand at each call', () => {
    it('survives: this rotation or, when its value is for the other user, the next one succeeds', {
      timeout: LONG,
    }, async () => {
      const points = await atEveryCall(calls, rotator, {
        before: async (app) => {
          const labels = await app.labels();
          const holder = (label: string) => Object.keys(labels).find((id) => labels[id]?.includes(label));
          await call(app, 'UpdateSecretVersionStage', {
            VersionStage: 'AWSCURRENT',
            MoveToVersionId: holder('AWSPREVIOUS'),
            RemoveFromVersionId: holder('AWSCURRENT'),
          });
        },
        check: async ({ app, record, from }) => {
          expect(
            failuresOf(app, from).filter((name) => !['PendingMismatch', 'RotationAbandoned'].includes(name)),
          ).toEqual([]);
          await whole(world, app);
          if (record.name === 'RotationFailed') await dropPending(app);
          if (record.name === 'RotationFailed') await succeed(app);
          await succeed(app);
          await sound(world, app);
        },
      });
      report(`N8, ${rotator}`, points);
    });
  });

  describe('N9 Secrets Manager fails at each call', () => {
    it.each([
      ['a call is throttled before its effect', 'before', () => throttled()],
      ['an error of the service comes after the effect', 'after', () => internal()],
      ['the connection is cut after the effect', 'after', () => new ReplyLost()],
    ] as const)(
      'survives: %s, and the service tries again with the same token',
      async (kind, moment, make) => {
        const points = await atEveryCall(calls, rotator, {
          [moment]: () => {
            throw make();
          },
          check: async ({ app, record, from }) => {
            expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
            expect(failuresOf(app, from).filter((name) => name !== 'SecretsManagerUnavailable')).toEqual([]);
            await sound(world, app);
          },
        });
        report(`N9, ${kind}, ${rotator}`, points);
      },
      LONG,
    );
  });

  describe('N11 the KMS key is disabled at each call', () => {
    it('survives: the error names the key, and the rotation is completed when it is enabled', {
      timeout: LONG,
    }, async () => {
      const points = await atEveryCall(calls, rotator, {
        before: (_, { operation }) => {
          if (operation === 'PutSecretValue') throw cannotEncrypt();
          if (operation === 'GetSecretValue') throw cannotDecrypt();
        },
        check: async ({ app, record, from }) => {
          expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
          expect(failuresOf(app, from).filter((name) => name !== 'KeyDenied')).toEqual([]);
          await sound(world, app);
        },
      });
      report(`N11, ${rotator}`, points);
    });
  });
});

describe('N10 reads that are behind writes', () => {
  // A second of the emulator's clock is a quarter of a real one.
  const begun = Date.now();
  let late: World;

  beforeAll(async () => {
    late = await startWorld(
      {},
      { now: () => begun + (Date.now() - begun) * 4, rotationAttempts: 8, rotationPauseMs: 300 },
    );
  });
  afterAll(() => late.stop());

  it.each(ROTATORS)(
    'survives: by five seconds during a rotation of %s',
    async (rotator) => {
      const app = await rotatedOnce(late, rotator);
      const old = await app.value();
      late.manager.service.faults.staleReadsMs = 5_000;
      try {
        await succeed(app);
      } finally {
        late.manager.service.faults.staleReadsMs = 0;
      }
      const allowed = ['VersionNotRegistered', 'VersionHasNoValue', 'PasswordNotSet', 'LabelHasMoved'];
      expect(failuresOf(app).filter((name) => !allowed.includes(name))).toEqual([]);
      expect(await app.value()).not.toEqual(old);
      expect(await late.opens(await app.value())).toBe(true);
      await sound(late, app);
    },
    LONG,
  );
});

it('N1 to N9 and N11 leave no password in a log', () => {
  expect(leaked(world)).toEqual([]);
});
