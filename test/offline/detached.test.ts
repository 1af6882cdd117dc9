import { expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { pluginFolders, pluginsOf } from '../../offline/plugins';
import { compareVersions } from '../../offline/version';
import { canRun } from '../support/required';
import { synthesizeAll } from '../support/synthesize';
import { fixtureStack, outputOf } from './fixture';
import { HAS_ENGINE } from './needs-engine';

const [plugin] = pluginsOf('registry.terraform.io/hashicorp/aws', pluginFolders(process.env)).filter(
  ({ version }) => compareVersions(version, '5.100.0') >= 0,
);
const canPlan = canRun(
  'detached',
  plugin === undefined ? 'no hashicorp/aws plugin of 5.100.0 or newer in a mirror' : undefined,
);
const run = HAS_ENGINE && canPlan ? it : it.skip;
const allowed = { aws: plugin?.version ?? '' };

run('leaves a plugin aside that a stack excludes, and says how to take it', async () => {
  const { summaries } = await planAll({ env: process.env, outdir: outputOf(fixtureStack()) });
  expect(summaries[0]?.providers[0]).toContain('stand-in');
  expect(summaries[0]?.notes.join('\n')).toContain(`--allow-provider aws=${plugin?.version}`);
});

run('plans every AWS stack as the stand-in does', { timeout: 300_000 }, async () => {
  const { outdir } = await synthesizeAll();
  const only = ['*-aws'];
  const standIn = await planAll({ env: process.env, outdir, only, prefer: 'stand-in' });
  const detached = await planAll({ env: process.env, outdir, only, allowed });
  expect(detached.summaries.map(({ problems }) => problems)).toEqual(detached.summaries.map(() => []));
  expect(detached.summaries[0]?.providers[0]).toContain('detached');
  const actions = ({ summaries }: typeof detached) =>
    summaries.flatMap(({ stack, changes }) => changes.map(({ action, address }) => `${stack} ${action} ${address}`));
  expect(actions(standIn)).not.toEqual([]);
  expect(actions(detached)).toEqual(actions(standIn));
});
