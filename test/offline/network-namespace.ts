import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../support/once';
import { canRun } from '../support/required';
import { type Outcome, run } from '../support/terraform/process';

/** Milliseconds for a command in a namespace. */
const TIMEOUT = 300_000;

/** A new namespace has the loopback interface too, but it is down. */
const LOOPBACK_UP = 'PATH=$PATH:/usr/sbin:/sbin; ip link set lo up 2> /dev/null || ifconfig lo up || exit 99';

/** Runs a command and keeps what the kernel counted in the namespace meanwhile. */
const COUNTED = `counters=$1; shift; ${LOOPBACK_UP}
"$@"; code=$?
cat /proc/net/snmp /proc/net/snmp6 > "$counters" 2> /dev/null
exit "$code"`;

/** Ways to get a namespace: as root, else by a user namespace where the machine allows them. */
const WAYS = [['--net'], ['--map-root-user', '--net']] as const;

const way = WAYS.find((flags) => spawnSync('unshare', [...flags, 'sh', '-c', LOOPBACK_UP]).status === 0);

/** Whether a command can run where nothing but loopback is. */
export const HAS_NAMESPACE = canRun(
  'netns',
  way === undefined ? 'unshare makes no network namespace with a loopback interface here' : undefined,
);

/** What came of a command that ran where nothing but loopback is. */
export interface Isolated extends Outcome {
  /** How often some process of it wanted to reach an address that is not on loopback. */
  readonly attempts: number;
}

/** Runs a command in a network namespace of its own that has the loopback interface and nothing else. */
export async function runOnLoopback(command: readonly string[], cwd: string): Promise<Isolated> {
  const counters = join(temporaryFolder('namespace'), 'counters');
  const args = [...(way ?? []), 'sh', '-c', COUNTED, 'sh', counters, ...command];
  const outcome = await run('unshare', args, { cwd, env: environment(), timeout: TIMEOUT });
  return { ...outcome, attempts: withoutRoute(readFileSync(counters, 'utf8')) };
}

/** Runs the same command where everything is. */
export function runOutside([command = '', ...args]: readonly string[], cwd: string): Promise<Outcome> {
  return run(command, args, { cwd, env: environment(), timeout: TIMEOUT });
}

function environment(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}

/**
 * How often the kernel found no way to an address: in a namespace without any other interface, each connection and each
 * datagram that was to leave loopback counts, also those whose failure nobody notices.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4293#section-5 ipSystemStatsOutNoRoutes
 */
function withoutRoute(counters: string): number {
  const [names = '', values = ''] = counters.split('\n').filter((line) => line.startsWith('Ip:'));
  const at = names.split(' ').indexOf('OutNoRoutes');
  const [, six = '0'] = /^Ip6OutNoRoutes\s+(\d+)$/m.exec(counters) ?? [];
  const four = values.split(' ')[at];
  if (at < 0 || four === undefined) throw new Error('this kernel does not count what has no route');
  return Number(four) + Number(six);
}
