import { spawnSync } from 'node:child_process';
import { type AddressInfo, connect, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { nth, planFaults } from '../../drill/fault-plan';
import { generator } from '../../drill/generator';
import { type NetworkFault, startNetwork } from '../../drill/network';
import { type DrillOptions, drillCommand, FAULTS, unavailable } from '../../drill/options';
import { drillReport, progressBar } from '../../drill/report';
import { type DrillResult, runDrill } from '../../drill/run';
import { mariadbMissing } from '../../drill/servers/mariadb';
import { mysqlMissing } from '../../drill/servers/mysql';
import { canRun } from '../support/required';

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

  it('counts the calls of a rotation, with the ledger and without', {
    timeout: 120_000,
  }, async () => {
    const run = (ledger: 'label' | 'none') =>
      runDrill({ ...OPTIONS, ledger, faults: [], rotations: 1, clients: 1, latency: 0 });
    expect((await run('label')).calls).toEqual({ undisturbed: 13, most: 13 });
    expect((await run('none')).calls).toEqual({ undisturbed: 11, most: 11 });
  });

  it('survives a restart and a broken network', { timeout: 120_000 }, async () => {
    const result = await runDrill({ ...OPTIONS, faults: ['restart', 'network'], rotations: 6, seed: 11 });
    expect(result.problems).toEqual([]);
    for (const fault of ['restart', 'network']) {
      const count = result.faults.find((one) => one.fault === fault);
      expect(count?.struck, fault).toBe(count?.rotations);
      expect(count?.rotations, fault).toBeGreaterThan(0);
    }
  });

  it('completes every rotation with fast cutover, too', { timeout: 120_000 }, async () => {
    const result = await runDrill({ ...OPTIONS, fastCutover: true, faults: ['crash', 'by-hand'], rotations: 6 });
    expect(result.problems).toEqual([]);
    expect(drillReport(result)).toContain('single-user with fast cutover, on PostgreSQL');
  });

  it('mends with the next rotation what a write by hand has broken', { timeout: 120_000 }, async () => {
    const result = await runDrill({ ...OPTIONS, faults: ['by-hand'], rotations: 4, clients: 1 });
    expect(result.problems).toEqual([]);
    expect(result.faults.find(({ fault }) => fault === 'by-hand')?.struck).toBeGreaterThan(0);
  });
});

const OTHERS = [
  ['mariadb', 'two-passwords', mariadbMissing()],
  ['mysql', 'dual-password', mysqlMissing()],
] as const;

for (const [engine, strategy, missing] of OTHERS) {
  describe.skipIf(!canRun(engine, missing))(`the drill on ${engine}`, () => {
    it('shuts no client out, and causes no failed login', { timeout: 120_000 }, async () => {
      const result = await runDrill({
        ...OPTIONS,
        engine,
        strategy,
        faults: ['crash', 'restart'],
        rotations: 3,
        seed: 3,
      });
      expect(result.problems).toEqual([]);
      expect(result.clients.map(({ failed }) => failed)).toEqual([0, 0, 0]);
      expect(result.causedByRotation.undisturbed.failed).toBe(0);
      expect(result.faults.some(({ fault, struck }) => fault !== 'none' && struck > 0)).toBe(true);
    });
  });
}

const ALTERNATING = [
  ['postgres', undefined],
  ['mariadb', mariadbMissing()],
  ['mysql', mysqlMissing()],
] as const;

for (const [engine, missing] of ALTERNATING) {
  it.skipIf(engine !== 'postgres' && !canRun(engine, missing))(
    `alternating users of ${engine} shut no client out`,
    { timeout: 120_000 },
    async () => {
      const result = await runDrill({
        ...OPTIONS,
        engine,
        strategy: 'alternating-users',
        faults: ['crash', 'by-hand'],
        rotations: 3,
      });
      expect(result.problems).toEqual([]);
      expect(result.clients.map(({ failed }) => failed)).toEqual([0, 0, 0]);
      expect(result.faults.some(({ fault, struck }) => fault !== 'none' && struck > 0)).toBe(true);
    },
  );
}

describe('the network of the drill', () => {
  /** What a client hears that says "one" and then "two" to a server that echoes, with a fault at the second. */
  async function heard(fault: NetworkFault): Promise<{ readonly client: string; readonly server: string }> {
    let [atServer, atClient] = ['', ''];
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        atServer += chunk;
        socket.write(chunk);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const network = await startNetwork({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
    network.arm(2, fault);
    const client = connect(network.port, '127.0.0.1');
    const ended = new Promise<string>((resolve) => {
      client.on('error', ({ message }) => resolve(message));
      client.on('close', () => resolve('closed'));
    });
    client.on('data', (chunk) => {
      atClient += chunk;
    });
    client.write('one');
    await expect.poll(() => atClient).toBe('one');
    client.write('two');
    if (fault === 'silent') await expect.poll(() => atServer).toBe('onetwo');
    else atClient += ` ${await ended}`;
    client.destroy();
    await network.close();
    await new Promise((resolve) => server.close(resolve));
    expect(network.struck).toBe(true);
    return { client: atClient, server: atServer };
  }

  it.each([
    ['reset-before', 'one read ECONNRESET', 'one'],
    ['reset-after', 'one read ECONNRESET', 'onetwo'],
    ['silent', 'one', 'onetwo'],
  ] as const)('%s', async (fault, client, server) => {
    expect(await heard(fault)).toEqual({ client, server });
  });
});

it('places lie within what there is to strike', () => {
  expect([nth(0, 10), nth(0.55, 10), nth(0.999, 10), nth(0.999, 1)]).toEqual([1, 6, 10, 1]);
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
      fastCutover: false,
      ledger: 'label',
    });
    expect((await parsed('--faults', 'none')).faults).toEqual([]);
    expect(await parsed('--fast-cutover', '--ledger', 'none')).toMatchObject({ fastCutover: true, ledger: 'none' });
  });

  it.each([
    ['--clients', '0'],
    ['--rotations', '1.5'],
    ['--faults', 'sabotage'],
    ['--engine', 'oracle'],
    ['--ledger', 'paper'],
    ['--strategy', 'dual-password'],
  ])('refuses %s %s', async (option, value) => {
    await expect(parsed(option, value)).rejects.toThrow();
  });

  it('says how to get a database that is not here', () => {
    const { STRONGROOM_MYSQL } = process.env;
    process.env.STRONGROOM_MYSQL = '';
    try {
      expect(unavailable({ engine: 'mysql', strategy: 'dual-password', fastCutover: false })).toContain(
        'STRONGROOM_MYSQL does not name a folder with an extracted MySQL',
      );
    } finally {
      process.env.STRONGROOM_MYSQL = STRONGROOM_MYSQL ?? '';
    }
  });

  it('refuses fast cutover where no client is shut out', () => {
    expect(unavailable({ engine: 'postgres', strategy: 'alternating-users', fastCutover: true })).toContain(
      '--fast-cutover is for postgres-single-user',
    );
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

describe('the drill as a command', () => {
  function drilled(...args: readonly string[]) {
    const options = { cwd: join(__dirname, '..', '..'), encoding: 'utf8' } as const;
    const env = { ...process.env, STRONGROOM_MYSQL: '' };
    return spawnSync(process.execPath, ['--import', 'tsx', 'drill/main.ts', ...args], { ...options, env });
  }

  it('prints JSON alone, ends with 0, and repeats all that its seed decides', { timeout: 120_000 }, () => {
    const args = [
      '--rotations',
      '4',
      '--clients',
      '1',
      '--latency',
      '0',
      '--between-steps',
      '0',
      '--seed',
      '6',
      '--json',
    ];
    const [one, other] = [drilled(...args), drilled(...args)].map(({ status, stdout }) => {
      expect(status, stdout).toBe(0);
      const { seed, faults, steps, calls, problems } = JSON.parse(stdout) as DrillResult;
      return { seed, faults, calls, problems, steps: steps.map(({ step, runs, failed }) => ({ step, runs, failed })) };
    });
    expect(one).toEqual(other);
    expect(one).toMatchObject({ seed: 6, problems: [] });
    expect(one?.faults.some(({ fault, struck }) => fault !== 'none' && struck > 0)).toBe(true);
  });

  it('ends with 2 and one line when its database is not here', () => {
    const { status, stdout, stderr } = drilled('--engine', 'mysql');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^error: STRONGROOM_MYSQL does not name a folder[^\n]*\n$/);
  });

  it('has examples and exit codes in its help', async () => {
    let help = '';
    const command = drillCommand(async () => {}).configureOutput({ writeOut: (text) => (help += text) });
    await expect(command.parseAsync(['--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 });
    expect(help).toMatch(/Examples:\n {2}npm run drill[\s\S]*Exit code: 0 when/);
  });
});
