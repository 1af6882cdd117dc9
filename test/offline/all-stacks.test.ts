import { expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { synthesizeAll } from '../support/synthesize';
import { HAS_ENGINE } from './needs-engine';

it.skipIf(!HAS_ENGINE)('every stack of every environment plans on stand-ins', { timeout: 300_000 }, async () => {
  const { outdir } = await synthesizeAll();
  const { summaries } = await planAll({ env: process.env, outdir, prefer: 'stand-in' });
  expect(summaries).toHaveLength(18);
  expect(summaries.flatMap(({ problems }) => problems)).toEqual([]);
  expect(summaries.filter(({ planned, counts }) => !planned || counts.add === 0)).toEqual([]);
});
