import { describe, expect, it } from 'vitest';
import type { SecretsManagerService } from '../../emulator/service';
import { DAY, LAMBDA, oneSecret, refusal, rotatesWell, START, standing } from './support';

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'];

const names = (service: SecretsManagerService) => service.driver.records.map(({ name }) => name);

async function rotating(
  service: SecretsManagerService,
  invoke: Parameters<SecretsManagerService['registerFunction']>[1] = rotatesWell(service),
) {
  const secret = await oneSecret(service);
  service.registerFunction(LAMBDA, invoke);
  const rotate = async (more: object = {}) => {
    const { VersionId } = await secret.call('RotateSecret', { RotationLambdaARN: LAMBDA, ...more });
    await service.driver.settled(secret.id);
    return String(VersionId);
  };
  return { ...secret, rotate };
}

describe('RotateSecret', () => {
  it('without a function is refused, and nothing has changed', async () => {
    const { first, call, describe: described, get, labels } = await oneSecret(standing());
    const before = await described();
    await expect(call('RotateSecret')).rejects.toMatchObject(
      refusal('InvalidRequestException', 'No Lambda rotation function ARN is associated with this secret.'),
    );
    expect(await described()).toEqual(before);
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'] });
    expect(await get()).toBe('first');
  });

  it('to a function that cannot be invoked is refused, and nothing has changed', async () => {
    const { call, describe: described } = await oneSecret(standing());
    const before = await described();
    const input = { RotationLambdaARN: `${LAMBDA}-unknown`, RotationRules: { AutomaticallyAfterDays: 1 } };
    await expect(call('RotateSecret', input)).rejects.toMatchObject(
      refusal(
        'AccessDeniedException',
        'Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants access to the principal secretsmanager.amazonaws.com.',
      ),
    );
    expect(await described()).toEqual(before);
  });

  it('with days outside of 1 to 1,000, or with days and an expression, is refused', async () => {
    const { rotate } = await rotating(standing());
    for (const AutomaticallyAfterDays of [0, 1_001]) {
      await expect(rotate({ RotationRules: { AutomaticallyAfterDays } })).rejects.toMatchObject(
        refusal('InvalidParameterException', 'RotationRules.AutomaticallyAfterDays must be within 1-1000.'),
      );
    }
    const RotationRules = { AutomaticallyAfterDays: 1, ScheduleExpression: 'rate(1 day)' };
    await expect(rotate({ RotationRules })).rejects.toMatchObject(
      refusal(
        'InvalidParameterException',
        'You cannot specify both rotation frequency and schedule expression together.',
      ),
    );
  });

  it('is refused while another version is pending, which is tried again with its own token', async () => {
    const service = standing({ rotationAttempts: 1 });
    let broken = true;
    const well = rotatesWell(service);
    const { labels, rotate, first } = await rotating(service, async (event) => {
      if (broken && event.Step === 'setSecret') throw new Error('no');
      await well(event);
    });
    const token = await rotate();
    broken = false;
    await expect(rotate()).rejects.toMatchObject(
      refusal('InvalidRequestException', "A previous rotation isn't complete. That rotation will be reattempted."),
    );
    await service.driver.settled(service.driver.records[0]?.secretArn ?? '');
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [token]: ['AWSCURRENT'] });
  });

  it('is taken while the pending version is the current one', async () => {
    const service = standing();
    const { first, call, put, labels, rotate } = await rotating(service);
    const second = await put('second', ['AWSPENDING']);
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: first };
    await call('UpdateSecretVersionStage', move);
    expect((await labels())[second]).toEqual(['AWSPENDING', 'AWSCURRENT']);
    const third = await rotate();
    expect(await labels()).toEqual({ [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] });
  });

  it('with a token that is a version already is refused', async () => {
    const { id, first, rotate } = await rotating(standing());
    await expect(rotate({ ClientRequestToken: first })).rejects.toMatchObject(
      refusal(
        'ResourceExistsException',
        `You can't use ClientRequestToken ${first} because that value is already in use for a version of secret ${id}.`,
      ),
    );
  });

  it('has answered before the first step is delivered', async () => {
    const service = standing();
    const order: string[] = [];
    const { id, call } = await rotating(service, async ({ Step = '' }) => {
      order.push(Step);
    });
    await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    order.push('answer');
    await service.driver.settled(id);
    expect(order[0]).toBe('answer');
  });

  it('sends the ARN, one token and a new rotation token with each step', async () => {
    const service = standing();
    const events: Readonly<Record<string, string>>[] = [];
    const well = rotatesWell(service);
    const { id, rotate } = await rotating(service, async (event) => {
      events.push(event);
      await well(event);
    });
    const token = await rotate();
    expect(events.map(({ Step }) => Step)).toEqual(STEPS);
    for (const event of events) {
      expect(event).toMatchObject({ SecretId: id, ClientRequestToken: token });
      expect(event.RotationToken).toMatch(/^[a-zA-Z0-9-]{36,256}$/);
    }
    expect(new Set(events.map(({ RotationToken }) => RotationToken)).size).toBe(4);
  });

  it('stops at the first step that fails, and tries all of it again with the same token', async () => {
    const service = standing({ rotationAttempts: 4 });
    const seen: string[] = [];
    const { rotate } = await rotating(service, async ({ Step, ClientRequestToken }) => {
      seen.push(`${Step} ${ClientRequestToken}`);
      if (Step === 'testSecret') throw new Error('no');
    });
    const token = await rotate();
    expect(seen).toEqual(Array.from({ length: 4 }, () => STEPS.slice(0, 3).map((step) => `${step} ${token}`)).flat());
    expect(names(service)).toEqual(['RotationStarted', 'RotationFailed']);
    expect(service.driver.records.at(-1)).toMatchObject({ token, error: new Error('no') });
  });

  it('fails when the steps end well and the pending version is not current', async () => {
    const service = standing({ rotationAttempts: 1 });
    const { rotate, labels } = await rotating(service, async () => {});
    const token = await rotate();
    expect(names(service)).toEqual(['RotationStarted', 'RotationFailed']);
    expect((await labels())[token]).toEqual(['AWSPENDING']);
  });

  it('notes when it succeeded, and when the next one will be over at the latest', async () => {
    const service = standing();
    const { rotate, describe: described } = await rotating(service);
    expect(await described()).not.toHaveProperty('LastRotatedDate');
    await rotate({ RotationRules: { AutomaticallyAfterDays: 10, Duration: '2h' } });
    expect(await described()).toMatchObject({
      RotationEnabled: true,
      LastRotatedDate: START / 1000,
      NextRotationDate: (START + 10 * DAY) / 1000 + 7_200,
    });
    expect(names(service)).toEqual(['RotationStarted', 'RotationSucceeded']);
  });
});

describe('RotateImmediately: false', () => {
  it('runs testSecret alone, on a version of its own that holds the current value and goes afterwards', async () => {
    const service = standing();
    const seen: unknown[] = [];
    const { id, first, call, labels, rotate, versions } = await rotating(service, async (event) => {
      const { ClientRequestToken: VersionId, Step } = event;
      const answer = await service.call('GetSecretValue', { SecretId: id, VersionId, VersionStage: 'AWSPENDING' });
      seen.push([Step, answer.SecretString, answer.VersionId !== first]);
    });
    await rotate({ RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 1 } });
    expect(seen).toEqual([['testSecret', 'first', true]]);
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'] });
    expect(await versions()).toEqual([first]);
    expect((await call('DescribeSecret')).LastRotatedDate).toBeUndefined();
    expect(names(service)).toEqual(['TestRotationStarted', 'TestRotationSucceeded']);
  });

  it('notes a test that fails, and keeps the schedule', async () => {
    const service = standing();
    const {
      describe: described,
      labels,
      rotate,
      first,
    } = await rotating(service, async () => {
      throw new Error('no');
    });
    await rotate({ RotateImmediately: false, RotationRules: { AutomaticallyAfterDays: 1 } });
    expect(names(service)).toEqual(['TestRotationStarted', 'TestRotationFailed']);
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'] });
    expect(await described()).toMatchObject({ RotationEnabled: true, NextRotationDate: (START + 2 * DAY) / 1000 });
  });
});

describe('a current value from somebody else', () => {
  it.each(['PutSecretValue', 'UpdateSecret'])('by %s ends the rotation that is under way', async (operation) => {
    const service = standing();
    const { call, get, labels, rotate, first } = await rotating(service);
    let written = '';
    service.driver.beforeStep = async (step) => {
      if (step === 'testSecret') written = String((await call(operation, { SecretString: 'by a person' })).VersionId);
    };
    const token = await rotate();
    expect(names(service)).toEqual(['RotationStarted', 'RotationAbandoned']);
    expect(service.driver.records.at(-1)).toMatchObject({ token });
    expect(await labels()).toEqual({ [first]: ['AWSPREVIOUS'], [written]: ['AWSCURRENT'] });
    expect(await get()).toBe('by a person');
    expect(await get({ VersionId: token })).toBe(`value of ${token}`);
  });

  it('that is stored a second time ends nothing', async () => {
    const service = standing();
    const { call, rotate } = await rotating(service);
    const again = { ClientRequestToken: 'a'.repeat(32), SecretString: 'second' };
    await call('UpdateSecret', again);
    service.driver.beforeStep = async (step) => {
      if (step === 'testSecret') await call('UpdateSecret', again);
    };
    await rotate();
    expect(names(service)).toEqual(['RotationStarted', 'RotationSucceeded']);
  });

  it('counts as a rotation where days are counted', async () => {
    const service = standing();
    const { call, describe: described, put, rotate } = await rotating(service);
    await rotate({ RotationRules: { AutomaticallyAfterDays: 10 } });
    await service.advance(4 * DAY);
    await put('by a person');
    expect((await described()).NextRotationDate).toBe((START + 15 * DAY) / 1000);
    await call('CancelRotateSecret');
    await put('again');
    expect(await described()).not.toHaveProperty('NextRotationDate');
  });
});

describe('CancelRotateSecret', () => {
  it('of what was never rotated is refused', async () => {
    const { call } = await oneSecret(standing());
    await expect(call('CancelRotateSecret')).rejects.toMatchObject(
      refusal(
        'InvalidRequestException',
        "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you didn't include such an ARN as a parameter in this call.",
      ),
    );
  });

  it.each(STEPS)('before %s delivers no further step, keeps the labels and names the version', async (at) => {
    const service = standing();
    const seen: string[] = [];
    const {
      call,
      describe: described,
      labels,
      rotate,
    } = await rotating(service, async ({ Step = '' }) => {
      seen.push(Step);
    });
    const answers: unknown[] = [];
    service.driver.beforeStep = async (step) => {
      if (step === at) answers.push((await call('CancelRotateSecret')).VersionId);
    };
    const token = await rotate();
    expect(seen).toEqual(STEPS.slice(0, STEPS.indexOf(at)));
    expect(answers).toEqual([token]);
    expect((await labels())[token]).toEqual(['AWSPENDING']);
    expect(await described()).toMatchObject({ RotationEnabled: false, RotationLambdaARN: LAMBDA });
  });
});
