import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Container } from './container';
import { succeed } from './every-point';
import { rotatedOnce, sound } from './faults';
import { unpackFunction } from './packed';
import { startWorld, type World } from './world';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What AWS allows. @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-signing.html */
const WINDOW = 5 * MINUTE;

/** Puts the clock of a process wrong; `skew` can be set again later. */
const WRONG_CLOCK = `
  const Right = Date;
  globalThis.Date = class extends Right {
    constructor(...given) { super(...(given.length > 0 ? given : [Right.now() + skew])); }
    static now() { return Right.now() + skew; }
  };`;

const OFFSETS = [
  ['behind', -HOUR],
  ['ahead', HOUR],
] as const;

describe('N20 Secrets Manager refuses what was signed by a clock that is off', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-function-'));
  let world: World;

  beforeAll(async () => {
    await unpackFunction(folder);
    world = await startWorld();
    world.manager.service.faults.signatureWindowMs = WINDOW;
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** A secret that the packed function rotates in a process whose clock is wrong. */
  async function subject(clock: string) {
    const app = await rotatedOnce(world, 'postgres-single-user');
    const { endpoint } = world.manager;
    const container = new Container({ folder, endpoint, variables: app.variables, before: clock + WRONG_CLOCK });
    app.handle = container.invoke;
    return { app, container };
  }

  it.each(OFFSETS)('and would refuse the first request of a clock that is an hour %s', async (_, systemClockOffset) => {
    const client = new SecretsManagerClient({
      endpoint: world.manager.endpoint,
      region: 'eu-central-1',
      credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
      maxAttempts: 1,
      systemClockOffset,
    });
    const answer = client.send(new DescribeSecretCommand({ SecretId: world.masterSecret }));
    await expect(answer).rejects.toMatchObject({ name: 'InvalidSignatureException' });
  });

  it.each(OFFSETS)('survives: the clock of the function is an hour %s', async (_, skew) => {
    const { app, container } = await subject(`const skew = ${skew};`);
    await succeed(app);
    await succeed(app);
    expect(container.started).toBe(1);
    await container.kill();
    app.lines.push(...container.lines);
    await sound(world, app);
  });

  it('survives: the clock of a warm function jumps by two hours before every step', async () => {
    const { app, container } = await subject(`let skew = ${HOUR}; process.on('message', () => { skew = -skew; });`);
    await succeed(app);
    expect(container.started).toBe(1);
    await container.kill();
    app.lines.push(...container.lines);
    await sound(world, app);
  });

  it('ends with SecretsManagerRefused and both times, where no clock helps, and no login is tried', async () => {
    const { app, container } = await subject('const skew = 0;');
    world.manager.service.faults.signatureWindowMs = -1;
    const { error } = await app.rotate();
    world.manager.service.faults.signatureWindowMs = WINDOW;
    await container.kill();
    expect(error).toMatchObject({
      name: 'SecretsManagerRefused',
      message: expect.stringMatching(/InvalidSignatureException: Signature .* \d{8}T\d{6}Z is .* \d{8}T\d{6}Z/),
    });
    expect(container.lines.map((line) => JSON.parse(line).logins.tried)).toEqual([0, 0, 0]);
  });
});
