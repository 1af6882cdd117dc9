import { type ITerraformDependable, Token } from 'cdktf';
import { type Problem, refuse } from '../core/errors';
import type { ISecret } from './secret';

/** @see https://www.rfc-editor.org/rfc/rfc1123#section-2.1 */
const HOST = /^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;
const LONGEST_HOST = 253;

/**
 * What a secret says about its database, so that clients and rotators know how to speak to it.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
export type DatabaseEngine = 'postgres' | 'aurora-postgresql' | 'mysql' | 'aurora-mysql' | 'mariadb';

/** Databases that speak one protocol and keep users in one way. */
export type DatabaseFamily = 'postgres' | 'mysql' | 'mariadb';

/** The family of each engine. */
export const FAMILY_OF: Readonly<Record<DatabaseEngine, DatabaseFamily>> = {
  postgres: 'postgres',
  'aurora-postgresql': 'postgres',
  mysql: 'mysql',
  'aurora-mysql': 'mysql',
  mariadb: 'mariadb',
};

/** How people call a family. */
export const PRODUCT: Readonly<Record<DatabaseFamily, string>> = {
  postgres: 'PostgreSQL',
  mysql: 'MySQL',
  mariadb: 'MariaDB',
};

/** The password of a database's most powerful role, where it is kept. */
export interface SuperuserSecret {
  readonly arn: string;
  /** ARN of the key that it is encrypted with. @default - the account's own key */
  readonly keyArn?: string;
}

/** A database that a secret can open. */
export interface IDatabase {
  readonly engine: DatabaseEngine;
  readonly host: string;
  readonly port: number;
  /** The database's name. */
  readonly name: string;
  /** Who can make and repair roles; without one a rotation can only start from a password that works. */
  readonly superuser: SuperuserSecret | undefined;
  /** The security group that lets clients in; absent where the database's own network does. */
  readonly securityGroupId: string | undefined;
  /** Whether this stack made it, so that no role exists in it yet. */
  readonly made: boolean;
  /** What must exist before somebody logs in. */
  readonly ready: readonly ITerraformDependable[];
}

/** Properties of a database that exists. */
export interface ExistingDatabaseProps {
  readonly host: string;
  /** @default - the port of the product: 5432 for PostgreSQL, 3306 for MySQL and MariaDB */
  readonly port?: number;
  readonly name: string;
  /**
   * The secret with `username` and `password` of a role that may make and repair roles.
   *
   * @default - none: the user's present password is an external value, and rotation is declared in a later deploy
   */
  readonly superuser?: ISecret;
  /**
   * The security group that lets clients in, where this stack may add rules to it.
   *
   * @default - the database's own network lets them in
   */
  readonly securityGroupId?: string;
}

/** What a family's own class says of an existing database. */
export interface KnownDatabase<E extends DatabaseEngine> {
  readonly engine: E;
  readonly defaultPort: number;
  /** The method that was called, for messages. */
  readonly method: string;
  readonly problems?: readonly (Problem | undefined)[];
}

/** A database that exists, by its host. */
export function existingDatabase<E extends DatabaseEngine>(
  props: ExistingDatabaseProps,
  { engine, defaultPort, method, problems = [] }: KnownDatabase<E>,
): IDatabase & { readonly engine: E } {
  const { superuser, host, name, securityGroupId, port = defaultPort } = props;
  refuse(method, [hostKnown(host), portKnown(port, defaultPort), ...problems]);
  // A rotation looks the secret up by its whole ARN.
  superuser?.whole();
  return {
    engine,
    host,
    port,
    name,
    superuser: superuser === undefined ? undefined : superuserOf(superuser),
    securityGroupId,
    made: false,
    ready: [],
  };
}

/** From JavaScript, or through a cast, an engine of another family may come. */
export function engineAmong(engine: string, allowed: readonly DatabaseEngine[]): Problem | undefined {
  if (allowed.some((one) => one === engine)) return undefined;
  return {
    code: 'SR-DATABASE-ENGINE',
    property: 'engine',
    message: `is ${JSON.stringify(engine)}, allowed are ${allowed.map((one) => JSON.stringify(one)).join(' and ')}`,
    fix: `leave it out for ${JSON.stringify(allowed[0])}`,
  };
}

function superuserOf({ arn, keyArn }: ISecret): SuperuserSecret {
  return { arn, ...(keyArn === undefined ? {} : { keyArn }) };
}

function hostKnown(host: string): Problem | undefined {
  if (Token.isUnresolved(host) || (HOST.test(host) && host.length <= LONGEST_HOST)) return undefined;
  return {
    code: 'SR-DATABASE-HOST',
    property: 'host',
    message: `is ${JSON.stringify(host)}, allowed is a host name alone`,
    fix: 'write the name that is in the certificate of the server, without scheme, user and port',
  };
}

function portKnown(port: number, usual: number): Problem | undefined {
  if (Token.isUnresolved(port) || (Number.isInteger(port) && port >= 1 && port <= 65_535)) return undefined;
  return {
    code: 'SR-DATABASE-PORT',
    property: 'port',
    message: `is ${port}, allowed are whole numbers from 1 to 65535`,
    fix: `leave it out for ${usual}`,
  };
}
