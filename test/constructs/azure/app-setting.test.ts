import { describe, expect, it } from 'vitest';
import { settingProblems } from '../../../constructs/azure/app-setting';

function codes(name: string, value: string | { plain: string }) {
  return settingProblems({ [name]: value })
    .filter((problem) => problem !== undefined)
    .map(({ code }) => code);
}

describe('a literal app setting', () => {
  it.each([
    ['LOG_LEVEL', 'info'],
    ['WEBSITE_RUN_FROM_PACKAGE', '1'],
    ['TOKEN_URL', 'https://login.example.com/token'],
    ['SECRET_NAME', 'database-password'],
    ['AZURE_CLIENT_ID', '33333333-3333-3333-3333-333333333333'],
    ['DATABASE_URL', 'postgres://db.example.com:5432/myapp?sslmode=verify-full'],
    ['PASSENGER_COUNT', '3'],
    ['TOKEN_TTL', '3600'],
    ['COMPASS', 'north'],
    ['KEYBOARD', 'de'],
  ])('%s=%s is taken', (name, value) => {
    expect(codes(name, value)).toEqual([]);
  });

  it.each([
    ['DATABASE_PASSWORD', 'x'],
    ['DB_PASSWD', 'x'],
    ['db_pwd', 'x'],
    ['CLIENT_SECRET', 'x'],
    ['STRIPE_API_KEY', 'x'],
    ['APIKEY', 'x'],
    ['AccountKey', 'x'],
    ['GITHUB_TOKEN', 'x'],
    ['ConnectionString', 'x'],
    ['SENTRY_DSN', 'x'],
    ['SIGNING_KEY', 'x'],
    ['STORAGE', 'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=QUJD;EndpointSuffix=x'],
    ['DATABASE', 'Server=db;User Id=app;Password=hunter2'],
    ['DATABASE_URL', 'postgres://app:hunter2@db.example.com/myapp'],
    ['CERT', '-----BEGIN RSA PRIVATE KEY-----'],
    ['BLOB_URL', 'https://a.blob.core.windows.net/c?sv=2024&sig=abcdefgh123'],
    ['SESSION', 'eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.'],
    ['PAYMENTS', 'sk_live_0123456789'],
  ])('%s is refused as a secret', (name, value) => {
    expect(codes(name, value)).toEqual(['SR-AZURE-LITERAL-SECRET']);
  });

  it('is taken when it is said to be no secret', () => {
    expect(codes('TOKEN_HEADER', 'X-Token')).toEqual(['SR-AZURE-LITERAL-SECRET']);
    expect(codes('TOKEN_HEADER', { plain: 'X-Token' })).toEqual([]);
  });

  it('is refused as a reference written by hand', () => {
    expect(codes('DB', '@Microsoft.KeyVault(VaultName=v;SecretName=s)')).toEqual(['SR-AZURE-LITERAL-REFERENCE']);
  });

  it.each(['a-b', '1A', 'A B', ''])('is refused with the name %j', (name) => {
    expect(codes(name, 'x')).toEqual(['SR-AZURE-SETTING-NAME']);
  });

  it('is never repeated in a message', () => {
    const problems = settingProblems({ DATABASE: 'Password=hunter2', API_KEY: 'hunter2' });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
    expect(problems).toContainEqual({
      code: 'SR-AZURE-LITERAL-SECRET',
      property: 'settings.DATABASE',
      message: 'is a literal and looks like a secret by its form',
      fix: 'hand in secret.reference(); or, if it is no secret, say so with { plain: … }',
    });
  });
});
