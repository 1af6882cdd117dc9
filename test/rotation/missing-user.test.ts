import { describe, expect, it } from 'vitest';
import { excludes } from '../../rotation/mysql/hosts';
import { mariadbMissing, ROOT_PASSWORD, startMariadb } from '../support/mariadb';
import { mysqlMissing, startMysql } from '../support/mysql';
import { missingUserSuite } from './suites/missing-user';

describe('a host of which a client is not', () => {
  it.each([
    ['10.0.0.0/255.255.0.0', '10.1.0.1', true],
    ['10.0.0.0/255.255.0.0', '10.0.7.1', false],
    ['10.0.0.0/16', '10.1.0.1', true],
    ['10.0.%', '10.1.0.1', true],
    ['10.0.%', '10.0.7.1', false],
    ['10.0.7.1', '10.0.7.2', true],
    ['10.0.7.1', '10.0.7.1', false],
    ['10.0.%', 'localhost', true],
    ['127.0.0.1', 'localhost', false],
    ['%', '10.0.7.1', false],
    // Nothing is known of what a name stands for.
    ['app.example.com', '10.0.7.1', false],
    ['10.0.%', 'app.example.com', false],
    ['%.example.com', '10.0.7.1', false],
  ])('%s, %s: %s', (host, client, excluded) => {
    expect(excludes(host, client)).toBe(excluded);
  });
});

missingUserSuite({
  part: 'mariadb',
  missing: mariadbMissing,
  rootPassword: ROOT_PASSWORD,
  start: startMariadb,
  rotators: [
    { rotator: 'mariadb-two-passwords', alternates: false },
    { rotator: 'mariadb-alternating-users', alternates: true },
  ],
});

missingUserSuite({
  part: 'mysql',
  missing: mysqlMissing,
  rootPassword: ROOT_PASSWORD,
  start: startMysql,
  rotators: [
    { rotator: 'mysql-dual-password', alternates: false },
    { rotator: 'mysql-alternating-users', alternates: true },
  ],
});
