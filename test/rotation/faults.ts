import { expect } from 'vitest';
import type { Hook } from '../../emulator/service';
import { LEDGER_LABEL } from '../../rotation/engine';
import { succeed } from './every-point';
import type { Place, Value, Way } from './place';
import type { Subject } from './subject';
import type { Application, ApplicationOptions, World } from './world';

export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** What a rotation function itself calls; everything else is a person or a test. */
const CALLS: readonly string[] = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];

/** Both of PostgreSQL's rotators. The first without a superuser, so that every password must be found again by its label. */
export const ROTATORS = ['postgres-single-user', 'postgres-alternating-users'] as const;

export type Rotator = (typeof ROTATORS)[number];

export interface Hooks {
  readonly before?: Hook;
  readonly after?: Hook;
}

/** What a test does to the Secrets Manager calls for some secrets; others are left alone, so that many can run at once. */
export class Calls {
  private readonly hooks = new Map<string, Hooks>();

  constructor({ manager: { service } }: Pick<Place, 'manager'>) {
    service.before = (operation, count, input) =>
      this.hooks.get(String(input.SecretId))?.before?.(operation, count, input);
    service.after = (operation, count, input) =>
      this.hooks.get(String(input.SecretId))?.after?.(operation, count, input);
  }

  async during<T>(secrets: readonly string[], { before, after }: Hooks, act: () => Promise<T>): Promise<T> {
    const own =
      (hook: Hook): Hook =>
      (operation, ...rest) =>
        CALLS.includes(operation) ? hook(operation, ...rest) : undefined;
    return this.replaced(secrets, { ...(before && { before: own(before) }), ...(after && { after: own(after) }) }, act);
  }

  /** What the test itself calls meanwhile is not meant. */
  aside<T>(secrets: readonly string[], act: () => Promise<T>): Promise<T> {
    return this.replaced(secrets, {}, act);
  }

  private async replaced<T>(secrets: readonly string[], hooks: Hooks, act: () => Promise<T>): Promise<T> {
    const earlier = secrets.map((arn) => this.hooks.get(arn));
    for (const arn of secrets) this.hooks.set(arn, hooks);
    try {
      return await act();
    } finally {
      secrets.forEach((arn, index) => {
        this.hooks.set(arn, earlier[index] ?? {});
      });
    }
  }
}

/** A secret that was rotated once, with the users that belong to it. */
export async function rotatedOnce(
  world: World,
  rotator: Rotator,
  options: ApplicationOptions = {},
): Promise<Application> {
  const alone = rotator === 'postgres-single-user';
  const app = await world.application({
    ...(alone ? { superuser: false } : {}),
    ...options,
    variables: { STRONGROOM_ROTATOR: rotator, ...options.variables },
  });
  if (alone) await world.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
  await succeed(app);
  return app;
}

/** Has the service go on with the rotation that is not complete, or begin one; it must succeed. */
export async function resume({ manager: { service } }: Pick<Place, 'manager'>, subject: Subject): Promise<void> {
  const begun = service.driver.records.length;
  await service
    .call('RotateSecret', { SecretId: subject.arn, RotationLambdaARN: subject.functionArn })
    .catch((error) => {
      if (error.name !== 'InvalidRequestException') throw error;
    });
  await service.driver.settled(subject.arn);
  const record = service.driver.records
    .slice(begun)
    .filter(({ secretArn }) => secretArn === subject.arn)
    .at(-1);
  expect(record, String(record?.error)).toMatchObject({ name: 'RotationSucceeded' });
}

/** A person takes AWSPENDING from a rotation that has failed, as the runbook says. */
export async function dropPending({ manager: { service } }: Pick<Place, 'manager'>, subject: Subject): Promise<void> {
  const labels = await subject.labels();
  const pending = Object.keys(labels).find((id) => labels[id]?.includes('AWSPENDING'));
  if (pending === undefined || labels[pending]?.includes('AWSCURRENT')) return;
  await service.call('UpdateSecretVersionStage', {
    SecretId: subject.arn,
    VersionStage: 'AWSPENDING',
    RemoveFromVersionId: pending,
  });
}

/**
 * What holds at every moment: labels are whole, a password that works is under a label, and nothing secret is in the function's log.
 */
export async function whole(place: Pick<Place, 'opens'>, subject: Subject): Promise<void> {
  const labels = await subject.labels();
  const holders = (label: string) => Object.keys(labels).filter((id) => labels[id]?.includes(label));
  expect(holders('AWSCURRENT')).toHaveLength(1);
  expect(holders('AWSPENDING').length).toBeLessThanOrEqual(1);
  expect(holders(LEDGER_LABEL).length).toBeLessThanOrEqual(1);
  const values = await Promise.all(Object.keys(labels).map((id) => subject.value(id).catch(() => undefined)));
  const known = values.filter((value) => value !== undefined);
  const open = await Promise.all(known.map((value) => place.opens(value)));
  expect(open, 'one of the labelled passwords works').toContain(true);
  const seen = used.get(place) ?? new Set();
  used.set(place, seen);
  for (const { password } of known) seen.add(String(password));
  const told = subject.lines.join('');
  expect([...seen].filter((password) => told.includes(password))).toEqual([]);
}

/** What holds besides where both values work all the time: clients get in by the current one, and by the one of before. */
export async function unbroken(place: Pick<Place, 'opens'>, way: Way, subject: Subject, before: Value): Promise<void> {
  await whole(place, subject);
  if (!way.gapless) return;
  expect(await place.opens(await subject.value()), 'the current value works').toBe(true);
  expect(await place.opens(before), 'what clients read before the rotation works').toBe(true);
}

const used = new WeakMap<object, Set<string>>();

/** Passwords that were seen by `whole` and are in the place's log. */
export function leaked(place: Pick<Place, 'log'>): readonly string[] {
  const seen = used.get(place);
  if (!seen) throw new Error('no password was seen');
  const log = place.log();
  if (log === '') throw new Error('the log is empty');
  return [...seen].filter((password) => log.includes(password));
}

/** After the end of a rotation that went well: the current value logs in, and the next rotation is accepted. */
export async function sound(place: Pick<Place, 'opens'>, subject: Subject): Promise<void> {
  await whole(place, subject);
  expect(await place.opens(await subject.value())).toBe(true);
  const labels = Object.values(await subject.labels()).flat();
  expect(labels.filter((label) => label !== LEDGER_LABEL).sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
}

/** The names of the errors that the function has written, each once. */
export function failuresOf(subject: Subject, from = 0): readonly string[] {
  const names = subject.lines.slice(from).map((line) => JSON.parse(line).error as string | undefined);
  return [...new Set(names.filter((name) => name !== undefined))];
}

/** One line for whoever reads the run. */
export function report(kind: string, points: number): void {
  console.log(`fault ${kind}: survived at ${points} of ${points} points`);
}
