import { readdirSync, readFileSync } from 'node:fs';
import { planAll } from '../../offline/planner';

/** Milliseconds between two looks at the engine's memory; each look sees the highest that it had so far. */
const INTERVAL = 100;

/** Plans an output folder and prints the highest memory of this process, which is the stand-in too, and of an engine. */
async function planned(outdir: string, schemas: string | undefined): Promise<void> {
  let engine = 0;
  const looks = setInterval(() => {
    engine = Math.max(engine, ...childrenOf(process.pid).map(highest));
  }, INTERVAL);
  try {
    const { plans } = await planAll({ env: process.env, outdir, schemas, prefer: 'stand-in' });
    const failed = plans.find(({ json }) => json === '');
    if (failed !== undefined) throw new Error(`${failed.stack.id} does not plan: ${failed.diagnostics[0]?.detail}`);
    console.log(`resources=${plans.reduce((sum, { changes }) => sum + changes.length, 0)}`);
    console.log(`peak-mib=${Math.round((process.resourceUsage().maxRSS + engine) / 1024)}`);
  } finally {
    clearInterval(looks);
  }
}

/** Processes that this one started; none where the machine doesn't tell. */
function childrenOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean),
    );
  } catch {
    return [];
  }
}

/** Highest resident memory of a process in KiB. */
function highest(pid: string): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

const [, , outdir, schemas] = process.argv;
if (outdir !== undefined) void planned(outdir, schemas);
