import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rowsOf } from '../docs/cited-tests';
import type { Fault } from '../support/key-service-faults';
import { type KeySubject, type KeySubjectOptions, type KeyWorld, startKeyWorld } from './api-key-world';
import { atEveryRequest, type ProviderFault, type Struck } from './at-every-request';
import { succeed } from './every-point';
import { Calls, dropPending, resume, sound } from './faults';
import type { Value } from './place';

const LONG = 300_000;

const INVALID = 'ProviderAnswerInvalid';

/** Of whoever takes a page of somebody in between for the answer: it is found out at what comes next. */
const NO_EFFECT = [INVALID, 'KeyLimitReached', 'NewKeyRefused'];

/** Where a provider is to be left alone for longer than this. */
const LITTLE_TIME = { leavesMs: 5_000 };

/** What a function in a hurry may say besides, and one on a machine that is busy. */
const ALWAYS = ['KeyBeingMade', 'OutOfTime', 'ProviderSilent', 'SecretsManagerUnavailable'];

/** The three ways of getting a key. */
const WAYS: Readonly<Record<string, KeySubjectOptions>> = {
  'keys made there': {},
  'keys chosen here': { mode: 'chosen' },
  'two slots': { mode: 'slots' },
};

const list = { path: '/keys', headers: { authorization: 'Bearer {admin:apiKey}' }, keys: 'data', id: 'id' };

/** What providers do differently. */
const VARIANTS: Readonly<Record<string, KeySubjectOptions>> = {
  'keys made there, four at most': { limit: 4, api: { limit: 4 } },
  'keys made there and shown again': { shows: true },
  'keys made there by a provider that repeats its answers': { idempotent: true },
  'keys made there by a provider that repeats its answers and keeps no names': {
    idempotent: true,
    api: { list: { ...list, only: { status: 'active' } } },
  },
  'keys that manage keys': { selfManaged: true },
  'two slots, whose keys the list alone shows': {
    mode: 'slots',
    shows: true,
    api: {
      list: { ...list, created: 'created', key: 'key' },
      regenerate: { method: 'POST', path: '/keys/{id}/regenerate', headers: list.headers },
    },
  },
};

describe('the provider of API keys', () => {
  let world: KeyWorld;
  let calls: Calls;
  let total = 0;

  beforeAll(async () => {
    world = await startKeyWorld();
    calls = new Calls(world);
  });
  afterAll(() => world.stop());

  const everywhere = async (id: string, way: string, options: KeySubjectOptions, fault: ProviderFault) => {
    const { struck, requests, givenUp } = await atEveryRequest(world, calls, options, fault);
    total += struck;
    const errors = [...new Set(givenUp)].map((name) => `, ${count(givenUp, name)} of them after ${name}`).join('');
    console.log(
      `fault ${id}, ${way}: survived at ${struck} of ${struck} points${errors}; ${requests} requests in a rotation`,
    );
    return { struck, requests };
  };

  const count = (names: readonly string[], name: string) => names.filter((one) => one === name).length;

  /** The rotation is over, with a new key, and the one of before. */
  async function rotated({ subject, before, record, failures }: Struck, allowed: readonly string[]) {
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
    expect(failures.filter((name) => ![...allowed, ...ALWAYS].includes(name))).toEqual([]);
    const current = await subject.value();
    expect(current.password).not.toBe(before.password);
    expect(current.keyId).not.toBe(before.keyId);
    await sound({ opens: async (value: Value) => subject.works(value) }, subject);
  }

  /** The rotation was given up with a named error; once a person has put things right, it goes on with the same token. */
  async function goesOn(struck: Struck, name: string) {
    const { subject, before, record } = struck;
    expect(record, String(record.error)).toMatchObject({ name: 'RotationFailed', error: { name } });
    await resume(world, subject);
    expect((await subject.value()).password).not.toBe(before.password);
    expect(subject.works(before)).toBe(true);
    await sound({ opens: async (value: Value) => subject.works(value) }, subject);
  }

  const busy = (status: number, retryAfter: string): Fault => ({ status, retryAfter });

  /** The faults of which the next try of the service knows nothing any more, and what the function may say of them. */
  const PASSING: readonly [string, string, Fault, readonly string[], Partial<ProviderFault>?][] = [
    ['P1', 'is too much for it at the moment', 429, ['ProviderThrottled']],
    ['P1', 'is too much for it during the step', 429, ['ProviderThrottled'], { lasts: 'step' }],
    ['P1', 'is to be sent again in a second', busy(429, '1'), ['ProviderThrottled']],
    ['P1', 'is to be sent again later than the step ends', busy(429, '3'), ['ProviderThrottled'], LITTLE_TIME],
    ['P1', 'is to be sent again in an hour', busy(429, '3600'), ['ProviderThrottled']],
    ['P2', 'ends in an error of the provider', 500, ['ProviderUnavailable']],
    ['P2', 'finds it away during the step', 503, ['ProviderUnavailable'], { lasts: 'step' }],
    ['P3', 'ends in an error after its effect', 'error', ['ProviderUnavailable']],
    ['P3', 'is answered, and the answer is lost', 'lost', ['ConnectionLost']],
    ['P4', 'is lost on its way', 'dropped', ['ConnectionLost']],
    ['P5', 'has an answer that is cut', 'cut', ['ConnectionLost']],
    ['P5', 'has an answer that is cut, and nobody can see it', 'cut without a length', ['ConnectionLost', INVALID]],
    ['P5', 'has an answer that is no JSON', 'garbled', [INVALID]],
    ['P5', 'has no effect, and a page of somebody in between for an answer', 'not-json', NO_EFFECT],
    ['P6', 'has no answer', 'silence', []],
    ['P6', 'has an answer that stops in the middle', 'stalled', []],
    ['P6', 'has its effect when nobody waits any more', 'late', []],
    ['P7', 'is answered by a redirect', 'redirect', ['ProviderRefused']],
    ['P8', 'is refused for its credential', 401, ['AdminRefused', 'NewKeyRefused']],
  ];

  /** Those of which every provider's own manner is tried. */
  const TELLING: readonly Fault[] = [503, 'lost', 'not-json', 401];

  describe.each(Object.entries({ ...WAYS, ...VARIANTS }))('and %s', (way, options) => {
    const passing = Object.hasOwn(WAYS, way) ? PASSING : PASSING.filter(([, , fault]) => TELLING.includes(fault));

    it.concurrent.each(passing)(
      '%s each request %s: survives, the service tries again with the same token',
      async (id, what, fault, allowed, more) => {
        const { struck, requests } = await everywhere(`${id} ${what}`, way, options, {
          strike: () => fault,
          ...more,
          check: (hit) => rotated(hit, allowed),
        });
        expect(struck).toBe(requests);
      },
      LONG,
    );

    it.concurrent.each([
      ['is away', 503, 'ProviderUnavailable'],
      ['refuses the credential that manages keys', 401, 'AdminRefused'],
    ] as const)(
      'P9 it %s from each request on until the rotation is given up: survives, it is completed when that is over',
      async (what, status, name) => {
        const { struck, requests } = await everywhere(`P9 it ${what}`, way, options, {
          strike: () => status,
          lasts: 'rotation',
          check: (hit) => goesOn(hit, name),
        });
        expect(struck).toBe(requests);
      },
      LONG,
    );

    // Of two slots neither can be added; one that is made anew is a key that is removed.
    const adds = options.mode !== 'slots';
    if (adds) {
      it.concurrent(
        'P10 a person makes a key at each request: survives, or ends with KeyLimitReached until there is room; that key stays',
        async () => {
          await everywhere('P10 a key made by hand', way, options, {
            strike: ({ subject, byHand }) => {
              if (subject.keys.working().length >= (options.limit ?? 2)) return false;
              byHand();
              return undefined;
            },
            check: async (hit) => {
              const [made] = hit.byHand;
              expect(made?.active).toBe(true);
              if (options.limit === 4) return rotated(hit, []);
              expect(hit.record).toMatchObject({ name: 'RotationFailed', error: { name: 'KeyLimitReached' } });
              if (made) made.active = false;
              await goesOn(hit, 'KeyLimitReached');
            },
          });
        },
        LONG,
      );
    }

    it.concurrent(
      'P11 a person removes the new key at each request: survives, or ends with NewKeyRefused, and the next rotation succeeds',
      async () => {
        const { struck } = await everywhere('P11 the new key removed', way, options, {
          strike: ({ pending, remove }) => {
            const key = pending();
            if (!key) return false;
            remove(key);
            return undefined;
          },
          check: async (hit) => {
            if (hit.record.name === 'RotationSucceeded') return rotated(hit, ['NewKeyRefused']);
            expect(hit.record, String(hit.record.error)).toMatchObject({ error: { name: 'NewKeyRefused' } });
            await dropPending(world, hit.subject);
            await succeed(hit.subject);
          },
        });
        expect(struck).toBeGreaterThanOrEqual(3);
      },
      LONG,
    );

    it.concurrent(
      'P12 a person removes the current key at each request: survives, the new one replaces it',
      async () => {
        const { struck, requests } = await everywhere('P12 the current key removed', way, options, {
          strike: ({ subject, before, remove }) => {
            const key = subject.keys.working().find(({ key }) => key === before.password);
            if (!key) return false;
            remove(key);
            return undefined;
          },
          check: async (hit) => {
            if (options.selfManaged && hit.record.name === 'RotationFailed') return replacedByHand(hit);
            await rotated(hit, []);
          },
        });
        expect(struck).toBe(requests);
      },
      LONG,
    );

    /** Without its key the secret manages nothing any more: a person has to put one in. */
    async function replacedByHand({ subject, record }: Struck) {
      expect(record.error).toMatchObject({ name: 'AdminRefused' });
      await putNewKey(subject);
      await succeed(subject);
    }
  });

  async function putNewKey(subject: KeySubject) {
    for (const key of subject.keys.working()) key.active = false;
    const { id, key } = subject.keys.add('made by hand again');
    await subject.put({ keyId: id, password: key });
  }

  it('is told of by docs/rotation-faults.md', () => {
    const told = rowsOf('rotation-faults.md', /^P\d+$/).map(([id]) => id);
    expect(told).toEqual([...new Set(PASSING.map(([id]) => id)), 'P9', 'P10', 'P11', 'P12']);
  });

  it('is struck at every point', () => {
    console.log(`faults of the provider survived by API keys in all: ${total} of ${total}`);
    expect(total).toBeGreaterThan(500);
  });
});
