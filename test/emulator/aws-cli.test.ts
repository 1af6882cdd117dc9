import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { canRun } from '../support/required';
import { LAMBDA, rotatesWell } from './support';

const missing =
  spawnSync('aws', ['--version']).status === 0 ? undefined : 'aws, the command line of AWS, is not found on PATH';

describe.skipIf(!canRun('aws-cli', missing))('the emulator of Secrets Manager, spoken to by the AWS CLI', () => {
  let server: SecretsManagerServer;

  beforeAll(async () => {
    server = await startSecretsManager();
  });
  afterAll(() => server.close());

  async function aws(...words: readonly string[]): Promise<Record<string, unknown>> {
    const { stdout } = await promisify(execFile)(
      'aws',
      ['secretsmanager', ...words, '--output', 'json', '--region', 'eu-central-1', '--endpoint-url', server.endpoint],
      {
        env: {
          PATH: process.env.PATH,
          HOME: process.env.HOME,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_MAX_ATTEMPTS: '1',
        },
      },
    );
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  }

  it('creates, stores, reads, describes and rotates, and says why a label does not move', {
    timeout: 180_000,
  }, async () => {
    const name = randomUUID();
    const created = await aws('create-secret', '--name', name, '--secret-string', 'first');
    const first = String(created.VersionId);
    const put = await aws(
      'put-secret-value',
      '--secret-id',
      name,
      '--secret-string',
      'next',
      '--version-stages',
      'OWN',
    );
    const next = String(put.VersionId);
    expect((await aws('get-secret-value', '--secret-id', name)).SecretString).toBe('first');
    const move = ['update-secret-version-stage', '--secret-id', name, '--version-stage', 'AWSCURRENT'];
    await expect(aws(...move, '--move-to-version-id', next)).rejects.toThrow(
      `InvalidParameterException) when calling the UpdateSecretVersionStage operation: The parameter RemoveFromVersionId can't be empty. Staging label AWSCURRENT is currently attached to version ${first}`,
    );
    await expect(aws(...move, '--remove-from-version-id', first)).rejects.toThrow("It can't be completely removed");
    await aws(...move, '--move-to-version-id', next, '--remove-from-version-id', first);
    expect((await aws('get-secret-value', '--secret-id', name)).SecretString).toBe('next');
    server.service.registerFunction(LAMBDA, rotatesWell(server.service));
    const { VersionId: token } = await aws('rotate-secret', '--secret-id', name, '--rotation-lambda-arn', LAMBDA);
    await server.service.driver.settled(String(created.ARN));
    expect(await aws('describe-secret', '--secret-id', name)).toMatchObject({
      RotationEnabled: true,
      VersionIdsToStages: { [String(token)]: ['AWSCURRENT'], [next]: expect.arrayContaining(['AWSPREVIOUS']) },
    });
  });
});
