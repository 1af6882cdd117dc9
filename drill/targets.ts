import { type DrillResult, median, shutsOut } from './run';

/** A figure of the drill beside what it should be. */
export interface Target {
  readonly figure: string;
  readonly measured: string;
  readonly target: string;
}

/** Calls to Secrets Manager of a rotation without a ledger, and what the ledger adds. */
const CALLS = 11;
const LEDGER_CALLS = 2;

/**
 * How long AWS's own function for one PostgreSQL user shut readers out, with 8 clients, 15 ms a call and 50 ms between
 * steps. Measured on another machine: it says what to expect, and no more.
 *
 * @see https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas
 */
export const AWS_GAP_MS = { shortest: 253, longest: 273 } as const;

/** What should come out, whatever the machine, and what is only comparable on one. */
export function targetsOf(result: DrillResult): readonly Target[] {
  const { causedByRotation, clients, calls, ledger, engine, strategy, fastCutover, undisturbedGapsMs } = result;
  const refused = clients.reduce((sum, { failed }) => sum + failed, 0);
  const most = CALLS + (ledger === 'label' ? LEDGER_CALLS : 0);
  return [
    {
      figure: 'failed logins caused by the rotation',
      measured: String(causedByRotation.undisturbed.failed),
      target: '0',
    },
    { figure: 'calls to Secrets Manager', measured: String(calls.undisturbed), target: `at most ${most}` },
    shutsOut(engine, strategy)
      ? {
          figure: 'longest gap of a client, median',
          measured: undisturbedGapsMs.length === 0 ? 'none was undisturbed' : `${median(undisturbedGapsMs)} ms`,
          target: fastCutover
            ? 'half of the gap without fast cutover, on the same machine'
            : `AWS's own function: ${AWS_GAP_MS.shortest} to ${AWS_GAP_MS.longest} ms, measured elsewhere`,
        }
      : { figure: 'failed logins of clients, in all rotations', measured: String(refused), target: '0' },
  ];
}
