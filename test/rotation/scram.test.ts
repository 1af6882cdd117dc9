import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { scramVerifier } from '../../rotation/scram';
import { type Postgres, startPostgres } from '../support/postgres';

describe('scramVerifier', () => {
  it('gives the verifier of the example in RFC 7677', async () => {
    const salt = Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64');
    expect(await scramVerifier('pencil', salt)).toBe(
      'SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=',
    );
  });

  it('has a new salt every time', async () => {
    expect(await scramVerifier('pencil')).not.toBe(await scramVerifier('pencil'));
  });

  describe('on a real server', () => {
    let postgres: Postgres;
    beforeAll(async () => {
      postgres = await startPostgres({
        settings: { password_encryption: 'md5' },
        hba: [
          'host all by_password 127.0.0.1/32 password',
          'host all by_md5 127.0.0.1/32 md5',
          'host all all 127.0.0.1/32 scram-sha-256',
        ],
      });
    });
    afterAll(() => postgres.stop());

    it.each(['by_scram', 'by_md5', 'by_password'])(
      'logs in %s, although the server would make md5 hashes',
      async (role) => {
        await postgres.query(`CREATE ROLE ${role} LOGIN PASSWORD '${await scramVerifier(`p-${role}-~!`)}'`);
        await (await postgres.connect(role, `p-${role}-~!`)).end();
        await expect(postgres.connect(role, 'wrong')).rejects.toMatchObject({ code: '28P01' });
      },
    );
  });
});
