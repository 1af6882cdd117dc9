import { randomUUID } from 'node:crypto';
import { type KeySubject, type KeySubjectOptions, startKeyWorld } from './api-key-world';
import type { Place, PlaceKind, Value, Way } from './place';
import type { Subject } from './subject';

/** So that a step which waits for another one says so soon. */
const LITTLE_TIME_MS = 4_200;

/** After this no step is about to store a key any more: when the service tries again next. */
const LATER_MS = 30_000;

const WAYS = {
  'keys made there': {},
  'keys chosen here': { mode: 'chosen' },
  'two slots': { mode: 'slots' },
} as const satisfies Record<string, KeySubjectOptions>;

export interface KeySite extends Place {
  subject(way: Way): Promise<KeySubject>;
}

/** Providers of keys, one for each secret. */
export const KEYS: PlaceKind & { start(): Promise<KeySite> } = {
  engine: 'API keys',
  missing: () => undefined,
  waits: ['KeyBeingMade'],
  refused: 'AdminRefused',
  ways: Object.keys(WAYS).map((form) => ({ rotator: 'http-api-key', form, alternating: false, gapless: true })),
  start: startKeySite,
};

async function startKeySite(): Promise<KeySite> {
  const world = await startKeyWorld();
  const subjects: KeySubject[] = [];
  const own = (subject: Subject) => subject as KeySubject;
  return {
    manager: world.manager,
    clockJumps: true,
    subject: async ({ form }) => {
      const subject = await world.subject(WAYS[form as keyof typeof WAYS]);
      subjects.push(subject);
      const { handle } = subject;
      subject.handle = async (event, { getRemainingTimeInMillis = () => LITTLE_TIME_MS } = {}) => {
        try {
          await handle(event, { getRemainingTimeInMillis });
        } catch (error) {
          if ((error as Error).name === 'KeyBeingMade') world.manager.service.clock.forward(LATER_MS);
          throw error;
        }
        // At every moment, not only now.
        if (subject.keys.most > 2) throw new Error(`${subject.keys.most} keys worked at once`);
      };
      return subject;
    },
    opens: async (value) => subjects.some(({ keys }) => keys.url === value.endpoint && keys.accepts(value.password)),
    same: async () => {},
    renewSuperuser: async (subject): Promise<Value> => {
      const admin = `admin-${randomUUID()}`;
      own(subject).keys.admin = admin;
      return { apiKey: admin };
    },
    log: () => subjects.flatMap(({ keys }) => keys.seen.map(({ url }) => url)).join('\n'),
    stop: () => world.stop(),
  };
}
