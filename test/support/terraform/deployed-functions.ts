import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { unzipSync } from 'fflate';
import { makeBundle } from '../../../rotation/bundle';
import { SHIPPED_CA_FILE } from '../../../rotation/configuration';
import type { Connect } from '../../../rotation/database';
import { handlerIn } from '../../../rotation/handler';
import { connect } from '../../../rotation/postgres/connection';
import { type SecretStore, secretsManager } from '../../../rotation/secrets-manager';
import { clientOf, lets } from '../../rotation/world';
import { temporaryFolder } from '../once';
import { type Postgres, startPostgres } from '../postgres';
import type { AwsOnLoopback, RotationFunctions } from './rotation-functions';

/** What RDS tells of a stack's only database. */
interface Instance {
  readonly address: string;
  readonly name: string;
  readonly master: string;
  readonly masterSecret: string;
}

/** The database that an application finds at the instance's address. */
interface Database extends Instance {
  readonly postgres: Postgres;
  /** Where the superuser's value is, in place of the secret that RDS manages. */
  readonly superuser: string;
  /** What is shipped beside the packed function, which is run here from its sources. */
  readonly authorities: string;
}

/**
 * The rotation function of this project, with the variables that the stack has given to Lambda, on a PostgreSQL that
 * stands for the stack's RDS instance: it is reached by the instance's address, and its superuser by the secret's ARN
 * that RDS names.
 */
export function deployedFunctions(aws: AwsOnLoopback): RotationFunctions {
  const { service } = aws.manager;
  const store = secretsManager(clientOf(aws.manager));
  let starting: Promise<Database> | undefined;
  const database = () => {
    starting ??= startDatabase(aws);
    return starting;
  };
  return {
    invoke: async (event) => {
      const found = await database();
      const { RotationLambdaARN } = await service.call('DescribeSecret', { SecretId: event.SecretId });
      const handle = handlerIn({
        variables: { STRONGROOM_CA_FILE: found.authorities, ...(await variablesOf(aws, String(RotationLambdaARN))) },
        store: withSuperuser(store, found),
        reach: { connect: reaching(found) },
        write: () => {},
      });
      await handle(event);
    },
    takes: async (value) => {
      const { address, name, postgres } = await database();
      const { host, dbname, username, password } = JSON.parse(value) as Readonly<Record<string, string>>;
      return host === address && dbname === name && lets(postgres, `${username}`, `${password}`, name);
    },
    stop: async () => (await starting?.catch(() => undefined))?.postgres.stop(),
  };
}

async function startDatabase(aws: AwsOnLoopback): Promise<Database> {
  const instance = await onlyInstance(aws);
  const { master, name } = instance;
  const postgres = await startPostgres();
  const password = randomUUID();
  await postgres.query(`CREATE ROLE ${master} LOGIN CREATEROLE CREATEDB PASSWORD '${password}'`);
  await postgres.query(`CREATE DATABASE ${name} OWNER ${master}`);
  const created = await aws.manager.service.call('CreateSecret', {
    Name: 'rds!db-superuser',
    SecretString: JSON.stringify({ username: master, password }),
  });
  return { ...instance, postgres, superuser: String(created.ARN), authorities: await shippedAuthorities() };
}

async function shippedAuthorities(): Promise<string> {
  const file = join(temporaryFolder('authorities'), SHIPPED_CA_FILE);
  writeFileSync(file, unzipSync((await makeBundle()).zip)[SHIPPED_CA_FILE] ?? '');
  return file;
}

function withSuperuser(store: SecretStore, { masterSecret, superuser }: Database): SecretStore {
  const real = (arn: string) => (arn === masterSecret ? superuser : arn);
  return {
    ...store,
    describe: (arn, deadline) => store.describe(real(arn), deadline),
    read: (arn, version, deadline) => store.read(real(arn), version, deadline),
  };
}

/** Other names lead nowhere. Without TLS, which other tests are about. */
function reaching({ address, postgres }: Database): Connect {
  return (target, credential, deadline) => {
    if (target.host !== address || target.port !== 5432) throw new Error(`${target.host}:${target.port} is not there`);
    const { host, port } = postgres;
    return connect({ ...target, host, port, tls: { mode: 'disabled' } }, credential, deadline);
  };
}

/** @see https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html */
async function variablesOf(aws: AwsOnLoopback, functionArn: string): Promise<Readonly<Record<string, string>>> {
  const path = `/2015-03-31/functions/${encodeURIComponent(functionArn)}/configuration`;
  const answer = await ask(aws, 'lambda', path);
  const { Environment } = JSON.parse(answer) as {
    readonly Environment?: { readonly Variables?: Readonly<Record<string, string>> };
  };
  return Environment?.Variables ?? {};
}

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html */
async function onlyInstance(aws: AwsOnLoopback): Promise<Instance> {
  const answer = await ask(aws, 'rds', '/', 'Action=DescribeDBInstances&Version=2014-10-31');
  const of = (element: string): string => {
    const found = [...answer.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, 'g'))].map(([, text]) => text);
    const [text] = found;
    if (text === undefined || found.length > 1) throw new Error(`RDS tells ${found.length} times of ${element}`);
    return text;
  };
  return {
    address: of('Address'),
    name: of('DBName'),
    master: of('MasterUsername'),
    masterSecret: of('SecretArn'),
  };
}

/** One request to moto, which looks at nothing of a signature but whose service it names. */
async function ask({ moto, region }: AwsOnLoopback, service: string, path: string, form?: string): Promise<string> {
  const scope = `loopback/20000101/${region}/${service}/aws4_request`;
  const response = await fetch(`${moto}${path}`, {
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`,
      ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
    },
    ...(form === undefined ? {} : { method: 'POST', body: form }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service} answered ${response.status}: ${text}`);
  return text;
}
