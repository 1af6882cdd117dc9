import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Bundle, makeBundle } from '../../rotation/bundle';
import { makeAuthority } from '../support/certificates';
import { startWorld, type World } from './world';

const SIZE_GOAL_KB = 400;
const POSTGRES_GOAL_KB = 260;
const root = join(__dirname, '../..');

describe('the bundle', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-bundle-'));
  let bundle: Bundle;
  let files: Record<string, Uint8Array>;

  beforeAll(async () => {
    bundle = await makeBundle();
    files = unzipSync(bundle.zip);
    for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has the same bytes every time', async () => {
    expect(Buffer.compare((await makeBundle()).zip, bundle.zip)).toBe(0);
  });

  it('has the same bytes in another time zone and from another process', async () => {
    const source = `require(${JSON.stringify(join(root, 'rotation/bundle.ts'))}).makeBundle().then(({ facts }) => console.log(facts.sha256))`;
    const output = await run(['--import', 'tsx', '--eval', source], { TZ: 'Pacific/Kiritimati' }, root);
    expect(output.trim()).toBe(bundle.facts.sha256);
  });

  it('says its own hash, size and handler', () => {
    const sha256 = createHash('sha256').update(bundle.zip).digest('base64');
    expect(bundle.facts).toEqual({ sha256, bytes: bundle.zip.length, handler: 'index.handler' });
  });

  it('holds the code and the certificates, nothing native', () => {
    expect(Object.keys(files)).toEqual(['index.js', 'rds-ca.pem']);
    expect(bundle.zip.length / 1024).toBeLessThan(SIZE_GOAL_KB);
    console.log(`bundle: ${Math.ceil(bundle.zip.length / 1024)} KB (goal: ${SIZE_GOAL_KB} KB)`);
  });

  it('is smaller for PostgreSQL alone, and has the driver of no other engine then', async () => {
    const { zip, parts } = await makeBundle(undefined, 'postgres');
    expect(zip.length / 1024).toBeLessThan(POSTGRES_GOAL_KB);
    expect(Object.keys(parts)).toContain('pg');
    expect(Object.keys(parts)).not.toContain('mysql2');
    expect(Object.keys(bundle.parts)).toContain('mysql2');
    expect(Object.keys(unzipSync(zip))).toEqual(['index.js', 'rds-ca.pem']);
  });

  it('holds every RDS certificate once', () => {
    const pems = readFileSync(join(folder, 'rds-ca.pem'), 'utf8').match(/-----BEGIN CERTIFICATE-----[^-]+/g) ?? [];
    expect(pems.length).toBeGreaterThan(100);
    expect(new Set(pems).size).toBe(pems.length);
  });

  it('leaves out the names of errors, which are half of a driver, and in a bundle for PostgreSQL the driver', async () => {
    expect(bundle.parts.mysql2).toBeLessThan(200 * 1024);
    expect((await makeBundle(undefined, 'postgres')).parts.mysql2).toBeUndefined();
  });

  it('holds no path of the machine that built it', () => {
    const code = Buffer.from(files['index.js'] ?? []).toString('utf8');
    for (const path of [root, homedir(), tmpdir(), process.execPath])
      expect(code.includes(`${path}/`), path).toBe(false);
    expect(code).not.toContain('node_modules');
  });

  describe('unpacked and run in a process of its own, as Lambda does', () => {
    const authority = makeAuthority();
    let world: World;

    beforeAll(async () => {
      writeFileSync(join(folder, 'own-ca.pem'), authority.certificate);
      world = await startWorld({ tls: authority.issue('localhost') });
    });
    afterAll(() => world.stop());

    async function application() {
      const app = await world.application({
        variables: {
          STRONGROOM_TLS: undefined,
          STRONGROOM_HOST: 'localhost',
          STRONGROOM_CA_FILE: join(folder, 'own-ca.pem'),
        },
      });
      app.handle = async (event) => {
        const source = `
          const context = { getRemainingTimeInMillis: () => 60_000 };
          require('./index.js').handler(${JSON.stringify(event)}, context).catch((error) => {
            console.log(error);
            process.exitCode = 1;
          });`;
        app.lines.push(await run(['--no-warnings', '--eval', source], { ...lambda(world), ...app.variables }, folder));
      };
      return app;
    }

    it('creates the role, and rotates a second time, over TLS', async () => {
      const app = await application();
      for (const round of ['first', 'second']) {
        const old = await app.password();
        const record = await app.rotate();
        expect(record, `${round}: ${record.error}`).toMatchObject({ name: 'RotationSucceeded' });
        expect(await app.logsIn(await app.password()), round).toBe(true);
        expect(await app.logsIn(old), round).toBe(false);
      }
      const steps = app.lines.map((line) => JSON.parse(line));
      expect(steps).toHaveLength(8);
      expect(steps.every(({ outcome, logins }) => outcome === 'done' && logins.failed === 0)).toBe(true);
    });

    it.each(['postgres-single-user', 'mariadb-two-passwords'])(
      'E14 asks nobody and opens no socket while it is loaded for %s, only when it is called',
      async (rotator) => {
        const app = await application();
        const event = { Step: 'createSecret', SecretId: app.arn, ClientRequestToken: await app.begin() };
        const source = `
          const seen = [];
          const network = /^(TCP|UDP|TLS|PIPE|HTTP|GETADDRINFO|QUERY)/;
          const init = (_, type) => { if (network.test(type)) seen.push(type); };
          require('node:async_hooks').createHook({ init }).enable();
          const { handler } = require('./index.js');
          (async () => {
            for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
            const loading = seen.splice(0);
            await handler(${JSON.stringify(event)}).catch(() => {});
            console.log(JSON.stringify({ loading, called: [...new Set(seen)] }));
          })();`;
        const env = { ...lambda(world), ...app.variables, STRONGROOM_ROTATOR: rotator, STRONGROOM_USERNAME: app.role };
        const output = await run(['--no-warnings', '--eval', source], env, folder);
        const { loading, called } = JSON.parse(output.trim().split('\n').at(-1) ?? '');
        expect(loading).toEqual([]);
        expect(called).toContain('TCPCONNECTWRAP');
      },
    );

    it('keeps the names of its errors in spite of the minifier', async () => {
      const app = await application();
      await expect(app.handle({ Step: 'create', SecretId: app.arn, ClientRequestToken: 'short' })).rejects.toThrow(
        /InvalidEvent: Step is "create"/,
      );
    });

    it('trusts the shipped certificates when no other file is named', async () => {
      const app = await application();
      Object.assign(app.variables, { STRONGROOM_CA_FILE: undefined });
      const record = await app.rotate();
      expect(String(record.error)).toContain('CertificateNotTrusted');
    });
  });
});

function lambda(world: World): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'eu-central-1',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: world.manager.endpoint,
  };
}

async function run(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): Promise<string> {
  const defined = Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const child = spawn(process.execPath, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...defined },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(output + errors);
  return output;
}
