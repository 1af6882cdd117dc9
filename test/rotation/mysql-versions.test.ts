import { describe, expect, it } from 'vitest';
import type { Row, Session } from '../../rotation/database';
import { requireMariadb, requireMysql } from '../../rotation/mysql/server';

/** What a server of this version says; none of the old ones runs here. */
const ofVersion = (version: string): Session => ({
  query: async (): Promise<readonly Row[]> => [{ version, readOnly: 0, strict: 0, plugins: null }],
  close: async () => {},
});

describe('M5 the version of a server is compared as numbers', () => {
  const mysql = (version: string) => requireMysql(ofVersion(version), [8, 0, 14], 'this needs');
  const mariadb = (version: string) => requireMariadb(ofVersion(version), [10, 4, 0], 'this needs');

  it.each(['5.7.44-log', '8.0.9', '8.0.13', '10.11.6-MariaDB'])('MySQL %s is refused', async (version) => {
    await expect(mysql(version)).rejects.toMatchObject({ name: 'ServerTooOld' });
  });

  it.each(['8.0.14', '8.0.36', '8.4.0', '9.7.4-2', '10.0.0'])('MySQL %s is taken', async (version) => {
    await expect(mysql(version)).resolves.toBeUndefined();
  });

  it.each(['10.3.39-MariaDB', '5.5.68-MariaDB', '8.4.0', '9.7.4'])('MariaDB %s is refused', async (version) => {
    await expect(mariadb(version)).rejects.toMatchObject({ name: 'ServerTooOld' });
  });

  it.each(['10.4.0-MariaDB', '10.10.2-MariaDB', '5.5.5-10.11.19-MariaDB-log', '11.4.5-MariaDB'])(
    'MariaDB %s is taken',
    async (version) => {
      await expect(mariadb(version)).resolves.toBeUndefined();
    },
  );
});
