import { beforeAll, describe, expect, it } from 'vitest';
import { type Planned, planAll } from '../../offline/planner';
import { synthesizeAll } from '../support/synthesize';
import { HAS_SCHEMAS } from './against-fixture';
import { OTHER_DIFFERENCES } from './detached-differences';
import { differences } from './plan-values';
import { pluginAtHand } from './plugins-at-hand';

/** Providers whose plugins a machine may have, what the stacks accept of them, and the stacks that use them. */
const OTHERS = [
  ['azurerm', '>= 5.0, < 6', '*-azure*'],
  ['random', '>= 3.7, < 4', '*-myapp-*'],
  ['vault', '>= 5.6, < 6', '*-vault'],
] as const;

describe.each(OTHERS)('the plugin of %s', { timeout: 300_000 }, (name, constraint, stacks) => {
  const plugin = pluginAtHand(name, constraint, `detached-${name}`);
  const { version, differences: known } = OTHER_DIFFERENCES[name] ?? {};

  describe.skipIf(plugin === undefined)('detached', () => {
    let standIn: Planned;
    let detached: Planned;
    beforeAll(async () => {
      const { outdir } = await synthesizeAll();
      const schemas = process.env['STRONGROOM_SCHEMAS'];
      const props = { env: process.env, outdir, only: [stacks], schemas };
      standIn = await planAll({ ...props, prefer: 'stand-in' });
      detached = await planAll(props);
    }, 300_000);

    it('plans the actions that the stand-in plans', () => {
      expect(detached.summaries.flatMap(({ problems }) => problems)).toEqual([]);
      const ways = detached.summaries.flatMap(({ providers }) => providers.filter((one) => one.startsWith(`${name}:`)));
      expect(new Set(ways)).toEqual(new Set([`${name}: plugin ${plugin?.version}, detached`]));
      const actions = ({ summaries }: Planned) =>
        summaries.flatMap(({ stack, changes }) =>
          changes.map(({ action, address }) => `${stack} ${action} ${address}`),
        );
      expect(actions(standIn)).not.toEqual([]);
      expect(actions(detached)).toEqual(actions(standIn));
    });

    // Random has nothing but ephemeral values here, which no plan shows.
    it.runIf(HAS_SCHEMAS && version === plugin?.version)(
      'plans the values that the stand-in plans, but for those in the table, all of which differ',
      () => {
        const paths = new Set(
          differences(detached, standIn)
            .map(({ path }) => path)
            .filter((path) => path.startsWith(`${name}_`)),
        );
        expect([...paths].sort()).toEqual(Object.keys(known ?? {}).sort());
      },
    );
  });
});
