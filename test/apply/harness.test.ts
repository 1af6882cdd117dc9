import { describe } from 'vitest';
import { readStacks } from '../support/stack-file';
import { FIXTURE, synthesizeFixture } from '../support/terraform/fixture-stack';
import { lifeOfAStack } from '../support/terraform/life-of-a-stack';
import { needsTools } from '../support/terraform/needs-tools';
import { plainFunctions } from '../support/terraform/rotation-functions';
import { MOTO_GAPS } from './moto-gaps';

describe('a stack of plain bindings, which shows that the harness works,', () => {
  needsTools((tools) =>
    lifeOfAStack({
      tools,
      stack: async () => {
        const stack = readStacks(synthesizeFixture()).find(({ id }) => id === FIXTURE);
        if (stack === undefined) throw new Error(`${FIXTURE} was not synthesized`);
        return stack;
      },
      gaps: MOTO_GAPS,
      isProtected: true,
      functions: plainFunctions,
    }),
  );
});
