import { describe, expect, it } from 'vitest';
import { readStacks, type StackFile } from '../support/stack-file';
import { synthesizeAll } from '../support/synthesize';
import { deployedFunctions } from '../support/terraform/deployed-functions';
import { lifeOfAStack } from '../support/terraform/life-of-a-stack';
import { needsTools } from '../support/terraform/needs-tools';
import { forPlugin } from '../support/terraform/older-plugin';
import { startRig } from '../support/terraform/rig';
import { MOTO_GAPS } from './moto-gaps';

const PRODUCTION = 'prod-myapp-aws';

/** Milliseconds for one stack to be initialized and planned. */
const PLAN = 300_000;

describe(`${PRODUCTION}, on moto and the emulated Secrets Manager,`, () => {
  needsTools((tools) =>
    lifeOfAStack({
      tools,
      stack: async () => only(await awsStacks(), PRODUCTION),
      gaps: MOTO_GAPS,
      transform: forPlugin(tools.awsVersion),
      functions: deployedFunctions,
    }),
  );
});

describe('the AWS stacks of the other environments', () => {
  needsTools((tools) => {
    it('are valid and can be planned', { timeout: 4 * PLAN }, async () => {
      const others = (await awsStacks()).filter(({ id }) => id !== PRODUCTION);
      expect(others.length).toBeGreaterThan(0);
      for (const stack of others) {
        const rig = await startRig(tools, stack, { transform: forPlugin(tools.awsVersion) });
        try {
          await rig.workspace.init();
          expect(await rig.workspace.validate(), stack.id).toEqual([]);
          const { changes } = await rig.workspace.plan('first');
          expect(changes.length, stack.id).toBeGreaterThan(0);
        } finally {
          await rig.stop();
        }
      }
    });
  });
});

async function awsStacks(): Promise<readonly StackFile[]> {
  const { outdir } = await synthesizeAll();
  return readStacks(outdir).filter(({ json }) => json.provider?.aws !== undefined);
}

function only(stacks: readonly StackFile[], id: string): StackFile {
  const stack = stacks.find((one) => one.id === id);
  if (stack === undefined) throw new Error(`${id} is not among ${stacks.map((one) => one.id).join(', ')}`);
  return stack;
}
