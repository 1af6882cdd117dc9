import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { ENGINES } from '../../drill/databases';
import type { DrillOptions } from '../../drill/options';
import { median, runDrill, shutsOut } from '../../drill/run';
import { AWS_GAP_MS } from '../../drill/targets';
import { type BundledEngines, makeBundle } from '../../rotation/bundle';
import { Deadline } from '../../rotation/deadline';
import * as errors from '../../rotation/errors';
import { connect as connectToMysql } from '../../rotation/mysql/connection';
import { connect } from '../../rotation/postgres/connection';
import { isRotatorName } from '../../rotation/rotators';

/** Of each kind of zip, in KB, and how long its code may take to load, in milliseconds, with the driver of each of these. */
const TARGETS = {
  postgres: { zip: 260, load: 100, rotators: ['postgres-single-user'] },
  all: { zip: 460, load: 130, rotators: ['postgres-single-user', 'mariadb-two-passwords'] },
} as const;
const SILENCE_TARGET_MS = 6_000;
const ERROR_CLASSES_TARGET = 12;
const LOADS = 7;

/** As the gap of AWS's own function was measured. */
const DRILL: Omit<DrillOptions, 'engine' | 'strategy'> = {
  faults: [],
  fastCutover: false,
  ledger: 'label',
  clients: 8,
  rotations: 5,
  latency: 15,
  betweenSteps: 50,
  seed: 1,
  json: false,
};

/** Every figure of the rotation function beside its target. */
export async function* rotationLines(): AsyncGenerator<string> {
  yield* strategies();
  yield await fastCutover();
  yield* codeLines();
}

/** What needs no database: seconds instead of minutes. */
export async function* codeLines(): AsyncGenerator<string> {
  yield* await silentDatabase();
  yield errorClasses();
  for (const engines of ['postgres', 'all'] as const) yield* await bundle(engines);
}

/** Failed logins and calls of each rotator whose database is here, with and without the ledger. */
async function* strategies(): AsyncGenerator<string> {
  for (const [engine, { strategies: own, missing }] of Object.entries(ENGINES)) {
    const reason = missing();
    if (reason !== undefined) yield `${engine}: not measured, ${reason}`;
    else
      for (const strategy of own) if (isRotatorName(`${engine}-${strategy}`)) yield await ofStrategy(engine, strategy);
  }
}

async function ofStrategy(engine: string, strategy: string): Promise<string> {
  const run = (ledger: 'label' | 'none') => runDrill({ ...DRILL, engine, strategy, ledger });
  const [labelled, bare] = [await run('label'), await run('none')];
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  const own = sum([labelled, bare].map(({ causedByRotation }) => causedByRotation.undisturbed.failed));
  const clients = [labelled, bare].flatMap((one) => one.clients);
  const [failed, tried] = [sum(clients.map((one) => one.failed)), sum(clients.map((one) => one.tried))];
  const seen = shutsOut(engine, strategy) ? 'a gap is its nature' : 'target 0';
  return (
    `${engine}-${strategy} on ${labelled.version}: failed logins caused by ${2 * DRILL.rotations} rotations: ${own} (target 0), ` +
    `seen by clients: ${failed} of ${tried} (${seen}); calls to Secrets Manager: ${bare.calls.undisturbed} (target at most 11), ` +
    `with the ledger ${labelled.calls.undisturbed} (target at most 13)`
  );
}

/** One after the other, in the same run: the ratio says more than the milliseconds. */
async function fastCutover(): Promise<string> {
  const gapOf = async (fast: boolean) => {
    const result = await runDrill({ ...DRILL, engine: 'postgres', strategy: 'single-user', fastCutover: fast });
    return median(result.undisturbedGapsMs);
  };
  const [usual, fast] = [await gapOf(false), await gapOf(true)];
  return (
    `longest gap of a client with postgres-single-user, median of ${DRILL.rotations}: ${usual} ms ` +
    `(AWS's own function: ${AWS_GAP_MS.shortest} to ${AWS_GAP_MS.longest} ms, measured elsewhere); ` +
    `with fast cutover: ${fast} ms; ratio ${(fast / usual).toFixed(2)} (target at most 0.50)`
  );
}

/** A server that takes the connection and never says anything. */
async function silentDatabase(): Promise<readonly string[]> {
  const open = new Set<Socket>();
  const server = createServer((socket) => open.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const target = { host: '127.0.0.1', port, database: 'app', tls: { mode: 'disabled' } } as const;
  const lines: string[] = [];
  for (const [name, logIn] of [
    ['PostgreSQL', connect],
    ['MySQL and MariaDB', connectToMysql],
  ] as const) {
    const begun = performance.now();
    const error = await logIn(target, { username: 'app', password: 'none' }, Deadline.ofStep({})).then(
      () => 'no error',
      ({ name }: Error) => name,
    );
    const took = Math.round(performance.now() - begun);
    lines.push(
      `silent database, driver of ${name}: ${error} after ${took} ms (target at most ${SILENCE_TARGET_MS} ms)`,
    );
  }
  for (const socket of open) socket.destroy();
  server.close();
  return lines;
}

function errorClasses(): string {
  const kinds = Object.values(errors).filter(
    (one) => typeof one === 'function' && one.prototype instanceof errors.RotationError,
  );
  return `error classes told apart: ${kinds.length} (target at least ${ERROR_CLASSES_TARGET})`;
}

async function bundle(engines: BundledEngines): Promise<readonly string[]> {
  const { zip, parts } = await makeBundle(undefined, engines);
  const name = engines === 'all' ? 'all engines' : 'PostgreSQL only';
  const listed = Object.entries(parts)
    .sort(([, a], [, b]) => b - a)
    .map(([part, bytes]) => `${part} ${(bytes / 1024).toFixed(1)}`);
  return [
    `zip for ${name}: ${Math.ceil(zip.length / 1024)} KB (target at most ${TARGETS[engines].zip} KB)`,
    `its code by package, in KB before compression: ${listed.join(', ')}`,
    ...TARGETS[engines].rotators.map((rotator) => loadTime(zip, `${name}, ${rotator}`, rotator, TARGETS[engines].load)),
  ];
}

/** From the first line of the module to a client that is ready, inside a new process, in turns with Python's own. */
function loadTime(zip: Uint8Array, name: string, rotator: string, target: number): string {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-load-'));
  try {
    for (const [file, content] of Object.entries(unzipSync(zip))) writeFileSync(join(folder, file), content);
    // Without the rest of its configuration the handler makes its client, and then refuses.
    const ours = `const t = performance.now(); process.stdout.write = () => true;
      require('./index.js').handler({}).catch(() => {}).then(() => process.stderr.write('\\nms=' + (performance.now() - t)))`;
    const theirs = `import sys, time; t = time.perf_counter(); import boto3
boto3.client('secretsmanager', region_name='eu-central-1', aws_access_key_id='x', aws_secret_access_key='x')
sys.stderr.write('\\nms=%f' % ((time.perf_counter() - t) * 1000))`;
    const credentials = { AWS_REGION: 'eu-central-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
    const env = { ...process.env, ...credentials, STRONGROOM_ROTATOR: rotator };
    const once = (program: string, args: readonly string[]) => {
      const { stderr } = spawnSync(program, args, { cwd: folder, env, encoding: 'utf8' });
      return Number(/\nms=([\d.]+)/.exec(stderr ?? '')?.[1] ?? Number.NaN);
    };
    const pairs = Array.from({ length: LOADS }, () => ({
      node: once(process.execPath, ['-e', ours]),
      python: once('python3', ['-c', theirs]),
    }));
    const [node, python] = [median(pairs.map((pair) => pair.node)), median(pairs.map((pair) => pair.python))];
    const beside = Number.isNaN(python)
      ? 'Python has no boto3 here'
      : `import boto3 and a client: ${python} ms; ratio ${(node / python).toFixed(2)}`;
    return `loading the code for ${name}, with its client: ${node} ms (target at most ${target} ms); ${beside}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
