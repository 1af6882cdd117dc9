import { describe, expect, it } from 'vitest';
import { tierDefaults } from '../../constructs/core/tier';
import { dev } from '../../environments/dev';
import { prod } from '../../environments/prod';
import { staging } from '../../environments/staging';
import { readStacks, type StackFile } from '../support/stack-file';
import { synthesizeAll } from '../support/synthesize';
import { deployedFunctions } from '../support/terraform/deployed-functions';
import { lifeOfAStack } from '../support/terraform/life-of-a-stack';
import { needsTools } from '../support/terraform/needs-tools';
import { forPlugin } from '../support/terraform/older-plugin';
import { MOTO_GAPS } from './moto-gaps';

/** Each AWS stack, with what its tier says about its end. */
const STACKS = [dev, staging, prod].map(({ name, tier }) => ({ id: `${name}-myapp-aws`, ...tierDefaults(tier) }));

// Side by side: most of a life is the provider's own pauses.
for (const { id, preventDestroy } of STACKS) {
  describe.concurrent(`${id}, on moto and the emulated Secrets Manager,`, () => {
    needsTools((tools) =>
      lifeOfAStack({
        tools,
        stack: async () => only(await awsStacks(), id),
        gaps: MOTO_GAPS,
        isProtected: preventDestroy,
        transform: forPlugin(tools.awsVersion),
        functions: deployedFunctions,
      }),
    );
  });
}

describe('the AWS stacks that have a life here', () => {
  it('are all that there are', async () => {
    const ids = (await awsStacks()).map(({ id }) => id);
    expect(ids.toSorted()).toEqual(STACKS.map(({ id }) => id).toSorted());
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
