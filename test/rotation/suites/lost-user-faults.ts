import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { RotationRecord } from '../../../emulator/rotation-driver';
import { succeed } from '../every-point';
import { resume, STEPS } from '../faults';
import type { Loss, Site, SiteKind, Value, Way } from '../sites';
import { complete } from '../struck-line';
import type { Subject } from '../subject';

/** How often the service tries. */
const TRIES = 3;

const LOSSES: readonly Loss[] = [
  'clone dropped',
  'clone without its rights',
  'clone with another password',
  'base dropped',
];

const MOMENTS = ['the rotation', ...STEPS] as const;

type Moment = (typeof MOMENTS)[number];

/** N14, with a server that has users in turn: who is dropped or changed comes back, or a person is told by what statements. */
export function lostUserFaults(kind: SiteKind, site: () => Site): void {
  for (const way of kind.ways.filter(({ alternating }) => alternating)) {
    describe(`N14 somebody drops or changes one of the two users, ${way.rotator}`, () => {
      it.concurrent.each(
        LOSSES.flatMap((loss) =>
          MOMENTS.flatMap((moment) => (['base', 'clone'] as const).map((current) => [loss, moment, current] as const)),
        ),
      )('survives: %s before %s, while clients use the %s', (loss, moment, current) =>
        survives(kind, site(), way, { loss, moment, current }),
      );
    });
  }
}

interface Case {
  readonly loss: Loss;
  readonly moment: Moment;
  /** Which of the two the secret has when the rotation begins. */
  readonly current: 'base' | 'clone';
}

async function survives(kind: SiteKind, site: Site, way: Way, { loss, moment, current }: Case): Promise<void> {
  const subject = await site.subject(way);
  await succeed(subject);
  if (current === 'base') await succeed(subject);
  const before = await subject.value();
  let working: readonly Value[] | undefined;
  const lose = async () => {
    await site.lose(subject, loss);
    working = await opening(site, subject);
  };
  const errors: string[] = [];
  const { handle } = subject;
  subject.handle = async (event, context) => {
    if (working === undefined && (event as { readonly Step: string }).Step === moment) await lose();
    await handle(event, context).catch((error: Error) => {
      errors.push(error.name);
      throw error;
    });
  };
  if (moment === 'the rotation') await lose();
  const rotated = await subject.rotate();
  expect(errors).toEqual(errorsOf(kind, { loss, moment, current }));
  const hopeless = kind.needsBase && loss === 'base dropped';
  if (moment !== 'finishSecret') {
    await putRight(site, subject, rotated, hopeless ? working : undefined);
    return complete(site, way, subject, before);
  }
  // After the last proof nothing is left to notice it; the next rotation does.
  expect(rotated, String(rotated.error)).toMatchObject({ name: 'RotationSucceeded' });
  const now = await subject.value();
  await putRight(site, subject, await subject.rotate(), hopeless ? working : undefined);
  await complete(site, way, subject, now);
}

/** A rotation has succeeded or, where nobody but a person knows what to do, what worked works and the error says it. */
async function putRight(
  site: Site,
  subject: Subject,
  record: RotationRecord,
  working: readonly Value[] | undefined,
): Promise<void> {
  if (working === undefined) {
    expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
    return;
  }
  expect(record).toMatchObject({ name: 'RotationFailed', error: { name: 'UserMissing' } });
  expect(working.length).toBeGreaterThan(0);
  for (const value of working) expect(await site.opens(value), String(value.username)).toBe(true);
  const { message } = record.error as Error;
  const [, statements = ''] = /run: (.*); then rotate again$/.exec(message) ?? [];
  for (const sql of statements.split('; ')) await site.query(sql.replace('…', randomUUID()));
  await resume(site, subject);
}

/** The values under a label whose user is let in. */
async function opening(site: Site, subject: Subject): Promise<readonly Value[]> {
  const found: Value[] = [];
  for (const id of Object.keys(await subject.labels())) {
    const value = await subject.value(id).catch(() => undefined);
    if (value && (await site.opens(value))) found.push(value);
  }
  return found;
}

/** What testSecret says of it, so that setSecret comes again. */
const NOTICED: Readonly<Record<Loss, Readonly<Record<Case['current'], string>>>> = {
  'clone dropped': { base: 'NewPasswordRefused', clone: 'CurrentRefused' },
  'clone without its rights': { base: 'PrivilegesDiffer', clone: 'PrivilegesDiffer' },
  'clone with another password': { base: 'NewPasswordRefused', clone: 'CurrentRefused' },
  'base dropped': { base: 'CurrentRefused', clone: 'NewPasswordRefused' },
};

function errorsOf(kind: SiteKind, { loss, moment, current }: Case): readonly string[] {
  if (moment === 'finishSecret') return [];
  const first = moment === 'testSecret' ? [kind.noticed?.[loss]?.[current] ?? NOTICED[loss][current]] : [];
  const tries = kind.needsBase && loss === 'base dropped' ? TRIES - first.length : 0;
  return [...first, ...Array<string>(tries).fill('UserMissing')];
}
