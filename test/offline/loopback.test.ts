import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import type { PlanSummary } from '../../offline/summary';
import { synthesizeAll } from '../support/synthesize';
import { HAS_ENGINE } from './needs-engine';
import { HAS_NAMESPACE, type Isolated, runOnLoopback, runOutside } from './network-namespace';
import { AWS_VERSION, HAS_AWS, pluginAtHand } from './plugins-at-hand';
import { appOf, localFixture, newFolder, ROOT } from './sandbox-support';

/** Milliseconds for one plan inside and one outside, beside other tests. */
const LONG = 300_000;

const STRONGROOM = [process.execPath, '--import', 'tsx', 'cli/strongroom.ts'];

const versionOf = (name: 'azurerm' | 'random' | 'vault', constraint: string) =>
  pluginAtHand(name, constraint, `detached-${name}`)?.version;
const azurerm = versionOf('azurerm', '>= 5.0, < 6');
const random = versionOf('random', '>= 3.7, < 4');
const vault = versionOf('vault', '>= 5.6, < 6');

/** Who serves providers, whether that is at hand, stacks and flags, and how summaries name it. */
const WAYS: readonly (readonly [string, boolean, readonly string[], string])[] = [
  ['stand-ins', HAS_ENGINE, ['dev-*', '--stand-in'], 'aws: stand-in'],
  [
    'the plugin of aws',
    HAS_AWS,
    ['dev-myapp-aws', '--allow-provider', `aws=${AWS_VERSION}`],
    `aws: plugin ${AWS_VERSION}, detached`,
  ],
  ['the plugin of azurerm', azurerm !== undefined, ['dev-myapp-azure'], `azurerm: plugin ${azurerm}, detached`],
  ['the plugin of random', random !== undefined, ['dev-myapp-vault'], `random: plugin ${random}, detached`],
  ['the plugin of vault', vault !== undefined, ['dev-platform-vault'], `vault: plugin ${vault}, detached`],
];

describe.runIf(HAS_NAMESPACE)('where there is nothing but loopback', () => {
  describe.each(WAYS)('a plan by %s', (_name, atHand, flags, served) => {
    describe.runIf(atHand)('of stacks of dev', () => {
      let inside: Isolated;
      let outside: readonly PlanSummary[];
      beforeAll(async () => {
        const { outdir } = await synthesizeAll();
        const command = [...STRONGROOM, 'plan', ...flags, '--out', outdir, '--json'];
        inside = await runOnLoopback(command, ROOT);
        outside = summaries((await runOutside(command, ROOT)).stdout);
      }, LONG);

      it('succeeds with the same summaries as where there is a network', () => {
        expect(summaries(inside.stdout)).toEqual(outside);
        expect(outside.flatMap(({ providers }) => providers).join()).toContain(served);
        expect(outside.filter(({ planned, counts }) => !planned || counts.add === 0)).toEqual([]);
      });

      it('does not even try to reach anything else', () => {
        expect(inside).toMatchObject({ code: 0, attempts: 0 });
      });
    });
  });

  describe.runIf(HAS_ENGINE)('a plan by stand-ins against a base', () => {
    it('succeeds, and does not even try to reach anything else', { timeout: LONG }, async () => {
      const { outdir } = await synthesizeAll();
      const command = [...STRONGROOM, 'plan', 'dev-*', '--stand-in', '--out', outdir, '--against', outdir];
      expect(await runOnLoopback(command, ROOT)).toMatchObject({ code: 0, attempts: 0 });
    });
  });

  describe.runIf(HAS_ENGINE)('a sandbox, by the CLI of CDKTF', () => {
    it('is deployed and destroyed, and does not even try to reach anything else', { timeout: LONG }, async () => {
      const command = [...STRONGROOM, 'sandbox', '--app', appOf(localFixture()), '--folder', newFolder()];
      const inside = await runOnLoopback(command, ROOT);
      expect(inside).toMatchObject({ code: 0, attempts: 0 });
      expect(inside.stdout).toContain('destroyed with');
    });
  });

  // Addresses of documentation, which nobody has.
  it.each([
    ['a connection', `require('net').connect(443, '192.0.2.1')`],
    ['a datagram', `require('dgram').createSocket('udp4').connect(53, '192.0.2.1', (error) => { throw error; })`],
    ...(existsSync('/proc/net/if_inet6')
      ? [['a connection by IPv6', `require('net').connect(443, '2001:db8::1')`]]
      : []),
  ])('%s to elsewhere fails, and is counted', async (_name, script) => {
    const tried = await runOnLoopback([process.execPath, '-e', script], ROOT);
    expect(tried.stderr).toContain('ENETUNREACH');
    expect(tried.attempts).toBeGreaterThan(0);
  });
});

/** Summaries in what `--json` prints, but for how long it took. */
function summaries(printed: string): readonly PlanSummary[] {
  return (JSON.parse(printed) as readonly PlanSummary[]).map((summary) => ({ ...summary, milliseconds: 0 }));
}
