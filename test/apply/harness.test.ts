import { describe } from 'vitest';
import { canRun } from '../support/required';
import { readStacks } from '../support/stack-file';
import { FIXTURE, synthesizeFixture } from '../support/terraform/fixture-stack';
import { lifeOfAStack } from '../support/terraform/life-of-a-stack';
import { findTools } from '../support/terraform/tools';
import { MOTO_GAPS } from './moto-gaps';

describe('a stack of plain bindings, which shows that the harness works,', async () => {
  const tools = await findTools();
  if (typeof tools === 'string') {
    describe.skipIf(!canRun('apply', tools));
    return;
  }
  lifeOfAStack({
    tools,
    stack: async () => {
      const stack = readStacks(synthesizeFixture()).find(({ id }) => id === FIXTURE);
      if (stack === undefined) throw new Error(`${FIXTURE} was not synthesized`);
      return stack;
    },
    gaps: MOTO_GAPS,
  });
});
