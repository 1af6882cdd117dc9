import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { strongroom } from '../../cli/strongroom';
import type { Diagnosis, SecretFacts } from '../../doctor/diagnose';
import { freePort } from '../../drill/servers/free-port';
import { ServiceError } from '../../emulator/errors';
import { type SecretsManagerServer, startSecretsManager } from '../../emulator/server';
import { LAMBDA } from '../emulator/support';
import { type Postgres, startPostgres } from '../support/postgres';

const ROLE = 'doctors_patient';
const READS = ['DescribeSecret', 'GetSecretValue'];

describe('strongroom doctor', () => {
  let postgres: Postgres;
  let server: SecretsManagerServer;
  const environment = { ...process.env };

  beforeAll(async () => {
    postgres = await startPostgres();
    server = await startSecretsManager({ rotationAttempts: 1, anyFunction: () => Promise.reject(new Error('no')) });
    Object.assign(process.env, {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: server.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'loopback',
      AWS_SECRET_ACCESS_KEY: 'loopback',
      AWS_MAX_ATTEMPTS: '1',
    });
    await postgres.query(`CREATE ROLE ${ROLE} LOGIN`);
  });
  afterEach(() => {
    server.service.before = undefined;
    server.service.faults.kmsDown = false;
  });
  afterAll(async () => {
    process.env = environment;
    await server?.close();
    await postgres?.stop();
  });

  /** A secret whose first password the database has. */
  async function patient(more: Readonly<Record<string, unknown>> = {}) {
    const { service } = server;
    const passwords: string[] = [];
    const value = () => {
      const password = randomUUID();
      passwords.push(password);
      const { host, port } = postgres;
      const all = { engine: 'postgres', host, port, dbname: 'postgres', username: ROLE, password, ...more };
      return JSON.stringify(all);
    };
    const { ARN, VersionId } = await service.call('CreateSecret', { Name: randomUUID(), SecretString: value() });
    const SecretId = String(ARN);
    const setInDatabase = (password: string) => postgres.query(`ALTER ROLE ${ROLE} PASSWORD '${password}'`);
    await setInDatabase(passwords[0] ?? '');
    return {
      SecretId,
      first: String(VersionId),
      passwords,
      setInDatabase,
      put: async (label: string) => {
        const put = { SecretId, SecretString: value(), VersionStages: [label] };
        return String((await service.call('PutSecretValue', put)).VersionId);
      },
      rotate: async () => {
        const { VersionId: token } = await service.call('RotateSecret', { SecretId, RotationLambdaARN: LAMBDA });
        await service.driver.settled(SecretId);
        return String(token);
      },
      cancel: () => service.call('CancelRotateSecret', { SecretId }),
      call: (operation: string, input: object = {}) => service.call(operation, { SecretId, ...input }),
    };
  }

  /** The command as it is called; it must only have read. */
  async function called(...args: readonly string[]) {
    const { service } = server;
    const printed: string[] = [];
    const told: string[] = [];
    let code: number | undefined;
    const from = service.calls.length;
    const program = strongroom(
      (text) => printed.push(text),
      (exit) => {
        code = exit;
      },
      (text) => told.push(text),
    );
    await program.parseAsync(['doctor', '--no-tls', ...args], { from: 'user' });
    const calls = service.calls.slice(from);
    expect(calls.filter((call) => !READS.includes(call))).toEqual([]);
    return { code, text: printed.join('\n'), told, calls };
  }

  async function doctor(secret: string, ...options: readonly string[]) {
    const found = await called(secret, '--json', ...options);
    return { ...found, ...(JSON.parse(found.text) as Diagnosis & SecretFacts) };
  }

  it('finds nothing wrong with a secret that logs in, with one login', async () => {
    const { SecretId, first } = await patient();
    const found = await doctor(SecretId);
    expect(found).toMatchObject({ code: 0, state: 'healthy' });
    expect(found.versions).toEqual([{ id: first, labels: ['AWSCURRENT'], login: { kind: 'accepted' } }]);
    expect(found).not.toHaveProperty('command');
  });

  it('tells what it does while it waits, apart from what it found, and no value', async () => {
    const { SecretId, passwords, put } = await patient();
    await put('AWSPENDING');
    const { told, text } = await doctor(SecretId);
    expect(told).toEqual([
      `reading the labels of ${SecretId}`,
      'reading AWSCURRENT',
      'trying the login of AWSCURRENT',
      'reading AWSPENDING',
      'trying the login of AWSPENDING',
    ]);
    expect(passwords.filter((password) => `${told.join('\n')}${text}`.includes(password))).toEqual([]);
  });

  it('ends a rotation that only had its label left to move', async () => {
    const { SecretId, first, passwords, setInDatabase, put } = await patient();
    const pending = await put('AWSPENDING');
    await setInDatabase(passwords[1] ?? '');
    expect(await doctor(SecretId)).toMatchObject({
      code: 1,
      state: 'promotion-missing',
      command: `aws secretsmanager update-secret-version-stage --secret-id ${SecretId} --version-stage AWSCURRENT --move-to-version-id ${pending} --remove-from-version-id ${first}`,
    });
  });

  it.each(['AWSPREVIOUS', 'STRONGROOM_APPLYING'])('goes to the version of %s when only that logs in', async (label) => {
    const { SecretId, first, passwords, setInDatabase, put } = await patient();
    const working = await put(label);
    await setInDatabase(passwords[1] ?? '');
    expect(await doctor(SecretId)).toMatchObject({
      code: 1,
      state: 'current-stale',
      command: expect.stringContaining(`--move-to-version-id ${working} --remove-from-version-id ${first}`),
    });
  });

  it('has a rotation that failed tried again, and says that its version is empty', async () => {
    const { SecretId, rotate } = await patient();
    const token = await rotate();
    expect(await doctor(SecretId)).toMatchObject({
      code: 1,
      state: 'rotation-incomplete',
      finding: `a rotation is not complete: version ${token}, which has no value yet, is pending; the current password logs in`,
      command: `aws secretsmanager rotate-secret --secret-id ${SecretId}`,
    });
  });

  it('takes the label off a rotation that was cancelled', async () => {
    const { SecretId, rotate, cancel } = await patient();
    const token = await rotate();
    await cancel();
    expect(await doctor(SecretId)).toMatchObject({
      code: 1,
      state: 'rotation-given-up',
      command: `aws secretsmanager update-secret-version-stage --secret-id ${SecretId} --version-stage AWSPENDING --remove-from-version-id ${token}`,
    });
  });

  it('moves no label that no login has proved', async () => {
    const { SecretId, rotate, cancel } = await patient();
    await rotate();
    await cancel();
    const found = await doctor(SecretId, '--no-login');
    expect(found).toMatchObject({ code: 1, state: 'rotation-given-up' });
    expect(found.command).toBe(`aws secretsmanager describe-secret --secret-id ${SecretId}`);
  });

  it('tries three passwords at most, and leaves one that nobody knows to a rotation', async () => {
    const { SecretId, setInDatabase, put, call } = await patient();
    for (const label of ['AWSPENDING', 'STRONGROOM_APPLYING', 'AWSPREVIOUS']) await put(label);
    await setInDatabase('something-else');
    const plain = await doctor(SecretId);
    expect(plain).toMatchObject({ code: 1, state: 'password-unknown' });
    expect(plain.versions?.filter(({ login }) => login !== undefined)).toHaveLength(3);
    expect(plain).not.toHaveProperty('command');
    await expect(call('RotateSecret', { RotationLambdaARN: LAMBDA })).rejects.toThrow('previous rotation');
    expect((await doctor(SecretId)).command).toBe(`aws secretsmanager rotate-secret --secret-id ${SecretId}`);
  });

  it('says that a database was not reached, which is no refusal', async () => {
    const { SecretId } = await patient({ port: 1 });
    expect(await doctor(SecretId)).toMatchObject({
      code: 1,
      state: 'login-unknown',
      finding: expect.stringContaining('the database was not reached (ECONNREFUSED)'),
    });
  });

  it('restores a deleted secret, without reading its value', async () => {
    const { SecretId, call } = await patient();
    await call('DeleteSecret');
    const found = await doctor(SecretId);
    expect(found).toMatchObject({ code: 1, state: 'deleted', command: expect.stringContaining('restore-secret') });
    expect(found.calls).toEqual(['DescribeSecret']);
  });

  it('gives the working version AWSCURRENT when none has it', async () => {
    const { passwords, setInDatabase, SecretId: other } = await patient();
    const { SecretString } = await server.service.call('GetSecretValue', { SecretId: other });
    const { ARN } = await server.service.call('CreateSecret', { Name: randomUUID() });
    // A foreign function that takes a secret without a value for no mistake, and ends half way.
    server.service.registerFunction('arn:foreign', async ({ Step, ClientRequestToken }) => {
      if (Step !== 'createSecret') throw new Error('not so far');
      const put = { SecretId: ARN, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] };
      await server.service.call('PutSecretValue', put);
    });
    const { VersionId } = await server.service.call('RotateSecret', {
      SecretId: ARN,
      RotationLambdaARN: 'arn:foreign',
    });
    await server.service.driver.settled(String(ARN));
    await setInDatabase(passwords[0] ?? '');
    expect(await doctor(String(ARN))).toMatchObject({
      code: 1,
      state: 'no-current',
      command: `aws secretsmanager update-secret-version-stage --secret-id ${ARN} --version-stage AWSCURRENT --move-to-version-id ${VersionId}`,
    });
  });

  it('tells a key that cannot be used from a permission that is missing', async () => {
    const { SecretId } = await patient();
    server.service.faults.kmsDown = true;
    expect(await doctor(SecretId)).toMatchObject({
      state: 'unreadable',
      command: expect.stringContaining('kms describe-key'),
    });
    server.service.faults.kmsDown = false;
    server.service.before = (operation) => {
      if (operation === 'GetSecretValue') throw new ServiceError('AccessDeniedException', 'not authorized');
    };
    expect(await doctor(SecretId)).toMatchObject({ state: 'unreadable', command: expect.stringContaining('sts') });
  });

  it('says that a rotation is overdue', async () => {
    const { SecretId, call } = await patient();
    const RotationRules = { AutomaticallyAfterDays: 1 };
    await call('RotateSecret', { RotationLambdaARN: LAMBDA, RotationRules, RotateImmediately: false });
    await server.service.driver.settled(SecretId);
    server.service['table'].find(SecretId).rotation.next = {
      opens: Number.MAX_SAFE_INTEGER,
      closes: Date.now() - 1_000,
    };
    expect(await doctor(SecretId)).toMatchObject({ code: 1, state: 'rotation-overdue' });
  });

  it('ends with 3 when there is no such secret', async () => {
    const { code, text } = await doctor('nowhere');
    expect(code).toBe(3);
    expect(text).toContain('ResourceNotFoundException');
  });

  it('tells a person the versions, what is wrong, and the next command with its reason', async () => {
    const { SecretId, first, passwords, setInDatabase, put } = await patient();
    const pending = await put('AWSPENDING');
    await setInDatabase(passwords[1] ?? '');
    const { code, text } = await called(SecretId);
    expect(code).toBe(1);
    const lines = text.split('\n');
    expect(lines.slice(0, 4)).toEqual([
      SecretId,
      `  ${first}  AWSCURRENT  (refused)`,
      `  ${pending}  AWSPENDING  (accepted)`,
      '',
    ]);
    expect(lines[4]).toMatch(/^promotion-missing: \w/);
    expect(lines.slice(5, 8)).toEqual([
      '',
      'Next:',
      expect.stringMatching(/^ {2}aws secretsmanager update-secret-version/),
    ]);
    expect(lines[8]).toMatch(/^ {2}\(.+\)$/);
    for (const password of passwords) expect(text).not.toContain(password);
  });

  it('tells a person that all is well, and nothing to do', async () => {
    const { SecretId, first } = await patient();
    const { code, text } = await called(SecretId);
    expect({ code, next: text.includes('Next:') }).toEqual({ code: 0, next: false });
    expect(text).toContain(`  ${first}  AWSCURRENT  (accepted)\n\nhealthy: `);
    const unasked = (await called(SecretId, '--no-login')).text;
    expect(unasked).toContain(`  ${first}  AWSCURRENT  (login not tried: --no-login was given)`);
  });

  it('tells a person in one line that there is no such secret', async () => {
    const { code, text, told } = await called('nowhere');
    expect(code).toBe(3);
    expect(text).toBe('');
    expect(told.at(-1)).toMatch(/^error: [^\n]*ResourceNotFoundException[^\n]*$/);
  });

  it('tells a program the same as JSON', async () => {
    const { code, text } = await called('nowhere', '--json');
    expect(code).toBe(3);
    expect(JSON.parse(text)).toEqual({ error: expect.stringContaining('ResourceNotFoundException') });
  });

  it('says in one line that Secrets Manager was not reached', async () => {
    const { AWS_ENDPOINT_URL_SECRETS_MANAGER: reached } = process.env;
    process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = `http://127.0.0.1:${await freePort()}`;
    const { code, told } = await called('nowhere').finally(() => {
      process.env['AWS_ENDPOINT_URL_SECRETS_MANAGER'] = reached;
    });
    expect(code).toBe(3);
    expect(told.at(-1)).toMatch(/^error: Secrets Manager was not reached: connect ECONNREFUSED 127[.\d:]+$/);
  });

  it('never prints a password', async () => {
    const { SecretId, passwords, put, setInDatabase } = await patient();
    await put('AWSPENDING');
    await setInDatabase(passwords[1] ?? '');
    const { text } = await doctor(SecretId);
    expect(passwords).toHaveLength(2);
    for (const password of passwords) expect(text).not.toContain(password);
  });
});
