import { afterAll, describe, expect, it } from 'vitest';
import { type Body, readStacks, type StackJson } from '../support/stack-file';
import { FIXTURE, synthesizeFixture } from '../support/terraform/fixture-stack';
import { needsTools } from '../support/terraform/needs-tools';
import { unexplainedChanges } from '../support/terraform/plan-changes';
import { type Rig, startRig } from '../support/terraform/rig';
import { plainFunctions } from '../support/terraform/rotation-functions';
import { labelsOf, rotateBySchedule, seedsOf, writeByHand } from '../support/terraform/years-of-use';
import { MOTO_GAPS } from './moto-gaps';

/** Milliseconds for one stack to be applied and planned twice. */
const LIFE = 600_000;

const VERSION = 'aws_secretsmanager_secret_version';

/** The same stack with a label of its own, and the real ones, are left alone: see the lives of the stacks. */
describe('a first version without a label of its own', () => {
  needsTools((tools) => {
    let rig: Rig;
    afterAll(() => rig?.stop());

    it('would be written again over the live password, after rotations and the clean-up', {
      timeout: LIFE,
    }, async () => {
      const stack = readStacks(synthesizeFixture()).find(({ id }) => id === FIXTURE);
      if (stack === undefined) throw new Error(`${FIXTURE} was not synthesized`);
      rig = await startRig(tools, stack, { transform: naive, functions: plainFunctions });
      const { workspace, manager } = rig;
      await workspace.init();
      await workspace.apply(await workspace.plan('first'));
      const [seed] = seedsOf(rig);
      if (seed === undefined) throw new Error('no version was written');
      await manager.service.driver.settled(seed.secret);
      expect(unexplainedChanges(await workspace.plan('second'), MOTO_GAPS)).toEqual([]);
      await rotateBySchedule(rig);
      expect((await labelsOf(manager.service, seed.secret)).get(seed.version)).toEqual([]);
      await writeByHand(rig);
      expect((await labelsOf(manager.service, seed.secret)).has(seed.version)).toBe(false);
      expect(unexplainedChanges(await workspace.plan('last'), MOTO_GAPS)).toEqual([`${VERSION}.seed: create`]);
    });
  });
});

/** The shape that most stacks have: the version is tracked, and nothing keeps it. */
function naive(json: StackJson): StackJson {
  const versions = Object.entries(json.resource?.[VERSION] ?? {}).map(([name, body]): [string, Body] => {
    const { version_stages: _stages, lifecycle: _lifecycle, ...rest } = body;
    return [name, rest];
  });
  return { ...json, resource: { ...json.resource, [VERSION]: Object.fromEntries(versions) } };
}
