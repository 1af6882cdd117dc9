import { describe, expect, it } from 'vitest';
import { stackModel } from '../../../review/model';
import { summarize } from '../../../review/summary';
import { bareStack, stackOf, synthesized } from '../../support/core-environment';

const STEPS = [
  { what: 'Put the key in', run: 'vault kv put secret/key -' },
  { what: 'Tell the owner', run: 'echo done' },
];
const withSteps = stackOf((stack) => {
  for (const step of STEPS) stack.addNextStep(step);
});

describe('addNextStep', () => {
  it('keeps the steps in the order in which they were added', () => {
    const stack = bareStack();
    for (const step of STEPS) stack.addNextStep(step);
    expect(stack.nextSteps).toEqual(STEPS);
  });

  it('makes an output of each, with a number of its own', async () => {
    expect((await synthesized([withSteps]))['prod-myapp-vault']?.['output']).toEqual({
      next_steps_1: { description: 'Put the key in', value: 'vault kv put secret/key -' },
      next_steps_2: { description: 'Tell the owner', value: 'echo done' },
    });
  });

  it('is found again by the review, from the synthesized file alone', async () => {
    const json = (await synthesized([withSteps]))['prod-myapp-vault'];
    const model = stackModel('prod-myapp-vault', JSON.parse(JSON.stringify(json)));
    expect(summarize([model])[0]?.nextSteps).toEqual([
      'Put the key in\n  vault kv put secret/key -',
      'Tell the owner\n  echo done',
    ]);
  });
});
