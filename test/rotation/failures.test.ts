import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { statementFailure } from '../../rotation/postgres/failures';
import { makeAuthority } from '../support/certificates';
import { listen } from '../support/listener';
import { type Application, type ApplicationOptions, DATABASE, startWorld, type World } from './world';

describe('the error classes', () => {
  const authority = makeAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-ca-'));
  const caFile = join(folder, 'ca.pem');
  const strangersCa = join(folder, 'strangers.pem');
  let world: World;
  let plain: World;

  beforeAll(async () => {
    writeFileSync(caFile, authority.certificate);
    writeFileSync(strangersCa, makeAuthority('another authority').certificate);
    world = await startWorld({ tls: authority.issue('localhost') });
    plain = await startWorld({ settings: { max_connections: '12', superuser_reserved_connections: '3' } });
  });
  afterAll(async () => {
    await Promise.all([world.stop(), plain.stop()]);
    rmSync(folder, { recursive: true, force: true });
  });

  const overTls = { STRONGROOM_TLS: 'verify-full', STRONGROOM_CA_FILE: caFile, STRONGROOM_HOST: 'localhost' };

  /** The rotation's one error, after all of the service's tries; its text holds no secret. */
  async function failure(app: Application): Promise<{ name: string; message: string }> {
    const record = await app.rotate();
    expect(record.name).toBe('RotationFailed');
    const error = record.error as Error;
    const text = `${error.name} ${error.message} ${error.stack} ${app.lines.join('\n')}`;
    const passwords = await Promise.all(
      Object.keys(await app.labels()).map((id) => app.password(id).catch(() => 'none')),
    );
    expect(
      [...passwords, world.masterPassword].filter((password) => password !== 'none' && text.includes(password)),
    ).toEqual([]);
    expect(text).not.toContain('SCRAM-SHA-256$');
    return error;
  }

  /** A role that exists and logs in with the current value, without a superuser. */
  async function ready(where: World, options: ApplicationOptions = {}): Promise<Application> {
    const app = await where.application({ superuser: false, ...options });
    await where.unlogged(`CREATE ROLE ${app.role} LOGIN PASSWORD '${await app.password()}'`);
    return app;
  }

  it('verifies the certificate and its name, and rotates over TLS', async () => {
    const app = await ready(world, { variables: overTls });
    expect(await app.rotate()).toMatchObject({ name: 'RotationSucceeded' });
  });

  it('never sends a password to a server without TLS', async () => {
    const app = await ready(plain, { variables: overTls });
    const before = plain.postgres.log().length;
    expect(await failure(app)).toMatchObject({ name: 'TlsNotOffered' });
    expect(plain.postgres.log().slice(before)).not.toContain(`user=${app.role}`);
  });

  it('tells an unknown authority', async () => {
    const app = await ready(world, { variables: { ...overTls, STRONGROOM_CA_FILE: strangersCa } });
    expect(await failure(app)).toMatchObject({ name: 'CertificateNotTrusted' });
  });

  it('tells a name that the certificate does not have', async () => {
    const app = await ready(world, { variables: { ...overTls, STRONGROOM_HOST: '127.0.0.1' } });
    expect(await failure(app)).toMatchObject({
      name: 'CertificateNotTrusted',
      message: expect.stringContaining('ALTNAME'),
    });
  });

  it('names a server that accepts and then says nothing', async () => {
    const silent = await listen(() => {});
    const app = await ready(world, { variables: { STRONGROOM_PORT: String(silent.port) } });
    const token = await app.begin();
    await app.step('createSecret', token);
    await expect(app.step('setSecret', token)).rejects.toMatchObject({ name: 'DatabaseSilent' });
    await silent.close();
  });

  it('names a server that closes the connection during the login', async () => {
    const rude = await listen((socket) => socket.once('data', () => socket.destroy()));
    const app = await ready(world, { variables: { STRONGROOM_PORT: String(rude.port) } });
    expect(await failure(app)).toMatchObject({ name: 'ConnectionLost' });
    await rude.close();
  });

  it('tells a port where nobody listens', async () => {
    const gone = await listen(() => {});
    await gone.close();
    const app = await ready(world, { variables: { STRONGROOM_PORT: String(gone.port) } });
    expect(await failure(app)).toMatchObject({
      name: 'DatabaseUnreachable',
      message: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('tells a host name that does not resolve', async () => {
    const app = await ready(world, { variables: { STRONGROOM_HOST: 'nowhere.invalid' } });
    expect(await failure(app)).toMatchObject({ name: 'DatabaseUnreachable' });
  });

  it('tells a database that does not exist', async () => {
    const app = await ready(world, { variables: { STRONGROOM_DATABASE: 'missing' } });
    expect(await failure(app)).toMatchObject({ name: 'DatabaseMissing' });
  });

  it('tells a role that may not log in', async () => {
    const app = await ready(world);
    await world.postgres.query(`ALTER ROLE ${app.role} NOLOGIN`);
    expect(await failure(app)).toMatchObject({ name: 'AccountDisabled' });
  });

  it('tells a role that may not connect to the database', async () => {
    await plain.postgres.query(`CREATE DATABASE closed; `);
    await plain.postgres.query('REVOKE CONNECT ON DATABASE closed FROM PUBLIC');
    const app = await ready(plain, { variables: { STRONGROOM_DATABASE: 'closed' } });
    expect(await failure(app)).toMatchObject({ name: 'ConnectionNotAllowed' });
  });

  it('tells a server that is full, and then tries no other password', async () => {
    const app = await ready(plain);
    const others = await Promise.all(Array.from({ length: 9 }, () => plain.postgres.connect()));
    const error = await failure(app);
    await Promise.all(others.map((client) => client.end()));
    expect(error).toMatchObject({ name: 'TooManyConnections' });
    expect(JSON.parse(app.lines.at(-1) ?? '')).toMatchObject({ logins: { tried: 1, failed: 0 } });
  });

  it('tells a role limit on connections', async () => {
    const app = await ready(world);
    await world.postgres.query(`ALTER ROLE ${app.role} CONNECTION LIMIT 0`);
    expect(await failure(app)).toMatchObject({ name: 'TooManyConnections' });
  });

  it('gives up after three refused passwords in one invocation', async () => {
    const app = await ready(world);
    await app.put({ password: randomUUID() });
    await world.unlogged(`ALTER ROLE ${app.role} PASSWORD 'unknown-to-all'`);
    expect(await failure(app)).toMatchObject({ name: 'AllCredentialsRefused' });
    const failed = app.lines.map((line) => JSON.parse(line).logins?.failed ?? 0);
    expect(Math.max(...failed)).toBe(3);
  });

  it('tells a transaction that holds the lock of the role for too long', async () => {
    const app = await ready(world);
    const holder = await world.postgres.connect(undefined, undefined, DATABASE);
    await holder.query('BEGIN');
    await holder.query(`ALTER ROLE ${app.role} CONNECTION LIMIT 20`);
    const token = await app.begin();
    await app.step('createSecret', token);
    const held = app.step('setSecret', token);
    await expect(held).rejects.toMatchObject({ name: 'DatabaseBusy' });
    await holder.query('ROLLBACK');
    await holder.end();
    await app.step('setSecret', token);
    expect(await app.logsIn(await app.password(token))).toBe(true);
  });

  it('tells a superuser whose own password is wrong', async () => {
    const answer = await world.manager.service.call('CreateSecret', {
      Name: `wrong/${randomUUID()}`,
      SecretString: JSON.stringify({ username: 'master', password: 'wrong' }),
    });
    const app = await world.application({ variables: { STRONGROOM_SUPERUSER_SECRET: String(answer.ARN) } });
    expect(await failure(app)).toMatchObject({ name: 'SuperuserRefused' });
  });

  it('refuses a superuser secret that is for another host', async () => {
    const answer = await world.manager.service.call('CreateSecret', {
      Name: `other/${randomUUID()}`,
      SecretString: JSON.stringify({ username: 'master', password: 'x', host: 'other.example' }),
    });
    const app = await world.application({ variables: { STRONGROOM_SUPERUSER_SECRET: String(answer.ARN) } });
    expect(await failure(app)).toMatchObject({ name: 'SuperuserMismatch' });
  });

  it('refuses a schema that belongs to another role, and leaves no role behind', async () => {
    const app = await world.application({ variables: { STRONGROOM_SCHEMA: 'public' } });
    expect(await failure(app)).toMatchObject({ name: 'SchemaNotOurs' });
    expect(await world.postgres.query('SELECT FROM pg_roles WHERE rolname = $1', [app.role])).toEqual([]);
  });

  it('names the right that an administrator lacks, and leaves no role behind', async () => {
    await plain.postgres.query('CREATE DATABASE foreign_one');
    const app = await plain.application({ variables: { STRONGROOM_DATABASE: 'foreign_one' } });
    expect(await failure(app)).toMatchObject({ name: 'PrivilegeMissing' });
    expect(await plain.postgres.query('SELECT FROM pg_roles WHERE rolname = $1', [app.role])).toEqual([]);
  });

  // Only RDS has the setting. The text is that of its page; no page tells the code.
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.RestrictPasswordMgmt.html
  it.each([
    ['42501', 'must be a member of rds_password to alter passwords', 'PasswordCommandsRestricted'],
    ['0LP01', 'must be a member of rds_password to alter passwords', 'PasswordCommandsRestricted'],
    ['42501', 'permission denied to grant role "rds_password"', 'PrivilegeMissing'],
  ])('takes SQLSTATE %s with %j for %s', (code, message, name) => {
    const { message: told, name: found } = statementFailure(Object.assign(new Error(message), { code }), 'the change');
    expect(found).toBe(name);
    expect(told.includes('GRANT rds_password')).toBe(name === 'PasswordCommandsRestricted');
  });

  it.each([
    ['mysql', 'EngineNotAccepted'],
    ['', 'InvalidSecretValue'],
    [7, 'InvalidSecretValue'],
  ])('refuses engine %j in the secret', async (engine, name) => {
    const app = await ready(world, { keys: { engine } });
    expect(await failure(app)).toMatchObject({ name });
  });

  it.each(['username', 'host', 'password'])('names the key %s when it is missing', async (key) => {
    const app = await world.application({ superuser: false });
    const { [key]: _, ...rest } = {
      engine: 'postgres',
      host: 'h',
      username: app.role,
      password: 'a-password',
    } as Record<string, string>;
    await world.manager.service.call('PutSecretValue', { SecretId: app.arn, SecretString: JSON.stringify(rest) });
    const record = await app.rotate();
    expect(record.error).toMatchObject({ name: 'InvalidSecretValue', message: expect.stringContaining(key) });
  });

  it('refuses a name that PostgreSQL would cut', async () => {
    const app = await world.application({ role: 'ü'.repeat(32), superuser: false });
    expect(await failure(app)).toMatchObject({
      name: 'InvalidSecretValue',
      message: expect.stringContaining('64 bytes'),
    });
  });

  it('never echoes a value that is not JSON', async () => {
    const app = await world.application({ superuser: false });
    await world.manager.service.call('PutSecretValue', {
      SecretId: app.arn,
      SecretString: '{"password": "half-a-secret',
    });
    const record = await app.rotate();
    expect(record.error).toMatchObject({ name: 'InvalidSecretValue' });
    expect(`${(record.error as Error).stack}${app.lines}`).not.toContain('half-a-secret');
  });
});
