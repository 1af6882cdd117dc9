import { describe, expect, it } from 'vitest';
import { OPERATION_NAMES, SecretsManagerService } from '../../emulator/service';
import { LAMBDA, oneSecret, rotatesWell, standing } from './support';

describe('faults', () => {
  it('make calls slow', async () => {
    const service = new SecretsManagerService();
    const { get } = await oneSecret(service);
    service.faults.latencyMs = 40;
    const begun = performance.now();
    await get();
    expect(performance.now() - begun).toBeGreaterThanOrEqual(38);
  });

  it('throttle a share of the calls before they have an effect', async () => {
    const draws = [0.1, 0.9];
    const service = standing({ random: () => draws.shift() ?? 0.9 });
    const { put, get } = await oneSecret(service);
    service.faults.throttle = 0.5;
    await expect(put('second')).rejects.toMatchObject({ name: 'ThrottlingException' });
    expect(await get()).toBe('first');
  });

  it('let reads lag behind writes', async () => {
    const service = standing();
    service.faults.staleReadsMs = 5_000;
    const { first, put, get, labels, versions } = await oneSecret(service);
    await service.advance(60_000);
    const second = await put('second');
    expect(await get()).toBe('first');
    expect(await labels()).toEqual({ [first]: ['AWSCURRENT'] });
    await expect(get({ VersionId: second })).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
    await service.advance(3_000);
    await put('third');
    await service.advance(2_000);
    expect(await get()).toBe('second');
    await service.advance(3_000);
    expect(await get()).toBe('third');
    expect(await versions()).toHaveLength(3);
  });

  it('take the KMS key away: nothing is read or written, and labels still move', async () => {
    const service = standing();
    const { first, call, put, get, labels } = await oneSecret(service);
    const second = await put('second', ['OTHER']);
    service.faults.kmsDown = true;
    await expect(get()).rejects.toMatchObject({ name: 'DecryptionFailure' });
    await expect(put('third')).rejects.toMatchObject({ name: 'EncryptionFailure' });
    await expect(call('UpdateSecret', { SecretString: 'x' })).rejects.toMatchObject({ name: 'EncryptionFailure' });
    await expect(service.call('CreateSecret', { Name: 'n', SecretString: 'x' })).rejects.toMatchObject({
      name: 'EncryptionFailure',
    });
    const move = { VersionStage: 'AWSCURRENT', MoveToVersionId: second, RemoveFromVersionId: first };
    await call('UpdateSecretVersionStage', move);
    expect((await labels())[second]).toContain('AWSCURRENT');
    service.faults.kmsDown = false;
    expect(await get()).toBe('second');
  });

  it('leave AWSPENDING on what is current for a while, during which a rotation may begin', async () => {
    const service = standing();
    service.faults.pendingLingersMs = 10_000;
    const { id, call, labels } = await oneSecret(service);
    service.registerFunction(LAMBDA, rotatesWell(service));
    const rotate = async () => {
      const { VersionId } = await call('RotateSecret', { RotationLambdaARN: LAMBDA });
      await service.driver.settled(id);
      return String(VersionId);
    };
    const second = await rotate();
    expect((await labels())[second]?.toSorted()).toEqual(['AWSCURRENT', 'AWSPENDING']);
    const third = await rotate();
    expect((await labels())[second]).toEqual(['AWSPREVIOUS']);
    await service.advance(10_000);
    expect((await labels())[third]).toEqual(['AWSCURRENT']);
  });

  it('are thrown before and after every operation', async () => {
    for (const operation of OPERATION_NAMES) {
      const service = standing();
      const { id, first, call } = await oneSecret(service);
      const seen: string[] = [];
      service.registerFunction(LAMBDA, async () => {});
      // Just enough for each to succeed, so that the second hook is reached.
      const input: Record<string, unknown> = {
        RotationLambdaARN: LAMBDA,
        Name: 'another',
        ResourcePolicy: '{"Statement":{"Effect":"Deny","Principal":"*","Action":"*"}}',
        SecretString: 'x',
      };
      if (operation === 'UpdateSecretVersionStage')
        Object.assign(input, { VersionStage: 'OWN', MoveToVersionId: first });
      if (operation === 'BatchGetSecretValue') input.SecretIdList = [id];
      if (operation === 'CancelRotateSecret') await call('RotateSecret', { RotationLambdaARN: LAMBDA });
      service.before = (name, count) => {
        seen.push(`before ${name} ${count}`);
      };
      service.after = (name, count) => {
        seen.push(`after ${name} ${count}`);
        throw new Error('lost');
      };
      await expect(call(operation, input), operation).rejects.toThrow('lost');
      expect(seen.slice(0, 2)).toEqual(
        operation === 'CreateSecret'
          ? ['before CreateSecret 2', 'after CreateSecret 2']
          : [`before ${operation} 1`, `after ${operation} 1`],
      );
    }
  });
});

describe('the rotation driver', () => {
  it('delivers every step twice when told so', async () => {
    const service = standing();
    const { id, call } = await oneSecret(service);
    const steps: unknown[] = [];
    const well = rotatesWell(service);
    service.registerFunction(LAMBDA, async (event) => {
      steps.push(event.Step);
      await well(event);
    });
    service.driver.deliveries = 2;
    await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    await service.driver.settled(id);
    expect(steps).toEqual(['createSecret', 'setSecret', 'testSecret', 'finishSecret'].flatMap((step) => [step, step]));
  });

  it('waits between two tries when told so', async () => {
    const service = standing({ rotationAttempts: 2, rotationPauseMs: 40 });
    const { id, call } = await oneSecret(service);
    const begun: number[] = [];
    service.registerFunction(LAMBDA, async () => {
      begun.push(performance.now());
      throw new Error('no');
    });
    await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    await service.driver.settled(id);
    const [first = 0, second = 0] = begun;
    expect(second - first).toBeGreaterThanOrEqual(38);
  });

  it('gives up an invocation that takes too long, and begins again', async () => {
    const service = standing({ invocationTimeoutMs: 20, rotationAttempts: 2 });
    const { id, call } = await oneSecret(service);
    let calls = 0;
    service.registerFunction(LAMBDA, () => {
      calls++;
      return new Promise(() => {});
    });
    await call('RotateSecret', { RotationLambdaARN: LAMBDA });
    await service.driver.settled(id);
    expect(calls).toBe(2);
    expect(service.driver.records.at(-1)).toMatchObject({
      name: 'RotationFailed',
      error: new Error('createSecret took longer than 20 ms'),
    });
  });

  it.each(['createSecret', 'setSecret', 'testSecret', 'finishSecret'])(
    'abandons the rotation when somebody writes before %s',
    async (at) => {
      const service = standing();
      const { id, call, get, put, labels } = await oneSecret(service);
      service.registerFunction(LAMBDA, rotatesWell(service));
      service.driver.beforeStep = (step) => (step === at ? put('by a person') : undefined);
      await call('RotateSecret', { RotationLambdaARN: LAMBDA });
      await service.driver.settled(id);
      expect(service.driver.records.at(-1)).toMatchObject({ name: 'RotationAbandoned' });
      expect(await get()).toBe('by a person');
      expect(Object.values(await labels()).flat()).not.toContain('AWSPENDING');
    },
  );
});
