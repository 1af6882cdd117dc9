import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Postgres } from '../../../drill/servers/postgres';
import { ROOT_PASSWORD, type SqlServer } from '../../../drill/servers/sql-server';
import type { Connect, Credential, Session } from '../../../rotation/database';
import { Deadline } from '../../../rotation/deadline';
import { connect as connectToMysql } from '../../../rotation/mysql/connection';
import { connect as connectToPostgres } from '../../../rotation/postgres/connection';
import { Crash, CrashPlan, type End } from '../crash';

/** What is asked of a server, past the process that ends. */
export interface ServerOfProcess {
  readonly connect: Connect;
  readonly port: number;
  readonly credential: Credential;
  /** How it names the session that asks. */
  readonly ownId: string;
  /** Whether it still has a session. */
  has(id: string): Promise<boolean>;
  /** How many sessions have gone without a goodbye. */
  unmannerly(): Promise<number>;
}

export const ofPostgres = (postgres: Postgres): ServerOfProcess => ({
  connect: connectToPostgres,
  port: postgres.port,
  credential: { username: postgres.superuser, password: postgres.password },
  ownId: 'pg_backend_pid()',
  has: async (id) => (await postgres.query('SELECT FROM pg_stat_activity WHERE pid = $1', [id])).length > 0,
  unmannerly: async () => postgres.log().split('unexpected EOF on client connection').length - 1,
});

export const ofSqlServer = (server: SqlServer): ServerOfProcess => ({
  connect: connectToMysql,
  port: server.port,
  credential: { username: 'root', password: ROOT_PASSWORD },
  ownId: 'CONNECTION_ID()',
  has: async (id) => (await server.query(`SELECT 1 FROM information_schema.processlist WHERE id = ${id}`)).length > 0,
  unmannerly: async () => Number((await server.query("SHOW GLOBAL STATUS LIKE 'Aborted_clients'"))[0]?.Value),
});

/** What the crashes of the tests do to a server. Nothing else may use it meanwhile. */
export function endsOfProcesses(server: () => ServerOfProcess): void {
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
    await expect(session.query('never sent', 'SELECT 1')).rejects.toBeInstanceOf(Crash);
    // What a program does on its way out, and a process that is gone does not.
    await session.close();
    return { plan, session, id: String(row?.id) };
  }

  it('a process that is killed leaves its server without a word', async () => {
    const before = await server().unmannerly();
    const { id } = await endAs('killed');
    await expect.poll(() => server().has(id)).toBe(false);
    await expect.poll(() => server().unmannerly()).toBe(before + 1);
  });

  it('a process that is frozen keeps its session and does nothing with it, until the next is armed', async () => {
    const before = await server().unmannerly();
    const { plan, session, id } = await endAs('frozen');
    plan.revive();
    await expect(session.query('never sent', 'SELECT 1')).rejects.toBeInstanceOf(Crash);
    await wait(300);
    expect(await server().has(id)).toBe(true);
    plan.arm(0);
    await expect.poll(() => server().has(id)).toBe(false);
    await expect.poll(() => server().unmannerly()).toBe(before + 1);
  });
}
