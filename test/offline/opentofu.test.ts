import { expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { synthesizeAll } from '../support/synthesize';
import { HAS_ENGINE, HAS_TOFU, tofu } from './needs-engine';

(HAS_TOFU && HAS_ENGINE ? it : it.skip)('plans with OpenTofu what the engine at hand plans', async () => {
  const { outdir } = await synthesizeAll();
  const props = { outdir, only: ['prod-*'], prefer: 'stand-in' } as const;
  const other = await planAll({ ...props, env: { ...process.env, TERRAFORM_BINARY_NAME: tofu } });
  const atHand = await planAll({ ...props, env: process.env });
  expect(other.engine).toMatch(/^OpenTofu 1\./);
  const actions = ({ summaries }: typeof other) =>
    summaries.map(({ stack, planned, changes }) => [
      stack,
      planned,
      changes.map(({ action, address }) => [action, address]),
    ]);
  expect(actions(other)).toEqual(actions(atHand));
});
