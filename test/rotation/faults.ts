import { expect } from 'vitest';
import type { RotationRecord } from '../../emulator/rotation-driver';
import type { Hook, Operation } from '../../emulator/service';
import { LEDGER_LABEL } from '../../rotation/engine';
import type { InvocationContext } from '../../rotation/event';
import type { Subject } from './subject';
import type { Application, ApplicationOptions, World } from './world';

export const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const;

/** What a rotation function itself calls; everything else is a person or a test. */
const CALLS: readonly string[] = ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'];

/** Both of PostgreSQL's rotators. The first without a superuser, so that every password must be found again by its label. */
export const ROTATORS = ['postgres-single-user', 'postgres-alternating-users'] as const;

export type Rotator = (typeof ROTATORS)[number];

/** What a test does to the Secrets Manager calls of one secret; others are left alone, so that many can run at once. */
export class Calls {
  /** Secrets that came out of their last fault as sound as new, so that the next fault needs no new users. */
  private readonly idle = new Map<Rotator, Application[]>();
  private readonly hooks = new Map<string, { readonly before?: Hook; readonly after?: Hook }>();

  constructor(private readonly world: World) {
    const { service } = world.manager;
    service.before = (operation, count, input) =>
      this.hooks.get(String(input.SecretId))?.before?.(operation, count, input);
    service.after = (operation, count, input) =>
      this.hooks.get(String(input.SecretId))?.after?.(operation, count, input);
  }

  /** Runs with a secret that was rotated before. It is used again if all went well. */
  async with<T>(rotator: Rotator, act: (app: Application) => Promise<T>): Promise<T> {
    const idle = this.idle.get(rotator) ?? [];
    this.idle.set(rotator, idle);
    const app = idle.pop() ?? (await rotatedOnce(this.world, rotator));
    const { handle } = app;
    const result = await act(app);
    app.handle = handle;
    idle.push(app);
    return result;
  }

  async during<T>(arn: string, hooks: { before?: Hook; after?: Hook }, act: () => Promise<T>): Promise<T> {
    const ours: { before?: Hook; after?: Hook } = {};
    const { before, after } = hooks;
    if (before)
      ours.before = (operation, ...rest) => (CALLS.includes(operation) ? before(operation, ...rest) : undefined);
    if (after) ours.after = (operation, ...rest) => (CALLS.includes(operation) ? after(operation, ...rest) : undefined);
    this.hooks.set(arn, ours);
    try {
      return await act();
    } finally {
      this.hooks.delete(arn);
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

export async function succeed(app: Application): Promise<void> {
  const record = await app.rotate();
  expect(record, String(record.error)).toMatchObject({ name: 'RotationSucceeded' });
}

/** Has the service go on with the rotation that is not complete, or begin one; it must succeed. */
export async function resume({ manager }: Pick<World, 'manager'>, app: Subject): Promise<void> {
  const { service } = manager;
  const begun = service.driver.records.length;
  await service.call('RotateSecret', { SecretId: app.arn, RotationLambdaARN: app.functionArn }).catch((error) => {
    if (error.name !== 'InvalidRequestException') throw error;
  });
  await service.driver.settled(app.arn);
  const record = service.driver.records
    .slice(begun)
    .filter(({ secretArn }) => secretArn === app.arn)
    .at(-1);
  expect(record, String(record?.error)).toMatchObject({ name: 'RotationSucceeded' });
}

/**
 * What holds at every moment: labels are whole, a password that works is under a label, and nothing secret is in the function's log.
 */
export async function whole(world: World, app: Application): Promise<void> {
  const labels = await app.labels();
  const holders = (label: string) => Object.keys(labels).filter((id) => labels[id]?.includes(label));
  expect(holders('AWSCURRENT')).toHaveLength(1);
  expect(holders('AWSPENDING').length).toBeLessThanOrEqual(1);
  expect(holders(LEDGER_LABEL).length).toBeLessThanOrEqual(1);
  const values = await Promise.all(Object.keys(labels).map((id) => app.value(id).catch(() => undefined)));
  const known = values.filter((value) => value !== undefined);
  const open = await Promise.all(known.map((value) => world.opens(value)));
  expect(open, 'one of the labelled passwords works').toContain(true);
  const seen = used.get(world) ?? new Set();
  used.set(world, seen);
  for (const { password } of known) seen.add(String(password));
  expect([...seen].filter((password) => app.lines.join('').includes(password))).toEqual([]);
}

const used = new WeakMap<World, Set<string>>();

/** Passwords that were seen by `whole` and are in the server's log, which holds every statement. */
export function leaked(world: World): readonly string[] {
  const seen = used.get(world);
  if (!seen) throw new Error('no password was seen');
  const log = world.postgres.log();
  return [...seen].filter((password) => log.includes(password));
}

/** After the end of a rotation that went well: the current value logs in, and the next rotation is accepted. */
export async function sound(world: World, app: Application): Promise<void> {
  await whole(world, app);
  expect(await world.opens(await app.value())).toBe(true);
  const labels = Object.values(await app.labels()).flat();
  expect(labels.filter((label) => label !== LEDGER_LABEL).sort()).toEqual(['AWSCURRENT', 'AWSPREVIOUS']);
}

/** The names of the errors that the function has written, each once. */
export function failuresOf(app: Application, from = 0): readonly string[] {
  const names = app.lines.slice(from).map((line) => JSON.parse(line).error as string | undefined);
  return [...new Set(names.filter((name) => name !== undefined))];
}

export interface Fault {
  /** The number of the call among those of the rotation, from 1, and what is called. */
  readonly call: number;
  readonly operation: Operation;
}

export interface Hit {
  readonly app: Application;
  readonly record: RotationRecord;
  /** Lines that were written before this rotation. */
  readonly from: number;
  readonly old: Readonly<Record<string, unknown>>;
}

export interface AtEveryCall {
  /** Runs just before the call. If it throws, the call fails so. */
  readonly before?: (app: Application, fault: Fault) => unknown;
  /** Runs when the call has had its effect. If it throws, the answer is lost so. */
  readonly after?: (app: Application, fault: Fault) => unknown;
  /** Whether it happens at every later call of the rotation too. @default false */
  readonly persists?: boolean;
  /** What must be true then. */
  readonly check: (hit: Hit) => Promise<void>;
  /** What Lambda tells the function. @default nothing */
  readonly context?: InvocationContext;
}

/** One rotation for each of its calls to Secrets Manager, with something happening at that call; returns how many. */
export async function atEveryCall(
  calls: Calls,
  rotator: Rotator,
  { before, after, persists = false, check, context }: AtEveryCall,
): Promise<number> {
  const run = async (at: number, app: Application): Promise<boolean> => {
    const old = await app.value();
    const from = app.lines.length;
    if (context) {
      const { handle } = app;
      app.handle = (event) => handle(event, struck === undefined || call === at ? context : {});
    }
    let call = 0;
    let struck: Operation | undefined;
    const running = tracked(app);
    const arrives: Hook = (operation) => {
      if ((struck !== undefined && !persists) || ++call < at) return;
      struck ??= operation;
      return before?.(app, { call, operation }) as Promise<void>;
    };
    const leaves: Hook = (operation) => {
      if (after === undefined || ++call !== at || struck !== undefined) return;
      struck = operation;
      return after(app, { call, operation }) as Promise<void>;
    };
    const record = await calls.during(app.arn, after ? { after: leaves } : { before: arrives }, async () => {
      const found = await app.rotate();
      await running();
      return found;
    });
    if (struck === undefined) return false;
    try {
      await check({ app, record, from, old });
    } catch (error) {
      throw new Error(`${rotator}, at call ${at}, ${struck}`, { cause: error });
    }
    return true;
  };
  let next = 1;
  let points = 0;
  let over = false;
  const worker = async () => {
    while (!over) {
      const at = next++;
      if (await calls.with(rotator, (app) => run(at, app))) points++;
      else over = true;
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  expect(points).toBeGreaterThan(9);
  return points;
}

/** Waits for every invocation that has begun: the driver leaves those of a rotation that it has given up. */
export function tracked(app: Application): () => Promise<void> {
  const all: Promise<unknown>[] = [];
  const { handle } = app;
  app.handle = (event, context) => {
    const running = handle(event, context);
    all.push(running.catch(() => {}));
    return running;
  };
  return async () => {
    await Promise.all(all);
  };
}

/** One line for whoever reads the run. */
export function report(kind: string, points: number): void {
  console.log(`fault ${kind}: survived at ${points} of ${points} points`);
}
