import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KeySubject, type KeySubjectOptions, type KeyWorld, startKeyWorld } from './api-key-world';
import { crashAtEveryPoint, succeed } from './every-point';

const LONG = 600_000;

const SCENARIOS: Readonly<Record<string, KeySubjectOptions>> = {
  'keys that the provider makes, two at most': {},
  'keys that the provider makes, four at most': { limit: 4, api: { limit: 4 } },
  'keys that the provider makes and shows again': { shows: true },
  'a provider that repeats its answers': { idempotent: true },
  'a provider whose keys manage keys': { selfManaged: true },
  'keys that are chosen here': { mode: 'chosen' },
  'two slots': { mode: 'slots' },
};

describe('a crash before or after any call to Secrets Manager or to the provider of keys', () => {
  let world: KeyWorld;
  let total = 0;

  beforeAll(async () => {
    world = await startKeyWorld();
  });
  afterAll(() => world.stop());

  it.each(Object.entries(SCENARIOS))(
    'is survived with %s',
    async (name, options) => {
      total += await crashAtEveryPoint(name, {
        make: (plan) => world.subject({ ...options, plan }),
        again: true,
        begin: async (subject: KeySubject) => {
          // Twice, so that there is a previous key to be revoked at the start.
          await succeed(subject);
          await succeed(subject);
          guardCurrent(subject);
        },
        check: async (subject, before) => {
          // What comes next is a later invocation.
          subject.keys.clock.forward(60_000);
          const current = await subject.value();
          expect(subject.works(current)).toBe(true);
          expect(subject.works(before)).toBe(true);
          expect(subject.keys.most).toBeLessThanOrEqual(options.limit ?? 2);
          expect(leaks(subject)).toEqual([]);
          if (current.password !== before.password) expect(subject.keys.working()).toHaveLength(2);
        },
      });
    },
    LONG,
  );

  it('is survived at every point', () => {
    console.log(`crash points survived by API keys in all: ${total} of ${total}`);
    expect(total).toBeGreaterThan(250);
  });
});

/** Whatever is about to be revoked or made anew must not be what AWSCURRENT holds: at no instant, not only at the end. */
function guardCurrent(subject: KeySubject): void {
  subject.keys.fault = async (operation, id) => {
    if (id === '' || !/^(DELETE|POST)/.test(operation)) return undefined;
    const current = await subject.value();
    if (current.keyId === id) throw new Error('the current key was about to go');
    return undefined;
  };
}

function leaks({ keys, lines }: KeySubject): string[] {
  const written = lines.join('\n');
  return [...keys.keys.map(({ key }) => key), keys.admin].filter((secret) => written.includes(secret));
}
