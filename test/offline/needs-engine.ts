import { type Engine, findEngine, onPath } from '../../offline/engine';

const named = process.env['TERRAFORM_BINARY_NAME'];

/** Whether an engine is at hand; tests that need one are skipped where not. */
export const HAS_ENGINE =
  (named ? onPath(named, process.env) : (onPath('terraform', process.env) ?? onPath('tofu', process.env))) !==
  undefined;

/** The engine at hand. */
export async function engineAtHand(): Promise<Engine> {
  const engine = await findEngine(process.env);
  if (typeof engine === 'string') throw new Error(engine);
  return engine;
}
