import { Testing } from 'cdktf';
import { describe, expect, it } from 'vitest';
import { PostgresDatabase, type PostgresDatabaseProps } from '../../../constructs/aws/postgres-database';
import { Secret } from '../../../constructs/aws/secret';
import { awsStack, PROD, refusedLines, SANDBOX, synthesized } from '../../support/aws-environment';

const databaseIn = (props: Partial<PostgresDatabaseProps> = {}, environment = PROD) =>
  synthesized((stack) => void new PostgresDatabase(stack, 'database', { name: 'myapp', ...props }), environment);

const refusal = (props: Partial<PostgresDatabaseProps>, id = 'database') =>
  refusedLines(() => new PostgresDatabase(awsStack(), id, { name: 'myapp', ...props }));

const DATA_KEY = expect.stringMatching(/^\$\{aws_kms_key\.data-key_[^.]+\.arn\}$/);

describe('PostgresDatabase', () => {
  it('has a master password that RDS makes and keeps, and no other', async () => {
    const instance = (await databaseIn()).one('aws_db_instance');
    expect(instance).toMatchObject({
      username: 'strongroom_master',
      manage_master_user_password: true,
      master_user_secret_kms_key_id: DATA_KEY,
    });
    for (const argument of ['password', 'password_wo']) expect(instance).not.toHaveProperty(argument);
  });

  it('is encrypted and logged under the data key, since the key of secrets would refuse RDS', async () => {
    const { one, all } = await databaseIn();
    expect(one('aws_db_instance')).toMatchObject({
      storage_encrypted: true,
      kms_key_id: DATA_KEY,
      performance_insights_enabled: true,
      performance_insights_kms_key_id: DATA_KEY,
    });
    expect(Object.keys(all('aws_kms_key'))).toHaveLength(1);
  });

  it('has log groups with a key and an end before RDS makes them without', async () => {
    const { all, waitsFor } = await databaseIn();
    const groups = Object.entries(all('aws_cloudwatch_log_group')).filter(([name]) => name.startsWith('database_'));
    expect(groups.map(([, body]) => body['name'])).toEqual([
      '/aws/rds/instance/prod-myapp-database/postgresql',
      '/aws/rds/instance/prod-myapp-database/upgrade',
    ]);
    for (const [name, body] of groups) {
      expect(body).toMatchObject({ kms_key_id: DATA_KEY, retention_in_days: 365 });
      expect(waitsFor('aws_db_instance')).toContain(`aws_cloudwatch_log_group.${name}`);
    }
  });

  it('is reached from the network alone, by whom its own security group lets in', async () => {
    const { one, all } = await databaseIn();
    expect(one('aws_db_instance')).toMatchObject({
      publicly_accessible: false,
      vpc_security_group_ids: [expect.stringMatching(/^\$\{aws_security_group\.database_/)],
    });
    expect(one('aws_db_subnet_group')['subnet_ids']).toHaveLength(2);
    expect(all('aws_vpc_security_group_ingress_rule')).toEqual({});
    for (const group of Object.values(all('aws_security_group'))) {
      expect(group).not.toHaveProperty('ingress');
      expect(group).not.toHaveProperty('egress');
    }
  });

  it('takes TLS only, logins by IAM too, and writes no statement with a password into its log', async () => {
    const { one } = await databaseIn();
    expect(one('aws_db_instance')).toMatchObject({
      iam_database_authentication_enabled: true,
      ca_cert_identifier: 'rds-ca-rsa2048-g1',
    });
    expect(one('aws_db_parameter_group')['parameter']).toEqual(
      expect.arrayContaining([
        { name: 'rds.force_ssl', value: '1' },
        { name: 'password_encryption', value: 'scram-sha-256' },
        { name: 'log_statement', value: 'none' },
      ]),
    );
  });

  it('has settings of its version, made before those of the old one go', async () => {
    const { one } = await databaseIn({ version: '18' });
    expect(one('aws_db_instance')['engine_version']).toBe('18');
    expect(one('aws_db_parameter_group')).toMatchObject({
      name: 'prod-myapp-database-postgres18',
      family: 'postgres18',
      lifecycle: { create_before_destroy: true },
    });
  });

  it('is guarded in production', async () => {
    const { one } = await databaseIn();
    expect(one('aws_db_instance')).toMatchObject({
      multi_az: true,
      deletion_protection: true,
      skip_final_snapshot: false,
      final_snapshot_identifier: 'prod-myapp-database-final',
      delete_automated_backups: false,
      backup_retention_period: 35,
      copy_tags_to_snapshot: true,
      lifecycle: { prevent_destroy: true },
    });
  });

  it('goes without a trace in a sandbox', async () => {
    const instance = (await databaseIn({}, SANDBOX)).one('aws_db_instance');
    expect(instance).toMatchObject({
      multi_az: false,
      deletion_protection: false,
      skip_final_snapshot: true,
      delete_automated_backups: true,
      backup_retention_period: 1,
      lifecycle: { prevent_destroy: false },
    });
    expect(instance).not.toHaveProperty('final_snapshot_identifier');
  });

  it('takes what is said otherwise', async () => {
    const { one } = await databaseIn({
      instanceClass: 'db.m7g.large',
      storageGib: 100,
      multipleZones: false,
      deletionProtection: false,
    });
    expect(one('aws_db_instance')).toMatchObject({
      instance_class: 'db.m7g.large',
      allocated_storage: 100,
      multi_az: false,
      deletion_protection: false,
    });
  });

  it('knows its superuser by what RDS made', () => {
    const database = new PostgresDatabase(awsStack(), 'database', { name: 'myapp' });
    expect(database).toMatchObject({ made: true, port: 5432, name: 'myapp', identifier: 'prod-myapp-database' });
    expect(database.superuser.arn).toMatch(/^\$\{TfToken/);
    expect(database.ready).toHaveLength(1);
  });

  it.each(['12', '20', '17.4', 'latest'])('refuses version %s', (version) => {
    expect(refusal({ version })).toEqual([
      `prod-myapp-aws/database: version is "${version}", allowed is a major version from 13 up; write the major version alone, such as '17': RDS chooses the newest minor one [SR-DATABASE-VERSION]`,
    ]);
  });

  it.each([19, 65_537, 20.5])('refuses %d GiB', (storageGib) => {
    expect(refusal({ storageGib })).toEqual([
      `prod-myapp-aws/database: storageGib is ${storageGib}, allowed are whole GiB from 20 to 65536; leave it out for 20 [SR-DATABASE-STORAGE]`,
    ]);
  });

  it('refuses names that RDS or PostgreSQL would refuse, all together', () => {
    expect(refusal({ name: 'my-app', version: '9' }).map((line) => line.slice(line.lastIndexOf('[')))).toEqual([
      '[SR-DATABASE-VERSION]',
      '[SR-NAME-ILLEGAL]',
    ]);
    expect(refusal({}, 'Orders_DB')[0]).toContain('id gives an instance of RDS the name "prod-myapp-Orders_DB"');
  });

  it('may hold a database of the same name as another instance, in the same account', () => {
    const app = Testing.app();
    new PostgresDatabase(awsStack({ ...PROD, name: 'dev' }, app), 'database', { name: 'myapp' });
    const stack = awsStack(PROD, app);
    new PostgresDatabase(stack, 'database', { name: 'myapp' });
    expect(() => new PostgresDatabase(stack, 'archive', { name: 'myapp' })).not.toThrow();
  });
});

describe('PostgresDatabase.existing', () => {
  const HOST = { host: 'db.example.com', name: 'orders' };
  const KEY = 'arn:aws:kms:eu-central-1:111122223333:key/11111111-2222-3333-4444-555555555555';

  it('is known by its host', () => {
    expect(PostgresDatabase.existing(HOST)).toEqual({
      engine: 'postgres',
      host: 'db.example.com',
      port: 5432,
      name: 'orders',
      superuser: undefined,
      securityGroupId: undefined,
      made: false,
      ready: [],
    });
  });

  it('takes the key along with its superuser’s secret, without which nobody could read it', () => {
    const arn = 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:superuser-AbCdEf';
    const superuser = Secret.fromArn(awsStack(), 'superuser', arn, { keyArn: KEY });
    expect(PostgresDatabase.existing({ ...HOST, superuser }).superuser).toEqual({ arn, keyArn: KEY });
  });

  it('refuses a superuser’s secret that is known by its name only', () => {
    const superuser = Secret.fromName(awsStack(), 'superuser', 'superuser');
    expect(refusedLines(() => PostgresDatabase.existing({ ...HOST, superuser }))[0]).toContain('[SR-SECRET-BY-NAME]');
  });

  it.each(['postgres://db.example.com', 'user@db', 'db.example.com:5432', ''])('refuses %j as a host', (host) => {
    expect(refusedLines(() => PostgresDatabase.existing({ ...HOST, host }))).toEqual([
      `PostgresDatabase.existing: host is ${JSON.stringify(host)}, allowed is a host name alone; write the name that is in the certificate of the server, without scheme, user and port [SR-DATABASE-HOST]`,
    ]);
  });

  it.each([0, 65_536, 1.5])('refuses the port %d', (port) => {
    expect(refusedLines(() => PostgresDatabase.existing({ ...HOST, port }))[0]).toContain('[SR-DATABASE-PORT]');
  });
});
