import { beforeAll, describe, expect, it } from 'vitest';
import { type Planned, planAll } from '../../offline/planner';
import { synthesizeAll } from '../support/synthesize';
import { HAS_SCHEMAS } from './against-fixture';
import { DIFFERENCES, DIFFERENCES_OF } from './detached-differences';
import { differences, differentMarks } from './detached-values';
import { outputOf, randomStack } from './fixture';
import { pluginAtHand } from './plugins-at-hand';

/** Providers whose plugins a machine may have, what the stacks accept of them, and the stacks that use them. */
const OTHERS = [
  ['azurerm', '>= 5.0, < 6', '*-azure*'],
  ['random', '>= 3.7, < 4', '*-myapp-*'],
  ['vault', '>= 5.6, < 6', '*-vault'],
] as const;

const schemas = process.env['STRONGROOM_SCHEMAS'];

describe.each(OTHERS)('the plugin of %s', (name, constraint, stacks) => {
  const plugin = pluginAtHand(name, constraint, `detached-${name}`);

  describe.skipIf(plugin === undefined)('beside the stand-in', { timeout: 300_000 }, () => {
    let standIn: Planned;
    let detached: Planned;
    beforeAll(async () => {
      const { outdir } = await synthesizeAll();
      const props = { env: process.env, outdir, only: [stacks], schemas };
      standIn = await planAll({ ...props, prefer: 'stand-in' });
      detached = await planAll(props);
    }, 300_000);

    it('plans, detached', () => {
      expect(detached.summaries.flatMap(({ problems }) => problems)).toEqual([]);
      const ways = detached.summaries.flatMap(({ providers }) => providers.filter((one) => one.startsWith(`${name}:`)));
      expect(new Set(ways)).toEqual(new Set([`${name}: plugin ${plugin?.version}, detached`]));
    });

    it('has equal actions and addresses', () => {
      const actions = ({ summaries }: Planned) =>
        summaries.flatMap(({ stack, changes }) =>
          changes.map(({ action, address }) => `${stack} ${action} ${address}`),
        );
      expect(actions(standIn)).not.toEqual([]);
      expect(actions(detached)).toEqual(actions(standIn));
    });

    it('marks the same attributes as sensitive', () => {
      const own = differentMarks(detached, standIn).filter(({ path }) => path.startsWith(`${name}_`));
      expect(own).toEqual([]);
    });

    // Without schemas of real providers a stand-in knows less, and the table would be longer.
    it.runIf(HAS_SCHEMAS && plugin?.version === DIFFERENCES_OF[name])(
      'has equal values but for those in the table, all of which differ',
      () => {
        const paths = differences(detached, standIn).map(({ path }) => path);
        const own = paths.filter((path) => path.startsWith(`${name}_`));
        expect([...new Set(own)].sort()).toEqual(Object.keys(DIFFERENCES[name]).sort());
      },
    );
  });
});

const random = pluginAtHand('random', '>= 3.7, < 4', 'detached-random');

// The stacks have only its ephemeral passwords, of which a plan shows nothing.
it.runIf(HAS_SCHEMAS && random?.version === DIFFERENCES_OF.random)(
  'each resource of random has equal values on the plugin and on the stand-in',
  async () => {
    const props = { env: process.env, outdir: outputOf(randomStack()), schemas };
    const standIn = await planAll({ ...props, prefer: 'stand-in' });
    const detached = await planAll(props);
    expect(detached.plans[0]?.changes.length).toBeGreaterThan(0);
    expect(differences(detached, standIn)).toEqual([]);
    expect(differentMarks(detached, standIn)).toEqual([]);
  },
);
