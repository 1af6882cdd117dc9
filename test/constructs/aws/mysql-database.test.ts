import { describe, expect, it } from 'vitest';
import { DatabaseSecret } from '../../../constructs/aws/database-secret';
import { MariadbDatabase } from '../../../constructs/aws/mariadb-database';
import { MysqlDatabase } from '../../../constructs/aws/mysql-database';
import { Value } from '../../../constructs/core/value';
import { awsStack, refusedLines, synthesized } from '../../support/aws-environment';

const HOST = { host: 'db.example.com', name: 'orders' } as const;

const PRODUCTS = [
  { engine: 'mysql', version: '8.4', Database: MysqlDatabase },
  { engine: 'mariadb', version: '11.4', Database: MariadbDatabase },
] as const;

describe.each(PRODUCTS)('a database of $engine on RDS', ({ engine, version, Database }) => {
  const made = () => synthesized((stack) => void new Database(stack, 'database', { name: 'myapp' }));

  it('is an instance in a private network, whose master password RDS keeps', async () => {
    expect((await made()).one('aws_db_instance')).toMatchObject({
      engine,
      engine_version: version,
      port: 3306,
      manage_master_user_password: true,
      publicly_accessible: false,
      storage_encrypted: true,
    });
  });

  it('has a master whose name is as short as RDS wants it here', async () => {
    expect(String((await made()).one('aws_db_instance')['username'])).toMatch(/^[a-z]{1,16}$/);
  });

  it('takes no connection without TLS, and writes no statement into a log', async () => {
    const group = (await made()).one('aws_db_parameter_group');
    expect(group['family']).toBe(`${engine}${version}`);
    expect(group['parameter']).toEqual([
      { name: 'require_secure_transport', value: '1' },
      { name: 'general_log', value: '0' },
      { name: 'slow_query_log', value: '0' },
    ]);
  });

  it('names its settings after the version, without the dots that RDS refuses', async () => {
    const name = String((await made()).one('aws_db_parameter_group')['name']);
    expect(name).toBe(`prod-myapp-database-${engine}${version.replace('.', '-')}`);
  });

  it('exports only the log that holds no statements', async () => {
    const { one, all } = await made();
    expect(one('aws_db_instance')['enabled_cloudwatch_logs_exports']).toEqual(['error']);
    const names = Object.values(all('aws_cloudwatch_log_group')).map(({ name }) => name);
    expect(names).toContain('/aws/rds/instance/prod-myapp-database/error');
  });

  it('refuses a version that RDS does not make', () => {
    const make = () => new Database(awsStack(), 'database', { name: 'myapp', version: '5.7' });
    expect(refusedLines(make)).toEqual([
      expect.stringMatching(/^prod-myapp-aws\/database: version is "5\.7", allowed are .* \[SR-DATABASE-VERSION\]$/),
    ]);
  });

  it('refuses the name of a database that the server has already', () => {
    const make = () => new Database(awsStack(), 'database', { name: 'mysql' });
    expect(refusedLines(make)).toEqual([expect.stringMatching(/which the server has already.*\[SR-NAME-ILLEGAL\]$/)]);
  });

  it('says in the secret what it is', async () => {
    const { one } = await synthesized((stack) => {
      const database = new Database(stack, 'database', { name: 'myapp' });
      const value = Value.generated({ since: '2026-11-01' });
      const secret = { name: 'myapp/database', owner: 'payments', database, username: 'myapp', value };
      new DatabaseSecret(stack, 'credentials', secret).rotatedBy(database.ready[0] as never);
    });
    expect(one('aws_secretsmanager_secret_version')['secret_string_wo']).toContain(`"engine" = "${engine}"`);
  });

  it('that exists is known by its host', () => {
    expect(Database.existing(HOST)).toMatchObject({ engine, host: 'db.example.com', port: 3306, made: false });
  });
});

describe('an existing database', () => {
  it('of Aurora says so in the secret', () => {
    expect(MysqlDatabase.existing({ ...HOST, engine: 'aurora-mysql' }).engine).toBe('aurora-mysql');
  });

  it('is of its own product', () => {
    expect(refusedLines(() => MysqlDatabase.existing({ ...HOST, engine: 'mariadb' as 'mysql' }))).toEqual([
      'MysqlDatabase.existing: engine is "mariadb", allowed are "mysql" and "aurora-mysql"; leave it out for "mysql" [SR-DATABASE-ENGINE]',
    ]);
  });

  it.each([
    ['mysql', MysqlDatabase, 32],
    ['mariadb', MariadbDatabase, 80],
  ] as const)('of %s has users of its own length', (_, Database, longest) => {
    const secret = (username: string) => () =>
      new DatabaseSecret(awsStack(), 'credentials', {
        name: 'myapp/database',
        owner: 'payments',
        database: Database.existing(HOST),
        username,
        value: Value.external({ since: '2026-11-01' }),
      });
    expect(secret('a'.repeat(longest))).not.toThrow();
    expect(refusedLines(secret('a'.repeat(longest + 1)))[0]).toContain(`allowed are up to ${longest} lower-case`);
    expect(refusedLines(secret('root'))[0]).toContain('[SR-DATABASE-USER]');
  });
});
