import { describe, expect, it } from 'vitest';
import { SecretType } from '../../../constructs/core/secret-type';

describe('SecretType', () => {
  it.each([
    // name, days between two values, stores, may be stored
    ['api-key', 90, ['aws', 'azure', 'vault'], true],
    ['database-credential', 30, ['aws', 'azure', 'vault'], true],
    ['tls-certificate', 90, ['vault'], true],
    ['ssh-key', 365, ['vault'], true],
    ['encryption-key', 730, ['aws', 'azure', 'vault'], false],
    ['oauth-token', 0, [], false],
  ])('%s rotates within %i days, lives in %j', (name, longestDays, stores, persistable) => {
    const type = SecretType.ALL.find((one) => one.name === name);
    expect(type).toMatchObject({ longestDays, stores, persistable });
  });

  it('knows six types and no other', () => {
    expect(SecretType.ALL.map(String)).toEqual([
      'api-key',
      'database-credential',
      'tls-certificate',
      'ssh-key',
      'encryption-key',
      'oauth-token',
    ]);
  });
});
