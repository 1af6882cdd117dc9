import { describe, expect, it } from 'vitest';
import { readConfiguration } from '../../rotation/configuration';

const ARN = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:prod/myapp/database-AbCdEf';

const RIGHT = {
  STRONGROOM_ROTATOR: 'postgres-single-user',
  STRONGROOM_SECRETS: JSON.stringify([ARN]),
  STRONGROOM_HOST: 'db.example.internal',
  STRONGROOM_PORT: '5432',
  STRONGROOM_DATABASE: 'myapp',
  STRONGROOM_TLS: 'disabled',
};

describe('readConfiguration', () => {
  it('reads what the stack wrote, with defaults for the rest', () => {
    expect(readConfiguration(RIGHT)).toEqual({
      rotator: 'postgres-single-user',
      secrets: [ARN],
      target: { host: 'db.example.internal', port: 5432, database: 'myapp', tls: { mode: 'disabled' } },
      grants: [],
      password: { length: 32, exclude: '' },
      steps: { fastCutover: false, ledger: 'label', searchVersions: 0 },
    });
  });

  it('names all that is missing, together', () => {
    const read = () => readConfiguration({});
    expect(read).toThrow(expect.objectContaining({ name: 'InvalidConfiguration' }));
    for (const name of ['ROTATOR', 'SECRETS', 'HOST', 'PORT', 'DATABASE', 'CA_FILE'])
      expect(read).toThrow(`STRONGROOM_${name} is missing`);
  });

  it.each([
    ['STRONGROOM_ROTATOR', 'toString', 'not one of postgres-single-user'],
    ['STRONGROOM_SECRETS', '[]', 'with at least one'],
    ['STRONGROOM_SECRETS', ARN, 'is not a JSON list'],
    ['STRONGROOM_SECRETS', '["prod/myapp"]', 'names "prod/myapp", not the ARN of a secret'],
    ['STRONGROOM_HOST', 'db.example/path', 'not a host name'],
    ['STRONGROOM_PORT', '0', 'not a port from 1 to 65535'],
    ['STRONGROOM_PORT', '65536', 'not a port from 1 to 65535'],
    ['STRONGROOM_PORT', '5e3', 'not a port from 1 to 65535'],
    ['STRONGROOM_DATABASE', 'ü'.repeat(32), 'has 64 bytes, and PostgreSQL allows 63'],
    ['STRONGROOM_SCHEMA', 's'.repeat(64), 'has 64 bytes'],
    ['STRONGROOM_GRANTS', 'readonly', 'is not a JSON list of role names'],
    ['STRONGROOM_GRANTS', '[""]', 'is not a JSON list of role names'],
    ['STRONGROOM_SUPERUSER_SECRET', 'master', 'not the ARN of a secret'],
    ['STRONGROOM_SUPERUSER_SECRET', ARN, 'is one of STRONGROOM_SECRETS'],
    ['STRONGROOM_USER_HOST', "%' IDENTIFIED BY 'x", 'not an address, a network, a name or a pattern'],
    ['STRONGROOM_USER_HOST', '1'.repeat(61), 'of up to 60 characters'],
    ['STRONGROOM_TLS', 'require', 'not verify-full or disabled'],
    ['STRONGROOM_USERNAME', '{"a":"b"}', `has no user for ${ARN}, names "a"`],
    ['STRONGROOM_USERNAME', '{"a":1}', 'is not a JSON object from ARNs'],
    ['STRONGROOM_PROBES', 'SELECT 1', 'is not a JSON list of SQL statements'],
    ['STRONGROOM_PROBES', '[" "]', 'is not a JSON list of SQL statements'],
    ['STRONGROOM_PROBES', JSON.stringify(Array(21).fill('SELECT 1')), 'has 21 statements, and at most 20'],
    ['STRONGROOM_PASSWORD_LENGTH', '8', 'is not a whole number from 16 to 128'],
    ['STRONGROOM_PASSWORD_LENGTH', 'long', 'is "long", not a whole number'],
    ['STRONGROOM_FAST_CUTOVER', 'yes', 'is "yes", not on or off'],
    ['STRONGROOM_LEDGER', 'tag', 'is "tag", not label or none'],
    ['STRONGROOM_LEDGER', 'none', 'nothing else finds the password of an abandoned rotation'],
    ['STRONGROOM_SEARCH_VERSIONS', '4', 'is "4", not a whole number from 0 to 3'],
    ['STRONGROOM_SEARCH_VERSIONS', '1.5', 'is "1.5", not a whole number from 0 to 3'],
  ])('refuses %s=%s', (name, value, message) => {
    expect(() => readConfiguration({ ...RIGHT, [name]: value })).toThrow(message);
  });

  it.each([
    ['/nowhere/ca.pem', 'cannot be read'],
    [__filename.replace('configuration.test', 'crash'), 'without a PEM certificate'],
  ])('refuses the CA file %s', (file, message) => {
    expect(() => readConfiguration({ ...RIGHT, STRONGROOM_TLS: 'verify-full', STRONGROOM_CA_FILE: file })).toThrow(
      message,
    );
  });

  it.each(['mariadb-two-passwords', 'mysql-dual-password', 'mariadb-alternating-users', 'mysql-alternating-users'])(
    'wants the user of every secret of %s, which has no other way to know whose it is',
    (rotator) => {
      const variables = { ...RIGHT, STRONGROOM_ROTATOR: rotator, STRONGROOM_SUPERUSER_SECRET: `${ARN}2` };
      expect(() => readConfiguration(variables)).toThrow('STRONGROOM_USERNAME is missing');
      expect(readConfiguration({ ...variables, STRONGROOM_USERNAME: 'app' })).toMatchObject({
        usernames: { [ARN]: 'app' },
      });
      const several = { ...variables, STRONGROOM_SECRETS: JSON.stringify([ARN, `${ARN}3`]) };
      expect(() => readConfiguration({ ...several, STRONGROOM_USERNAME: 'app' })).toThrow(
        'STRONGROOM_USERNAME is one name for several secrets',
      );
      const users = { [ARN]: 'app', [`${ARN}3`]: 'other' };
      expect(readConfiguration({ ...several, STRONGROOM_USERNAME: JSON.stringify(users) })).toMatchObject({
        usernames: users,
      });
    },
  );

  it.each([
    ['mariadb-two-passwords', 'names 2 roles, and MariaDB puts one into force at a login'],
    ['mariadb-alternating-users', 'names 2 roles, and MariaDB puts one into force at a login'],
    ['mysql-dual-password', undefined],
  ])('knows how many roles %s can put into force', (rotator, message) => {
    const variables = {
      ...RIGHT,
      STRONGROOM_ROTATOR: rotator,
      STRONGROOM_SUPERUSER_SECRET: `${ARN}2`,
      STRONGROOM_USERNAME: 'app',
    };
    expect(readConfiguration({ ...variables, STRONGROOM_GRANTS: '["a"]' })).toMatchObject({ grants: ['a'] });
    const read = () => readConfiguration({ ...variables, STRONGROOM_GRANTS: '["a","b"]' });
    if (message === undefined) expect(read()).toMatchObject({ grants: ['a', 'b'] });
    else expect(read).toThrow(message);
  });

  it('reads the host of a user that is to be made, and has none by default', () => {
    expect(readConfiguration({ ...RIGHT, STRONGROOM_USER_HOST: '10.0.%' })).toMatchObject({ userHost: '10.0.%' });
    expect(readConfiguration(RIGHT)).not.toHaveProperty('userHost');
  });

  it('names several wrong values together', () => {
    const read = () => readConfiguration({ ...RIGHT, STRONGROOM_PORT: 'x', STRONGROOM_TLS: 'x' });
    expect(read).toThrow(/STRONGROOM_PORT.*; STRONGROOM_TLS/);
  });
});
