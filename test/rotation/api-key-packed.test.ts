import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBundle } from '../../rotation/bundle';
import { makeAuthority } from '../support/certificates';
import { type KeySubject, type KeyWorld, startKeyWorld } from './api-key-world';
import { succeed } from './every-point';

describe('API keys over TLS', () => {
  const authority = makeAuthority();
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-keys-'));
  const ca = join(folder, 'own-ca.pem');
  let world: KeyWorld;

  beforeAll(async () => {
    writeFileSync(ca, authority.certificate);
    world = await startKeyWorld();
  });
  afterAll(async () => {
    await world.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const overTls = (file: string | undefined, name = 'localhost'): Promise<KeySubject> =>
    world.subject({ tls: authority.issue(name), variables: { STRONGROOM_CA_FILE: file } });

  it('are rotated by the packed function in a process of its own', async () => {
    const subject = await overTls(ca);
    for (const [name, content] of Object.entries(unzipSync((await makeBundle()).zip)))
      writeFileSync(join(folder, name), content);
    subject.handle = async (event) => {
      const source = `require('./index.js').handler(${JSON.stringify(event)}, { getRemainingTimeInMillis: () => 60_000 })
        .catch((error) => { console.log(error); process.exitCode = 1; });`;
      const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', '--eval', source], {
        cwd: folder,
        env: {
          PATH: process.env.PATH,
          AWS_ACCESS_KEY_ID: 'test',
          AWS_SECRET_ACCESS_KEY: 'test',
          AWS_REGION: 'eu-central-1',
          AWS_ENDPOINT_URL_SECRETS_MANAGER: world.manager.endpoint,
          ...subject.variables,
        },
      });
      subject.lines.push(stdout);
    };
    const before = await subject.value();
    await succeed(subject);
    expect([subject.works(before), subject.works(await subject.value())]).toEqual([true, true]);
    expect(subject.lines.map((line) => JSON.parse(line).outcome)).toEqual(Array(4).fill('done'));
  });

  it.each<[string, () => Promise<KeySubject>]>([
    ['of an authority that nobody knows', () => overTls(undefined)],
    ['for another name', () => overTls(ca, 'other.example.com')],
  ])('are not asked for behind a certificate %s', async (_, make) => {
    const subject = await make();
    const record = await subject.rotate();
    expect(record.error, String(record.error)).toMatchObject({ name: 'CertificateNotTrusted' });
    expect(subject.keys.seen).toEqual([]);
  });

  it('are not asked for where nobody listens', async () => {
    const subject = await overTls(ca);
    await subject.keys.close();
    const record = await subject.rotate();
    expect(record.error, String(record.error)).toMatchObject({ name: 'ProviderUnreachable' });
  });
});
