import { expect } from 'vitest';
import type { RotationRecord } from '../../emulator/rotation-driver';
import type { Connect } from '../../rotation/database';
import type { Deadline } from '../../rotation/deadline';
import { LEDGER_LABEL } from '../../rotation/engine';
import { type DatabaseProxy, type Fate, isGoodbye, LATE_MS, startDatabaseProxy } from './database-proxy';
import type { Site, SiteKind, SiteSubjectOptions, Value, Way } from './sites';
import type { Subject } from './subject';

/** How long the function waits for an answer that it will not get: long for a server of this machine, short for a test. */
const HURRY_MS = LATE_MS / 2;

/** A secret whose function reaches the server by a line that can be struck. */
export interface StruckLine {
  readonly subject: Subject;
  readonly proxy: DatabaseProxy;
  /**
   * One rotation, with its retries, whose nth message of these meets this fate, or waits until something has happened.
   * Undefined when it has not so many.
   */
  strike(at: number, fate: Fate | (() => Promise<unknown>), which?: RegExp): Promise<Struck | undefined>;
  /** One rotation, with its retries, whose nth connection is refused. Undefined when it makes not so many. */
  refuse(at: number): Promise<Tries | undefined>;
  close(): Promise<void>;
}

export interface Tries {
  readonly record: RotationRecord;
  /** The names of the errors of the tries, in order. */
  readonly errors: readonly string[];
}

export interface Struck extends Tries {
  /** The message, as far as it can be read. */
  readonly message: string;
}

export async function startStruckLine(
  site: Site,
  kind: SiteKind,
  way: Way,
  options: Pick<SiteSubjectOptions, 'superuser'> = {},
): Promise<StruckLine> {
  const proxy = await startDatabaseProxy(site.port, kind);
  /** The next of the messages that count is one that meets a silence: the function waits for it less than it else would. */
  let near = false;
  const hurried = (deadline: Deadline): Deadline =>
    Object.create(deadline, {
      left: {
        value: (limit?: number) => Math.min(deadline.left(limit), near ? HURRY_MS : Number.POSITIVE_INFINITY),
      },
    });
  const connect =
    (real: Connect): Connect =>
    (target, credential, deadline) =>
      real(target, credential, hurried(deadline));
  const subject = await site.subject(way, {
    ...options,
    port: proxy.port,
    plan: { connect, store: (real) => real },
  });
  return {
    subject,
    proxy,
    close: () => proxy.close(),
    strike: async (at, fate, which = /^/) => {
      let message: string | undefined;
      let count = 0;
      const approach = () => {
        near = (fate === 'silence' || fate === 'late') && count === at - 1;
      };
      approach();
      proxy.fate = (text) => {
        if (isGoodbye(text) || !which.test(text)) return undefined;
        count++;
        approach();
        if (count !== at) return undefined;
        message = readable(text);
        return typeof fate === 'function' ? fate() : fate;
      };
      const tries = await watched(site, way, subject, () => proxy.heal());
      near = false;
      proxy.fate = undefined;
      return message === undefined ? undefined : { ...tries, message };
    },
    refuse: async (at) => {
      let shut = false;
      let count = 0;
      const arrive = () => {
        if (++count !== at) return;
        shut = true;
        proxy.shut();
      };
      // The door is shut behind the one before.
      proxy.arrived = arrive;
      arrive();
      const tries = await watched(site, way, subject, async () => {
        if (shut) await proxy.open();
        shut = false;
      });
      proxy.arrived = undefined;
      if (shut) await proxy.open();
      return tries.errors.length === 0 ? undefined : tries;
    },
  };
}

/** One rotation, with what must hold at every moment looked at after each try that fails. */
export async function watched(
  site: Site,
  way: Way,
  subject: Subject,
  afterFailure: (error: Error) => unknown = () => {},
): Promise<Tries> {
  const before = await subject.value();
  const broken: unknown[] = [];
  const errors: string[] = [];
  const { handle } = subject;
  subject.handle = async (event, context) => {
    try {
      await handle(event, context);
    } catch (error) {
      errors.push((error as Error).name);
      await afterFailure(error as Error);
      // The driver would take a failed expectation for a failure of the function, and try again.
      await intact(site, way, subject, before).catch((wrong: unknown) => broken.push(wrong));
      throw error;
    }
  };
  try {
    const record = await subject.rotate();
    if (broken.length > 0) throw broken[0];
    return { record, errors };
  } finally {
    subject.handle = handle;
  }
}

/** What holds at every moment of a rotation that began with this current value. */
export async function intact(site: Site, way: Way, subject: Subject, before: Value): Promise<void> {
  const labels = await subject.labels();
  const held = Object.values(labels).flat();
  const times = (label: string) => held.filter((one) => one === label).length;
  expect(times('AWSCURRENT')).toBe(1);
  expect(times('AWSPENDING')).toBeLessThanOrEqual(1);
  expect(times(LEDGER_LABEL)).toBeLessThanOrEqual(1);
  const values = await Promise.all(Object.keys(labels).map((id) => subject.value(id).catch(() => undefined)));
  const known = [before, ...values.filter((value) => value !== undefined)];
  remember(site, subject, known);
  if (way.gapless) {
    expect(await site.opens(await subject.value()), 'the current value works').toBe(true);
    expect(await site.opens(before), 'what clients read before the rotation works').toBe(true);
  } else {
    const open = await Promise.all(known.map((value) => site.opens(value)));
    expect(open, 'one of the labelled values works').toContain(true);
  }
}

/** What holds when a rotation that began with this current value has succeeded. */
export async function complete(site: Site, way: Way, subject: Subject, before: Value): Promise<void> {
  const now = await subject.value();
  remember(site, subject, [before, now]);
  expect(now.password).not.toBe(before.password);
  expect(await site.opens(now)).toBe(true);
  expect(await site.opens(before)).toBe(way.gapless);
  const labels = Object.values(await subject.labels()).flat();
  expect(labels.filter((label) => label !== LEDGER_LABEL).sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
  if (way.alternating) await site.same(subject);
}

const used = new WeakMap<Site, { readonly passwords: Set<string>; readonly subjects: Set<Subject> }>();

function remember(site: Site, subject: Subject, values: readonly Value[]): void {
  const seen = used.get(site) ?? { passwords: new Set(), subjects: new Set() };
  used.set(site, seen);
  seen.subjects.add(subject);
  for (const { password } of values) seen.passwords.add(String(password));
}

/** Passwords that were looked at and are in the server's log, which holds every statement, or in a line of the function's. */
export function leaked(site: Site): readonly string[] {
  const { passwords, subjects } = used.get(site) ?? { passwords: new Set<string>(), subjects: new Set<Subject>() };
  if (passwords.size === 0) throw new Error('no password was seen');
  const written = [site.log(), ...[...subjects].flatMap(({ lines }) => lines)].join('\n');
  return [...passwords].filter((password) => written.includes(password));
}

/** For the message of a failure. A part of a login is not shown. */
function readable(text: string): string {
  const sql = /[A-Z]{3,}[ -~]*/.exec(text)?.[0];
  return sql?.slice(0, 80) ?? 'a part of the login';
}
