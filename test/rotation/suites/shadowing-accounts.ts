import { beforeAll, describe, expect, it } from 'vitest';
import { standsBefore } from '../../../rotation/mysql/hosts';
import { succeed } from '../every-point';
import { STEPS } from '../faults';
import { account, baseOf, type Flavour, type Pairs } from './sql-pairs';
import { lets, type SqlWorld } from './sql-world';

/** Forms of hosts that let in a client of this machine, on both servers. */
const HOSTS = ['%', '127.%', '127.0.%', '127.0.0.1', 'localhost', '127.0.0.0/255.0.0.0', '127.0.0.0/255.255.255.0'];

/** An account of the clone's name at a narrower host: the server would ask it for its own password, not the clone. */
export function shadowingAccounts(flavour: Flavour, world: () => SqlWorld, { pair, same, said }: Pairs): void {
  const query = (sql: string) => world().server.query(sql);

  describe('an account of the name of the clone for a narrower host', () => {
    it.each(['127.0.0.1', '127.0.0.0/255.255.255.0', '127.3.%'])(
      'is named before the clone is made, at the first try and at the next: %s',
      async (host) => {
        const subject = await pair();
        const clone = `${baseOf(subject)}_clone`;
        await query(`CREATE USER ${account(clone, host)} IDENTIFIED BY 'of-somebody'`);
        const accounts = () => query(`SELECT Host FROM mysql.user WHERE User = '${clone}'`);
        const token = await subject.begin();
        await subject.step('createSecret', token);
        for (const _ of ['first', 'next']) {
          await expect(subject.step('setSecret', token)).rejects.toMatchObject({
            name: 'AccountShadowed',
            message: expect.stringContaining(`DROP USER \`${clone}\`@\`${host}\``),
          });
          expect(await accounts()).toEqual([{ Host: host }]);
        }
        expect(subject.lines.map((line) => JSON.parse(line).logins.failed)).toEqual([0, 0, 0]);
        await query(`DROP USER ${account(clone, host)}`);
        for (const step of STEPS) await subject.step(step, token);
        await same(subject);
      },
    );

    it('is named too when it was made after the clone, while the base is current', async () => {
      const subject = await pair();
      await succeed(subject);
      await succeed(subject);
      const clone = `${baseOf(subject)}_clone`;
      await query(`CREATE USER ${account(clone, '127.0.0.1')} IDENTIFIED BY 'of-somebody'`);
      expect((await subject.rotate()).error).toMatchObject({ name: 'AccountShadowed' });
      expect(await world().opens(await subject.value())).toBe(true);
    });

    it.each([
      ['that no client of the clone comes from', '10.%', false],
      ['that is wider', '%', false],
      ['where the base has one too, so that its clients are none of ours', '127.3.%', true],
    ])('is left alone at a host %s', async (_, host, ofBase) => {
      const subject = await pair();
      const names = [`${baseOf(subject)}_clone`, ...(ofBase ? [baseOf(subject)] : [])];
      for (const name of names) await query(`CREATE USER ${account(name, host)} IDENTIFIED BY 'of-somebody'`);
      const before = await Promise.all(names.map((name) => said(name, host)));
      for (let round = 0; round < 2; round++) await succeed(subject);
      expect(await Promise.all(names.map((name) => said(name, host)))).toEqual(before);
    });
  });

  describe('of two accounts of one name', () => {
    const asked = (name: string, password: string) => lets(world().server, { username: name, password });
    let client: string;

    beforeAll(async () => {
      const connection = await world().server.connect('root', flavour.rootPassword);
      const [rows] = await connection.query('SELECT USER() AS user');
      client = String((rows as { user: string }[])[0]?.user).replace(/.*@/, '');
      await connection.end();
    });

    it.each(HOSTS)('the server asks that which is expected, beside %s', async (ours) => {
      for (const other of HOSTS.filter((host) => host !== ours)) {
        const name = 'one_of_two';
        await query(
          `CREATE USER ${account(name, ours)} IDENTIFIED BY 'ours', ${account(name, other)} IDENTIFIED BY 'other'`,
        );
        const both = async () => [await asked(name, 'other'), await asked(name, 'ours')];
        const expected = standsBefore(other, ours, client);
        // The servers differ in what comes first: the name of a machine, or its address.
        const named = [ours, other].includes('localhost') && ![ours, other].some((host) => host.endsWith('%'));
        if (!named) expect([other, ...(await both())]).toEqual([other, expected, !expected]);
        await query(`DROP USER ${account(name, ours)}, ${account(name, other)}`);
      }
    });
  });
}
