import { describe, expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { synthesizeAll } from '../support/synthesize';
import { pluginAtHand } from './plugins-at-hand';

/** Providers whose plugins a machine may have, what the stacks accept of them, and the stacks that use them. */
const OTHERS = [
  ['azurerm', '>= 5.0, < 6', '*-azure*'],
  ['random', '>= 3.7, < 4', '*-myapp-*'],
  ['vault', '>= 5.6, < 6', '*-vault'],
] as const;

describe.each(OTHERS)('the plugin of %s', (name, constraint, stacks) => {
  const plugin = pluginAtHand(name, constraint, `detached-${name}`);

  it.skipIf(plugin === undefined)(
    'plans, detached, the actions that the stand-in plans',
    { timeout: 300_000 },
    async () => {
      const { outdir } = await synthesizeAll();
      const only = [stacks];
      const standIn = await planAll({ env: process.env, outdir, only, prefer: 'stand-in' });
      const detached = await planAll({ env: process.env, outdir, only });
      expect(detached.summaries.flatMap(({ problems }) => problems)).toEqual([]);
      const ways = detached.summaries.flatMap(({ providers }) => providers.filter((one) => one.startsWith(`${name}:`)));
      expect(new Set(ways)).toEqual(new Set([`${name}: plugin ${plugin?.version}, detached`]));
      const actions = ({ summaries }: typeof detached) =>
        summaries.flatMap(({ stack, changes }) =>
          changes.map(({ action, address }) => `${stack} ${action} ${address}`),
        );
      expect(actions(standIn)).not.toEqual([]);
      expect(actions(detached)).toEqual(actions(standIn));
    },
  );
});
