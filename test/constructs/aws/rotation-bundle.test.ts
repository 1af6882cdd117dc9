import { describe, expect, it, vi } from 'vitest';
import { RotationSchedule } from '../../../constructs/core/rotation-schedule';
import { awsRefusals, databaseSecret } from '../../support/aws-stacks';

// As on a machine on which nobody has built the function's code.
vi.mock('node:module', async (original) => ({
  ...(await original<typeof import('node:module')>()),
  createRequire: () => ({
    resolve: () => {
      throw new Error('not found');
    },
  }),
}));

describe('the rotation bundle', () => {
  it('is missed with a sentence that says how to get it', async () => {
    const lines = await awsRefusals((stack) => {
      databaseSecret(stack).addRotation({ schedule: RotationSchedule.everyDays(30), rotateImmediately: true });
    });
    expect(lines).toEqual([
      "prod-myapp-aws/myapp-database/rotation/function: rotation needs the rotation function's code, and strongroom/rotation-bundle has no file; run npm run bundle, or install the package again [SR-ROTATION-BUNDLE]",
    ]);
  });
});
