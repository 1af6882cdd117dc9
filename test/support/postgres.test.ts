import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from './certificates';
import { type Postgres, startPostgres } from './postgres';

describe('startPostgres', () => {
  const authority = makeAuthority();
  let postgres: Postgres;

  beforeAll(async () => {
    postgres = await startPostgres({
      tls: authority.issue('localhost', '127.0.0.1'),
      settings: { log_statement: 'all' },
      initSql: ["CREATE ROLE reader LOGIN PASSWORD 'reader-password'", 'CREATE DATABASE app'],
    });
  });
  afterAll(() => postgres.stop());

  it.skipIf(process.env.STRONGROOM_TEST_POSTGRES)('runs PostgreSQL 18 on the loopback interface', async () => {
    const [row] = await postgres.query("SELECT current_setting('server_version_num')::int / 10000 AS major");
    expect(row).toEqual({ major: 18 });
    expect(postgres.host).toBe('127.0.0.1');
  });

  it('has run the initial SQL, and lets its roles log in', async () => {
    const client = await postgres.connect('reader', 'reader-password', 'app');
    expect((await client.query('SELECT session_user::text AS who')).rows).toEqual([{ who: 'reader' }]);
    await client.end();
  });

  it('asks for a password', async () => {
    await expect(postgres.connect('reader', 'wrong')).rejects.toMatchObject({ code: '28P01' });
  });

  it('comes back at the same port, with all that was committed, after it was cut off', async () => {
    await postgres.query('CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
    const open = await postgres.connect();
    await postgres.restart();
    await expect(open.query('SELECT 1')).rejects.toThrow();
    expect(await postgres.query('SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  it('speaks TLS with a certificate that its own authority signed', async () => {
    const client = new Client({
      host: 'localhost',
      port: postgres.port,
      user: postgres.superuser,
      password: postgres.password,
      database: 'postgres',
      ssl: { ca: authority.certificate },
    });
    await client.connect();
    const { rows } = await client.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    await client.end();
    expect(rows).toEqual([{ ssl: true }]);
  });

  it('shows what the server logged', async () => {
    await postgres.query("SELECT 'a mark in the log'");
    await expect.poll(() => postgres.log()).toContain('a mark in the log');
  });

  it('removes its directory when it is stopped', async () => {
    const other = await startPostgres();
    const [row] = await other.query("SELECT current_setting('data_directory') AS directory");
    const directory = String(row?.directory);
    await other.stop();
    expect(existsSync(directory)).toBe(false);
    await expect(other.connect()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('ends with the process that started it, even when that is killed', async () => {
    const source = `const { startPostgres } = require(${JSON.stringify(join(__dirname, 'postgres.ts'))});
      void (async () => {
        const server = await startPostgres();
        const [row] = await server.query("SELECT current_setting('data_directory') AS directory");
        console.log(row?.directory);
        setInterval(() => {}, 1000);
      })();`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--eval', source], {
      cwd: join(__dirname, '../..'),
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const directory = await new Promise<string>((resolve, reject) => {
      child.stdout.setEncoding('utf8').once('data', (line: string) => resolve(line.trim()));
      child.once('exit', (code) => reject(new Error(`the process that starts the server ended with code ${code}`)));
    });
    expect(existsSync(directory)).toBe(true);
    child.kill('SIGKILL');
    await expect.poll(() => existsSync(directory), { timeout: 20_000 }).toBe(false);
    expect(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })).not.toContain(directory);
  });
});
