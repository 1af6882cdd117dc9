import { expect } from 'vitest';
import type { RotationDriver } from '../../emulator/rotation-driver';
import { CrashPlan, type End } from './crash';
import { type CrashedRotation, crashedRotation, type Promises, succeed } from './crashed-rotation';
import type { Subject } from './subject';

export { succeed } from './crashed-rotation';

/** One rotation of many in a row, and what comes before it. */
export interface Leg<S extends Subject> extends Promises<S> {
  /** What happens before the rotation that is crashed. @default nothing */
  prepare?(subject: S): Promise<void>;
}

export interface Journey<S extends Subject> {
  /** A new secret with users of its own. */
  make(plan: CrashPlan): Promise<S>;
  /** Everything that the database server has written. @default it is not looked through */
  log?(): string;
  /** By their names, each beginning where the one before has ended. */
  readonly legs: Readonly<Record<string, Leg<S>>>;
}

export interface Scenario<S extends Subject> extends Leg<S> {
  /** A new secret with users of its own. */
  make(plan: CrashPlan): Promise<S>;
  /** What happens to it before all that. @default nothing */
  begin?(subject: S): Promise<void>;
  /** Whether who has survived one crash goes on to the next, because the rotation can come as often as one likes. @default false */
  readonly again?: boolean;
  /** Everything that the database server has written. @default it is not looked through */
  log?(): string;
}

interface Traveller<S extends Subject> {
  readonly plan: CrashPlan;
  readonly subject: S;
  /** How many legs are behind it. */
  gone: number;
}

/** Between these points a server holds a lock for the process. */
const LOCKED = /^after waiting for other rotations of the (user|role)$/;
const UNLOCKED = /^before (freeing the lock|committing the change)$/;

/** Longer than a server bears the silence of who holds a lock. */
const PATIENT = { attempts: 10, pauseMs: 1_000 };

/** Crashes a rotation once at each of its points; returns how many there are. All must be survived. */
export async function crashAtEveryPoint<S extends Subject>(name: string, scenario: Scenario<S>): Promise<number> {
  const seen = new Set<string>();
  const written = writtenFrom(scenario.log);
  const makeOne = async () => {
    const plan = new CrashPlan();
    const subject = await scenario.make(plan);
    await scenario.begin?.(subject);
    return { plan, subject };
  };
  const crash = async ({ plan, subject }: Pick<Traveller<S>, 'plan' | 'subject'>, point: number) => {
    await scenario.prepare?.(subject);
    return crashedRotation(subject, plan, scenario, { point, end: 'killed', seen });
  };
  const undisturbed = await makeOne();
  const { passed } = await crash(undisturbed, 0);
  const idle = scenario.again ? [undisturbed] : [];
  await abreast(4, pointsOf(passed), async (point) => {
    let one = idle.pop() ?? (await makeOne());
    const crashed = await crash(one, point);
    if (!isSame(crashed.passed, passed, point)) {
      one = await makeOne();
      expect(await crash(one, point), `point ${point}`).toMatchObject({ crashed: true });
    }
    if (scenario.again) idle.push(one);
  });
  refuseLeak(seen, written(), passed.length);
  console.log(`crash points survived, ${name}: ${passed.length} of ${passed.length}`);
  return passed.length;
}

/**
 * Rotations of different kinds, one after the other, of as many secrets as a rotation has points: the nth is crashed at the
 * nth point of every rotation. What one crash has left is there when the next one comes, and no rotation only prepares.
 */
export class CrashJourney<S extends Subject> {
  /** By the point that they are crashed at; one more is never crashed. */
  private readonly travellers = new Map<number, Traveller<S>>();

  constructor(
    private readonly title: string,
    private readonly journey: Journey<S>,
  ) {}

  /** Crashes this rotation once at each of its points; returns how many there are. All must be survived. */
  async crashAtEveryPoint(name: string): Promise<number> {
    const leg = this.legOf(name);
    const seen = new Set<string>();
    const written = writtenFrom(this.journey.log);
    const { passed } = await this.go(leg, 0, 'killed', seen);
    await abreast(4, pointsOf(passed), async (point) => {
      const crashed = await this.go(leg, point, 'killed', seen);
      if (isSame(crashed.passed, passed, point)) return;
      this.travellers.delete(point);
      expect(await this.go(leg, point, 'killed', seen), `point ${point}`).toMatchObject({ crashed: true });
    });
    refuseLeak(seen, written(), passed.length);
    console.log(`crash points survived, ${this.title}, ${name}: ${passed.length} of ${passed.length}`);
    return passed.length;
  }

  /**
   * After the last leg one more rotation, in which the process is frozen: once at each point at which it holds a lock. What
   * comes next finds it held, until the server has had enough of the silence. Returns how many such points there are.
   *
   * @param like the leg whose promises hold
   */
  async freezeWhileLocked(like: string, driver: RotationDriver): Promise<number> {
    const { prepare: _, ...promises } = this.legOf(like).leg;
    const leg: Numbered<S> = { leg: promises, number: Object.keys(this.journey.legs).length };
    const seen = new Set<string>();
    const written = writtenFrom(this.journey.log);
    const { passed } = await this.go(leg, 0, 'frozen', seen);
    const points = lockedPoints(passed);
    expect(points.length).toBeGreaterThan(0);
    const { attempts, pauseMs } = driver.options;
    Object.assign(driver.options, PATIENT);
    const ends: Promise<unknown>[] = [];
    await abreast(4, points, async (point) => {
      // The next begins while this one waits.
      await new Promise<void>((frozen) => {
        const end = this.go(leg, point, 'frozen', seen, frozen).then(({ busy }) =>
          expect(busy, `point ${point}, ${passed[point - 1]}`).toBeGreaterThan(0),
        );
        ends.push(
          end
            .then(
              () => undefined,
              (error: unknown) => error,
            )
            .finally(frozen),
        );
      });
    });
    const failures = (await Promise.all(ends)).filter((failure) => failure !== undefined);
    Object.assign(driver.options, { attempts, pauseMs });
    if (failures.length > 0) throw failures[0];
    refuseLeak(seen, written(), points.length);
    console.log(`frozen points survived, ${this.title}: ${points.length} of ${points.length}`);
    return points.length;
  }

  private async go(
    { leg, number }: Numbered<S>,
    point: number,
    end: End,
    seen: Set<string>,
    ended?: () => void,
  ): Promise<CrashedRotation> {
    const traveller = await this.bring(point, number);
    const { subject, plan } = traveller;
    this.travellers.delete(point);
    await leg.prepare?.(subject);
    const crashed = await crashedRotation(subject, plan, leg, { point, end, seen, ...(ended ? { ended } : {}) });
    traveller.gone++;
    this.travellers.set(point, traveller);
    return crashed;
  }

  /** Whoever is not there yet comes by rotations that are not crashed. */
  private async bring(point: number, to: number): Promise<Traveller<S>> {
    const plan = new CrashPlan();
    const traveller = this.travellers.get(point) ?? { plan, subject: await this.journey.make(plan), gone: 0 };
    const legs = Object.values(this.journey.legs);
    for (; traveller.gone < to; traveller.gone++) {
      await legs[traveller.gone]?.prepare?.(traveller.subject);
      await succeed(traveller.subject);
    }
    return traveller;
  }

  private legOf(name: string): Numbered<S> {
    const leg = this.journey.legs[name];
    if (!leg) throw new Error(`there is no leg ${name}`);
    return { leg, number: Object.keys(this.journey.legs).indexOf(name) };
  }
}

interface Numbered<S extends Subject> {
  readonly leg: Leg<S>;
  readonly number: number;
}

function lockedPoints(passed: readonly string[]): readonly number[] {
  let locked = false;
  return passed.flatMap((point, index) => {
    if (LOCKED.test(point)) locked = true;
    const here = locked ? [index + 1] : [];
    if (UNLOCKED.test(point)) locked = false;
    return here;
  });
}

function pointsOf(passed: readonly string[]): readonly number[] {
  return passed.map((_, index) => index + 1);
}

/** Whether a crash was where it should be: what an earlier one has left can lead to other calls. Users have other names. */
function isSame(crashed: readonly string[], undisturbed: readonly string[], point: number): boolean {
  const nameless = (passed: readonly string[]) => passed[point - 1]?.replace(/"[^"]*"/g, '');
  return nameless(crashed) === nameless(undisturbed);
}

/** What the server writes from now on. */
function writtenFrom(log: (() => string) | undefined): () => string {
  const from = log?.().length ?? 0;
  return () => log?.().slice(from) ?? '';
}

function refuseLeak(seen: ReadonlySet<string>, written: string, least: number): void {
  expect(seen.size).toBeGreaterThan(least);
  expect([...seen].filter((password) => written.includes(password))).toEqual([]);
}

/** A few at a time: each has users and a secret of its own. */
async function abreast(many: number, points: readonly number[], act: (point: number) => Promise<void>): Promise<void> {
  let next = 0;
  const worker = async () => {
    for (let point = points[next++]; point !== undefined; point = points[next++]) await act(point);
  };
  await Promise.all(Array.from({ length: many }, worker));
}
