import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, freemem } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { planAll } from '../../offline/planner';
import { temporaryFolder } from '../support/once';
import { synthesizeAll } from '../support/synthesize';
import { outputOfAll } from './fixture';
import { engineAtHand, HAS_ENGINE } from './needs-engine';

it.skipIf(!HAS_ENGINE)('every stack of every environment plans on stand-ins', { timeout: 300_000 }, async () => {
  const { outdir } = await synthesizeAll();
  const { summaries } = await planAll({ env: process.env, outdir, prefer: 'stand-in' });
  expect(summaries).toHaveLength(18);
  expect(summaries.flatMap(({ problems }) => problems)).toEqual([]);
  expect(summaries.filter(({ planned, counts }) => !planned || counts.add === 0)).toEqual([]);
});

it.skipIf(!HAS_ENGINE)('twenty stacks are planned at once as far as the cores go', { timeout: 300_000 }, async () => {
  const { binary } = await engineAtHand();
  const folder = temporaryFolder('counted');
  const [engine, log] = [join(folder, 'engine'), join(folder, 'log')];
  writeFileSync(engine, `#!/bin/sh\necho + >> '${log}'\n'${binary}' "$@"\ncode=$?\necho - >> '${log}'\nexit $code\n`, {
    mode: 0o755,
  });
  const names = Array.from({ length: 20 }, (_, index) => `stack-${index}`);
  const outdir = outputOfAll(
    Object.fromEntries(names.map((name) => [name, { resource: { terraform_data: { one: { input: name } } } }])),
  );
  const told: string[] = [];
  const { summaries } = await planAll({
    env: { ...process.env, TERRAFORM_BINARY_NAME: engine },
    outdir,
    prefer: 'stand-in',
    onPlanned: (_, done, of) => told.push(`${done}/${of}`),
  });
  expect(summaries.map(({ stack, counts }) => [stack, counts.add])).toEqual(names.map((name) => [name, 1]));
  expect(told).toEqual(names.map((_, index) => `${index + 1}/20`));
  let running = 0;
  const counts = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((sign) => {
      running += sign === '+' ? 1 : -1;
      return running;
    });
  expect(running).toBe(0);
  const most = Math.max(...counts);
  expect(most).toBeLessThanOrEqual(availableParallelism());
  // A machine without memory for two plans one after the other.
  if (availableParallelism() > 1 && freemem() > 4_000_000_000) expect(most).toBeGreaterThan(1);
});
