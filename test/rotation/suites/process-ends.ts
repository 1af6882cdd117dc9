import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Crash, CrashPlan, type End } from '../../drill/crash-plan';
import { mariadbMissing, startMariadb } from '../../drill/servers/mariadb';
import { mysqlMissing, startMysql } from '../../drill/servers/mysql';
import { type Postgres, startPostgres } from '../../drill/servers/postgres';
import { ROOT_PASSWORD, type SqlServer } from '../../drill/servers/sql-server';
import type { Connect, Credential, Session } from '../../rotation/database';
import { Deadline } from '../../rotation/deadline';
import { connect as connectToMysql } from '../../rotation/mysql/connection';
import { connect as connectToPostgres } from '../../rotation/postgres/connection';
import { canRun } from '../support/required';

/** What the tests ask a server, past the plan. */
interface Server {
  readonly connect: Connect;
  readonly port: number;
  readonly credential: Credential;
  /** How it names the session that asks. */
  readonly ownId: string;
  /** Whether the server still has it. */
  has(id: string): Promise<boolean>;
  /** How many sessions have ended without a goodbye. */
  unmannerly(): Promise<number>;
}

/** A process that has a session and ends in one of two ways at the next point. */
function endsOfProcesses(server: () => Server): void {
  async function endAs(
    end: End,
  ): Promise<{ readonly plan: CrashPlan; readonly session: Session; readonly id: string }> {
    const plan = new CrashPlan();
    // Connecting has two points, and each statement as many.
    plan.arm(7, end);
    const { connect, port, credential, ownId } = server();
    const session = await plan.connect(connect)(
      { host: '127.0.0.1', port, database: 'postgres', tls: { mode: 'disabled' } },
      credential,
      Deadline.ofStep({}),
    );
    // In a transaction, so that the session is missed.
    await session.query('beginning', 'BEGIN');
    const [row] = await session.query('the id', `SELECT ${ownId} AS id`);
    const id = String(row?.id);
    await expect(session.query('never sent', 'SELECT 1')).rejects.toBeInstanceOf(Crash);
    // What a program does on its way out, which a process that is gone does not.
    await session.close();
    return { plan, session, id };
  }

  it('leaves its server without a word when it is killed', async () => {
    const before = await server().unmannerly();
    const { id } = await endAs('killed');
    await expect.poll(() => server().has(id)).toBe(false);
    expect(await server().unmannerly()).toBe(before + 1);
  });

  it('keeps its session when it is frozen, and can do nothing with it, until the next is armed', async () => {
    const before = await server().unmannerly();
    const { plan, session, id } = await endAs('frozen');
    plan.revive();
    await expect(session.query('never sent', 'SELECT 1')).rejects.toBeInstanceOf(Crash);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await server().has(id)).toBe(true);
    plan.arm(0);
    await expect.poll(() => server().has(id)).toBe(false);
    expect(await server().unmannerly()).toBe(before + 1);
  });
}

describe('a process with a session of PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres.stop());

  endsOfProcesses(() => ({
    connect: connectToPostgres,
    port: postgres.port,
    credential: { username: postgres.superuser, password: postgres.password },
    ownId: 'pg_backend_pid()',
    has: async (id) => (await postgres.query('SELECT FROM pg_stat_activity WHERE pid = $1', [id])).length > 0,
    unmannerly: async () => postgres.log().split('unexpected EOF on client connection').length - 1,
  }));
});

describe.each([
  { part: 'mariadb', missing: mariadbMissing, start: startMariadb },
  { part: 'mysql', missing: mysqlMissing, start: startMysql },
] as const)('a process with a session of $part', ({ part, missing, start }) => {
  describe.skipIf(!canRun(part, missing()))('on a real server', () => {
    let server: SqlServer;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server.stop());

    endsOfProcesses(() => ({
      connect: connectToMysql,
      port: server.port,
      credential: { username: 'root', password: ROOT_PASSWORD },
      ownId: 'CONNECTION_ID()',
      has: async (id) =>
        (await server.query(`SELECT 1 FROM information_schema.processlist WHERE id = ${id}`)).length > 0,
      unmannerly: async () => {
        const [row] = await server.query("SHOW GLOBAL STATUS LIKE 'Aborted_clients'");
        return Number(row?.Value);
      },
    }));
  });
});
