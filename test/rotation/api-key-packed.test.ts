import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeAuthority } from '../support/certificates';
import { type KeySubject, type KeyWorld, startKeyWorld } from './api-key-world';
import { succeed } from './every-point';
import { rotateByPacked } from './packed';

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
    await rotateByPacked(subject, folder, world.manager.endpoint);
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
