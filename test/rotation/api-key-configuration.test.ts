import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../rotation/configuration';
import { type Document, describedAs } from './api-key-world';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/myapp/partner-AbCdEf';
const URL = 'https://api.example.com/v1';

function read(api: unknown, variables: Readonly<Record<string, string>> = {}) {
  return readConfiguration({
    STRONGROOM_ROTATOR: 'http-api-key',
    STRONGROOM_SECRETS: JSON.stringify([ARN]),
    STRONGROOM_API: typeof api === 'string' ? api : JSON.stringify(api),
    ...variables,
  });
}

describe('the configuration of API keys', () => {
  const folder = mkdtempSync(join(tmpdir(), 'strongroom-api-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('needs no database, and has defaults for what the provider does as most do', () => {
    expect(read(describedAs(URL))).toMatchObject({
      rotator: 'http-api-key',
      secrets: [ARN],
      graceSeconds: 3_600,
      api: {
        url: URL,
        limit: 2,
        exclusive: false,
        members: { id: 'keyId', key: 'password' },
        list: { method: 'GET', only: { status: 'active' } },
        test: { method: 'GET' },
        keys: { mode: 'create', idempotent: false },
      },
    });
  });

  const { list, create, test, revoke } = describedAs(URL) as Readonly<Record<string, Document>>;
  const slots = describedAs(URL, { mode: 'slots' });
  const chosen = describedAs(URL, { mode: 'chosen' });

  it.each<[string, Document | string, RegExp]>([
    ['no JSON', '{', /STRONGROOM_API is not a JSON object/],
    ['no URL', { url: 'api.example.com' }, /url is not a URL that begins with https/],
    ['plain HTTP', { url: 'http://api.example.com' }, /url is not https/],
    ['plain HTTP on loopback without the opt-out', { url: 'http://127.0.0.1:80' }, /url is not https/],
    ['a password in the URL', { url: 'https://a:b@api.example.com' }, /url has a user, a query or a fragment/],
    ['a mistyped member', { Limit: 3 }, /STRONGROOM_API has "Limit", unknown here/],
    ['an unknown mode', { mode: 'oauth' }, /mode is "oauth"; one of create, chosen, slots/],
    ['one key at a time', { limit: 1 }, /limit is 1: with one key at a time/],
    ['a limit that is no number', { limit: '2' }, /limit is not a whole number/],
    ['no list', { list: undefined }, /list is missing/],
    ['no place for the id', { list: { ...list, id: undefined } }, /list: id is missing/],
    ['the key in an address', { test: { path: '/me?key={key}' } }, /test: path has {key}; a credential in an address/],
    [
      'the admin in an address',
      { list: { ...list, path: '/{admin:apiKey}' } },
      /list: path has {admin:apiKey}; a cred/,
    ],
    ['a placeholder that is not known there', { list: { ...list, path: '/{id}' } }, /list: path has {id}, not one of/],
    ['the admin in a test', { test: { ...test, body: '{admin:a}{key}' } }, /test: has {admin:a}, not one of {id}/],
    ['a test without the key', { test: { path: '/me' } }, /test does not use {key}, and would prove nothing/],
    ['busy taken for refused', { test: { ...test, statuses: { refused: [429] } } }, /statuses: refused has 429/],
    ['broken taken for refused', { test: { ...test, statuses: { refused: [500] } } }, /statuses: refused has 500/],
    ['a header over two lines', { test: { ...test, headers: { 'a\nb': '' } } }, /headers has "a\\nb", which is not/],
    ['body and form', { create: { ...create, form: {} } }, /create: has both a body and a form/],
    ['key as id', { create: { ...create, id: 'secret' } }, /create: id and key are at the same place/],
    ['no way to find an orphan', { list: { ...list, tag: undefined } }, /nobody could find the key of an interrupted/],
    ['a revocation of nothing', { revoke: { ...revoke, path: '/keys' } }, /revoke does not use {id}/],
    ['the same member twice', { secret: { id: 'a', key: 'a' } }, /secret: id and key are the same/],
    [
      'slots without a way to the key',
      { ...slots, create: undefined, revoke: undefined, regenerate: { method: 'POST', path: '/{id}' } },
      /neither regenerate.key nor/,
    ],
    [
      'a chosen key that is not sent',
      { ...chosen, create: { method: 'POST', path: '/' } },
      /does not use {key} and {tag}/,
    ],
  ])('refuses %s', (_, changes, message) => {
    expect(() => read(typeof changes === 'string' ? changes : { ...describedAs(URL), ...changes })).toThrow(message);
  });

  it('can be copied from docs/rotators.md', () => {
    const page = readFileSync(join(__dirname, '../../docs/rotators.md'), 'utf8');
    const example = /```json\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
    expect(read(example)).toMatchObject({ api: { url: URL, keys: { mode: 'create', idempotent: true } } });
  });

  it('tells all that is wrong at once', () => {
    expect(() => read({ url: 'x', mode: 'y', limit: 0 }, { STRONGROOM_GRACE_SECONDS: 'long' })).toThrow(
      /STRONGROOM_GRACE_SECONDS is "long".*url is not.*mode is "y".*limit is not.*test is missing/,
    );
  });

  it('allows plain HTTP on loopback with the opt-out, and the opt-out for nothing else', () => {
    const disabled = { STRONGROOM_TLS: 'disabled' };
    expect(read(describedAs('http://127.0.0.1:8080'), disabled)).toMatchObject({ rotator: 'http-api-key' });
    expect(() => read(describedAs('http://10.0.0.1:8080'), disabled)).toThrow(/url is not https/);
    expect(() => read(describedAs(URL), disabled)).toThrow(/certificates are always verified/);
  });

  it('refuses a file of authorities without one', () => {
    writeFileSync(join(folder, 'ca.pem'), 'nothing');
    expect(() => read(describedAs(URL), { STRONGROOM_CA_FILE: join(folder, 'ca.pem') })).toThrow(/without a PEM/);
    expect(() => read(describedAs(URL), { STRONGROOM_CA_FILE: join(folder, 'none.pem') })).toThrow(/cannot be read/);
  });

  it('refuses a grace where no previous password is left to protect', () => {
    expect(() => read('{}', { STRONGROOM_ROTATOR: 'postgres-single-user', STRONGROOM_GRACE_SECONDS: '60' })).toThrow(
      /postgres-single-user leaves no previous password/,
    );
  });
});
