import Table from 'cli-table3';
import type { DrillResult } from './run';
import { targetsOf } from './targets';

/** The result as a person reads it. */
export function drillReport(result: DrillResult): string {
  const { causedByRotation: own, clients, faults, steps } = result;
  const rotations = table(['fault', 'rotations', 'struck', 'succeeded', 'own failed logins']);
  for (const { fault, rotations: all, struck, succeeded, failedLogins } of faults)
    rotations.push([fault, all, struck, succeeded, failedLogins]);
  const logins = table(['logins of', 'tried', 'failed', 'longest gap', 'other errors']);
  logins.push(['the rotations, undisturbed', own.undisturbed.tried, own.undisturbed.failed, '', '']);
  logins.push(['the rotations, struck or mending', own.struck.tried, own.struck.failed, '', '']);
  for (const { kind, clients: count, tried, failed, longestGapMs, otherErrors } of clients)
    logins.push([`${count} × ${kind}`, tried, failed, failed === 0 ? '' : `${longestGapMs} ms`, otherErrors]);
  const times = table(['step', 'runs', 'failed', 'median', 'longest']);
  for (const { step, runs, failed, medianMs, longestMs } of steps)
    times.push([step, runs, failed, `${medianMs} ms`, `${longestMs} ms`]);
  const targets = table(['undisturbed rotations', 'measured here', 'target']);
  for (const { figure, measured, target } of targetsOf(result)) targets.push([figure, measured, target]);
  return [
    `${result.rotations} rotations of ${result.engine}, ${result.strategy}${result.fastCutover ? ' with fast cutover' : ''}, on ${result.version}; ledger: ${result.ledger}`,
    `Secrets Manager at ${result.latencyMs} ms a call, ${result.betweenStepsMs} ms between steps; seed ${result.seed} repeats the faults`,
    rotations.toString(),
    logins.toString(),
    times.toString(),
    targets.toString(),
    `a rotation took ${result.medianRotationMs} ms (median) and made ${result.calls.undisturbed} calls to Secrets Manager (${result.calls.most} at most); the longest time a client was shut out is ${result.longestGapMs} ms`,
    ...(result.problems.length === 0
      ? ['every rotation ended as it must, and the current value logs in']
      : result.problems.map((problem) => `failed: ${problem}`)),
  ].join('\n');
}

/** One line that is written over itself. */
export function progressBar(done: number, all: number, width = 30): string {
  const full = Math.round((done / all) * width);
  return `[${'#'.repeat(full)}${'.'.repeat(width - full)}] ${done}/${all} rotations`;
}

function table(head: string[]) {
  const colAligns = head.map((_, n) => (n === 0 ? 'left' : 'right') as 'left' | 'right');
  return new Table({ head, colAligns, style: { head: [], border: [], compact: true } });
}
