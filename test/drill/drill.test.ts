import { describe, expect, it } from 'vitest';
import { planFaults } from '../../drill/fault-plan';
import { generator } from '../../drill/generator';
import { type DrillOptions, drillCommand, FAULTS, unavailable } from '../../drill/options';
import { drillReport, progressBar } from '../../drill/report';
import { runDrill } from '../../drill/run';

const OPTIONS: DrillOptions = {
  engine: 'postgres',
  strategy: 'single-user',
  faults: ['crash', 'throttle', 'lost-reply', 'duplicate'],
  fastCutover: false,
  ledger: 'label',
  clients: 3,
  rotations: 8,
  latency: 2,
  betweenSteps: 0,
  seed: 5,
  json: false,
};

describe('the plan of faults', () => {
  const plan = (seed: number) => planFaults(200, FAULTS, generator(seed));

  it('is the same for the same seed, and another for another', () => {
    expect(plan(1)).toEqual(plan(1));
    expect(plan(1)).not.toEqual(plan(2));
  });

  it('has every kind, and undisturbed rotations', () => {
    expect(new Set(plan(1).map(({ fault }) => fault))).toEqual(new Set([...FAULTS, 'none']));
  });

  it('disturbs nothing without faults', () => {
    expect(planFaults(20, [], generator(1)).every(({ fault }) => fault === 'none')).toBe(true);
  });
});

describe('the drill', () => {
  it('completes every rotation whatever strikes it, and counts on both sides', { timeout: 120_000 }, async () => {
    const told: number[] = [];
    const result = await runDrill(OPTIONS, (done) => told.push(done));
    expect(result.problems).toEqual([]);
    expect(told).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(result.faults.reduce((sum, { rotations }) => sum + rotations, 0)).toBe(8);
    expect(result.faults.some(({ fault, struck }) => fault !== 'none' && struck > 0)).toBe(true);
    expect(result.causedByRotation.undisturbed.tried).toBeGreaterThan(0);
    expect(result.causedByRotation.undisturbed.failed).toBe(0);
    expect(result.causedByRotation.struck.tried).toBeGreaterThan(0);
    for (const { tried, clients } of result.clients) {
      expect(clients).toBe(1);
      expect(tried).toBeGreaterThan(0);
    }
    for (const { runs } of result.steps) expect(runs).toBeGreaterThanOrEqual(8);
    expect(drillReport(result)).toContain('seed 5 repeats the faults');
  });

  it('mends with the next rotation what a write by hand has broken', { timeout: 120_000 }, async () => {
    const result = await runDrill({ ...OPTIONS, faults: ['by-hand'], rotations: 4, clients: 1 });
    expect(result.problems).toEqual([]);
    expect(result.faults.find(({ fault }) => fault === 'by-hand')?.struck).toBeGreaterThan(0);
  });
});

describe('the command line of the drill', () => {
  async function parsed(...words: readonly string[]): Promise<DrillOptions> {
    let seen: DrillOptions | undefined;
    const command = drillCommand(async (options) => {
      seen = options;
    }).configureOutput({ writeErr: () => {} });
    await command.parseAsync(words, { from: 'user' });
    if (!seen) throw new Error('the drill was not run');
    return seen;
  }

  it('has defaults, and takes a list of faults', async () => {
    expect(await parsed('--seed', '7', '--faults', 'crash, by-hand')).toMatchObject({
      engine: 'postgres',
      strategy: 'single-user',
      faults: ['crash', 'by-hand'],
      seed: 7,
      json: false,
    });
    expect((await parsed('--faults', 'none')).faults).toEqual([]);
  });

  it.each([
    ['--clients', '0'],
    ['--rotations', '1.5'],
    ['--faults', 'sabotage'],
    ['--engine', 'oracle'],
    ['--engine', 'mysql'],
  ])('refuses %s %s', async (option, value) => {
    await expect(parsed(option, value)).rejects.toThrow();
  });

  it('says which rotators there are', () => {
    expect(unavailable({ engine: 'postgres', strategy: 'magic', fastCutover: false })).toContain(
      'there is no rotator postgres-magic; there are postgres-single-user',
    );
  });
});

it('the progress bar fills', () => {
  expect(progressBar(5, 10, 4)).toBe('[##..] 5/10 rotations');
});
