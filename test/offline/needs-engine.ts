import { type Engine, findEngine, onPath } from '../../offline/engine';
import { canRun } from '../support/required';

const named = process.env['TERRAFORM_BINARY_NAME'];

const engine = named ? onPath(named, process.env) : (onPath('terraform', process.env) ?? onPath('tofu', process.env));

/** Whether an engine is at hand; tests that need one are skipped where not. */
export const HAS_ENGINE = canRun(
  'engine',
  engine === undefined ? `${named ?? 'terraform or tofu'} not found on PATH` : undefined,
);

/** OpenTofu beside whatever engine is at hand: what `STRONGROOM_TOFU` names, else `tofu` on PATH. */
export const tofu = onPath(process.env['STRONGROOM_TOFU'] || 'tofu', process.env);

/** Whether OpenTofu is at hand; the same tests run with it, or are skipped. */
export const HAS_TOFU = canRun(
  'tofu',
  tofu === undefined
    ? `${process.env['STRONGROOM_TOFU'] || 'tofu'} not found, and STRONGROOM_TOFU names no other`
    : undefined,
);

/** The engine at hand. */
export async function engineAtHand(): Promise<Engine> {
  const found = await findEngine(process.env);
  if (typeof found === 'string') throw new Error(found);
  return found;
}
