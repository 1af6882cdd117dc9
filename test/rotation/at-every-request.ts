import { expect } from 'vitest';
import type { RotationRecord } from '../../emulator/rotation-driver';
import { tagOf } from '../../rotation/api-key/ownership';
import { LEDGER_LABEL } from '../../rotation/engine';
import type { ServiceKey } from '../support/key-service';
import type { Fault } from '../support/key-service-faults';
import type { KeySubject, KeySubjectOptions, KeyWorld } from './api-key-world';
import { succeed } from './every-point';
import { type Calls, failuresOf } from './faults';
import type { Value } from './place';

/** So that a step which waits for another one says so soon, and a machine that is busy is quick enough. */
const SOME_TIME_MS = 12_000;

/** How often a function in a hurry may be too slow to come to the request at all. */
const RUNS = 3;

/** After this no step is about to store a key any more: when the service tries again next. */
const LATER_MS = 30_000;

/** What a request is about to meet: where a person may do something, and notes what. */
export interface Strike {
  readonly subject: KeySubject;
  /** What the clients have, who read the secret before the rotation. */
  readonly before: Value;
  readonly operation: string;
  /** The key that this rotation has made, as far as it works. */
  pending(): ServiceKey | undefined;
  /** A person takes a key from the provider. */
  remove(key: ServiceKey): void;
  /** A person makes a key. */
  byHand(): ServiceKey;
}

export interface Struck {
  readonly subject: KeySubject;
  readonly before: Value;
  readonly record: RotationRecord;
  /** The names of the errors that the function has written since the rotation began, each once. */
  readonly failures: readonly string[];
  /** Keys that a person has made. */
  readonly byHand: readonly ServiceKey[];
}

export interface ProviderFault {
  /** What the request meets; false if there is nothing that could happen at this one. */
  readonly strike: (strike: Strike) => Fault | undefined | false;
  /** How long: this request, all to the end of its step, or all until the rotation is given up. @default 'request' */
  readonly lasts?: 'request' | 'step' | 'rotation';
  /** What Lambda leaves for the step that is struck. @default enough for all that is not silent */
  readonly leavesMs?: number;
  readonly check: (struck: Struck) => Promise<void>;
}

export interface Outcome {
  /** How many requests a rotation has. */
  readonly requests: number;
  /** At how many of them it could happen; all of these were survived. */
  readonly struck: number;
  /** With which errors rotations were given up, until a person had done something. */
  readonly givenUp: readonly string[];
}

/**
 * One rotation for each request of a rotation to the provider, with something happening at that one; the service repeats it
 * with the same token.
 */
export async function atEveryRequest(
  world: KeyWorld,
  calls: Calls,
  options: KeySubjectOptions,
  fault: ProviderFault,
): Promise<Outcome> {
  const { requests } = await strikeAt(world, calls, options, fault, 0);
  expect(requests.length).toBeGreaterThanOrEqual(6);
  const names: string[] = [];
  let [next, struck] = [1, 0];
  const worker = async () => {
    while (next <= requests.length) {
      const at = next++;
      const upTo = (all: readonly string[]) => all.slice(0, at).join();
      let found = await strikeAt(world, calls, options, fault, at);
      for (let run = 1; run < RUNS && upTo(found.requests) !== upTo(requests); run++)
        found = await strikeAt(world, calls, options, fault, at);
      expect(upTo(found.requests)).toBe(upTo(requests));
      if (found.struck) struck++;
      if (found.givenUp !== undefined) names.push(found.givenUp);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return { struck, requests: requests.length, givenUp: names };
}

/** A secret whose first key was made by hand, rotated once, and once more with the request of this number struck (0: none). */
async function strikeAt(
  world: KeyWorld,
  calls: Calls,
  options: KeySubjectOptions,
  { strike, lasts = 'request', leavesMs = SOME_TIME_MS, check }: ProviderFault,
  at: number,
): Promise<{ readonly requests: readonly string[]; readonly struck: boolean; readonly givenUp: string | undefined }> {
  const subject = await world.subject(options);
  const { keys } = subject;
  const watch = new Watch(subject, world);
  await succeed(subject);
  const before = await subject.value();
  const from = subject.lines.length;
  watch.begin(before, at === 0 ? undefined : leavesMs);
  const requests: string[] = [];
  const byHand: ServiceKey[] = [];
  let state: 'waiting' | 'striking' | 'over' | 'nothing' = 'waiting';
  let struck = false;
  watch.stepEnded = () => {
    if (state === 'striking' && lasts === 'step') state = 'over';
  };
  keys.fault = async (operation) => {
    requests.push(operation);
    await watch.look(`before ${operation}`);
    if (state !== 'striking' && (state !== 'waiting' || requests.length !== at)) return undefined;
    const met = strike({
      subject,
      before,
      operation,
      pending: () => pendingOf(subject, before, options.mode),
      remove: (key) => watch.remove(key),
      byHand: () => {
        const made = keys.add('made by hand');
        byHand.push(made);
        return made;
      },
    });
    struck = met !== false;
    state = met === false ? 'nothing' : lasts === 'request' ? 'over' : 'striking';
    return met === false ? undefined : met;
  };
  try {
    const after = (operation: string) =>
      operation === 'UpdateSecretVersionStage' ? watch.look('when a label had moved') : undefined;
    const record = await calls.during([subject.arn], { after }, () => subject.rotate());
    state = 'over';
    await watch.look('when the rotation was over');
    watch.complain();
    const failures = failuresOf(subject, from);
    if (struck) {
      await check({ subject, before, record, failures, byHand });
    } else {
      expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
      if (at === 0) expect(failures).toEqual([]);
    }
    keys.fault = () => undefined;
    // Whatever was left goes when the next rotation begins: nobody's key stays.
    const last = await subject.value();
    await succeed(subject);
    const expected = [await subject.value(), last].map(({ password }) => password);
    const working = keys.working().map(({ key }) => key);
    expect(working.sort(), 'no key is left behind').toEqual(
      [...new Set([...expected, ...byHand.filter(({ active }) => active).map(({ key }) => key)])].sort(),
    );
    await watch.silence();
    const givenUp = record.name === 'RotationSucceeded' ? undefined : (record.error as Error).name;
    return { requests, struck, givenUp };
  } catch (error) {
    throw new Error(`request ${at}, ${requests[at - 1] ?? 'none'}`, { cause: error });
  }
}

/** Looks at what must hold at every moment; what does not is complained of later, outside of what the driver would repeat. */
class Watch {
  stepEnded = () => {};
  private before: Value = {};
  private readonly broken: string[] = [];
  private readonly removed = new Set<unknown>();
  private readonly seen = new Set<string>();
  private thrown = '';

  constructor(
    private readonly subject: KeySubject,
    private readonly world: KeyWorld,
  ) {
    this.seen.add(subject.keys.admin);
    this.remember();
  }

  begin(before: Value, leavesMs: number | undefined): void {
    this.before = before;
    const { subject, world } = this;
    const { handle } = subject;
    let leaves = leavesMs;
    subject.handle = async (event) => {
      try {
        await handle(event, leaves === undefined ? {} : { getRemainingTimeInMillis: () => Number(leaves) });
      } catch (error) {
        const { name, message, stack } = error as Error;
        this.thrown += `${name} ${message} ${stack}`;
        leaves = SOME_TIME_MS;
        if (name === 'KeyBeingMade') world.manager.service.clock.forward(LATER_MS);
        throw error;
      } finally {
        this.stepEnded();
        await this.look('between two steps');
      }
    };
    subject.keys.done = () => {
      this.remember();
      return this.look('after an effect');
    };
  }

  remove(key: ServiceKey): void {
    this.removed.add(key.key);
    const { slots } = this.subject.keys.options;
    // Of a slot there is no less than another key.
    if (slots) key.key = `sk_by_hand_${this.removed.size}_${key.id}`;
    else key.active = false;
    this.remember();
  }

  async look(moment: string): Promise<void> {
    const { subject, before, removed } = this;
    if (before.password === undefined) return;
    const labels = await subject.labels();
    const holders = (label: string) => Object.keys(labels).filter((id) => labels[id]?.includes(label));
    const current = await subject.value();
    const wrong = [
      ...(holders('AWSCURRENT').length === 1 ? [] : ['AWSCURRENT is not on one version']),
      ...(holders('AWSPENDING').length <= 1 ? [] : ['AWSPENDING is on several versions']),
      ...(holders(LEDGER_LABEL).length <= 1 ? [] : ['the ledger label is on several versions']),
      // A key that a person has removed is no current one that has ceased to work, if clients had it before.
      ...(subject.works(current) || (current.password === before.password && removed.has(before.password))
        ? []
        : ['the current key does not work']),
      ...(subject.works(before) || removed.has(before.password) ? [] : ['what clients read before does not work']),
    ];
    this.broken.push(...wrong.map((what) => `${moment}: ${what}`));
  }

  complain(): void {
    expect(this.broken).toEqual([]);
  }

  /** No key was told: not in a log, an error or an address. */
  async silence(): Promise<void> {
    const { subject, seen } = this;
    for (const id of Object.keys(await subject.labels())) seen.add(String((await subject.value(id)).password));
    const told = `${subject.said()}${this.thrown}${subject.keys.seen.map(({ url }) => url).join('\n')}`;
    expect(told.length).toBeGreaterThan(1_000);
    expect([...seen].filter((secret) => told.includes(secret))).toEqual([]);
  }

  private remember(): void {
    for (const { key } of this.subject.keys.keys) this.seen.add(key);
  }
}

function pendingOf({ arn, keys }: KeySubject, before: Value, mode: KeySubjectOptions['mode']): ServiceKey | undefined {
  if (mode === 'slots') return keys.keys.find(({ id }) => id !== before.keyId);
  // The tag of the rotation that has made the current key is that of another token.
  const prefix = tagOf(arn, '');
  return keys.working().find(({ name, key }) => name.startsWith(prefix) && key !== before.password);
}
