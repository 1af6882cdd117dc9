import { afterEach, describe, expect, it } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { DAY, rotatesWell } from '../emulator/support';
import { type Body, readStacks, type StackJson } from '../support/stack-file';
import { FIXTURE, FIXTURE_ACCOUNT, synthesizeFixture } from '../support/terraform/fixture-stack';
import { needsTools } from '../support/terraform/needs-tools';
import { unexplainedChanges } from '../support/terraform/plan-changes';
import { type Rig, startRig } from '../support/terraform/rig';
import { MOTO_GAPS } from './moto-gaps';

/** Milliseconds for one stack to be applied and planned twice. */
const LIFE = 600_000;

const SECRET = 'aws_secretsmanager_secret';
const VERSION = 'aws_secretsmanager_secret_version';

/** Secrets Manager is the emulator here, so nothing of it may be explained away. */
const GAPS = MOTO_GAPS.filter(({ type }) => !type.startsWith(SECRET));

describe('a first version, after twenty rotations and the clean-up of old versions,', () => {
  needsTools((tools) => {
    let server: SecretsManagerServer;
    let rig: Rig;

    afterEach(async () => {
      await rig?.stop();
      await server?.close();
    });

    async function planAfterRotations(shape: (json: StackJson) => StackJson) {
      const rotate: { with?: ReturnType<typeof rotatesWell> } = {};
      server = await startSecretsManager({
        account: FIXTURE_ACCOUNT,
        anyFunction: async (event) => rotate.with?.(event),
      });
      const { service, endpoint } = server;
      rotate.with = rotatesWell(service);
      const stack = readStacks(synthesizeFixture()).find(({ id }) => id === FIXTURE);
      if (stack === undefined) throw new Error(`${FIXTURE} was not synthesized`);
      rig = await startRig(tools, stack, (json) => shape(withEndpoint(json, endpoint)));
      const { workspace } = rig;
      await workspace.init();
      await workspace.apply(await workspace.plan('first'));
      const state = workspace.state().find(({ type }) => type === VERSION)?.attributes;
      const SecretId = String(state?.secret_id);
      await service.driver.settled(SecretId);
      expect(unexplainedChanges(await workspace.plan('second'), GAPS)).toEqual([]);
      const before = service.driver.records.length;
      for (let rotation = 0; rotation < 20; rotation++) {
        await service.call('RotateSecret', { SecretId });
        await service.driver.settled(SecretId);
      }
      const ended = service.driver.records.slice(before).filter(({ name }) => name === 'RotationSucceeded');
      expect(ended).toHaveLength(20);
      // The service keeps a hundred versions: writes by hand make more of them.
      for (let write = 0; write < 100; write++)
        await service.call('PutSecretValue', { SecretId, SecretString: `by hand ${write}` });
      await service.advance(2 * DAY);
      return {
        changes: unexplainedChanges(await workspace.plan('last'), GAPS),
        seed: service.call('GetSecretValue', { SecretId, VersionId: state?.version_id }),
      };
    }

    it('is left alone when it has a label of its own', { timeout: LIFE }, async () => {
      const { changes, seed } = await planAfterRotations((json) => json);
      await expect(seed).resolves.toMatchObject({ VersionStages: ['SEED'] });
      expect(changes).toEqual([]);
    });

    it('would be written again over the live password when it has none', { timeout: LIFE }, async () => {
      const { changes, seed } = await planAfterRotations(naive);
      await expect(seed).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
      expect(changes).toEqual([`${VERSION}.seed: create`]);
    });
  });
});

function withEndpoint(json: StackJson, secretsmanager: string): StackJson {
  const aws = (json.provider?.aws ?? []).map((one) => ({ ...one, endpoints: [{ secretsmanager }] }));
  return { ...json, provider: { ...json.provider, aws } };
}

/** The shape that most stacks have: the version is tracked, and nothing keeps it. */
function naive(json: StackJson): StackJson {
  const versions = Object.entries(json.resource?.[VERSION] ?? {}).map(([name, body]): [string, Body] => {
    const { version_stages: _stages, lifecycle: _lifecycle, ...rest } = body;
    return [name, rest];
  });
  return { ...json, resource: { ...json.resource, [VERSION]: Object.fromEntries(versions) } };
}
