import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type { Problem } from '../core/errors';
import { claimName } from '../core/naming';
import { SecretType } from '../core/secret-type';
import type { ExternalValue, GeneratedValue } from '../core/value';
import { FAMILY_OF, type IDatabase } from './database';
import { userProblem, userRule } from './database-user';
import { RdsDatabase } from './rds-database';
import { Secret } from './secret';
import { type RotationProps, SecretRotation } from './secret-rotation';

/** The fields that clients and rotators of databases read. @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html */
const FIELDS = ['engine', 'host', 'port', 'dbname', 'username', 'password'] as const;

/** Properties of {@link DatabaseSecret}. */
export interface DatabaseSecretProps {
  /** The name without the environment, such as `myapp/database`. */
  readonly name: string;
  /** The team that answers for the secret. */
  readonly owner: string;
  readonly database: IDatabase;
  /** The user inside the database that the application logs in as. */
  readonly username: string;
  /**
   * Where the first password comes from.
   *
   * Generated for a database whose superuser is known: the first rotation makes or repairs the role. External for a
   * role that exists and whose superuser is not known: its present password is put in by hand.
   */
  readonly value: GeneratedValue | ExternalValue;
  /** @default - by tier */
  readonly recoveryDays?: number;
}

/** User and password of one user of a database, with all that a client needs to log in. */
export class DatabaseSecret extends Secret {
  readonly database: IDatabase;
  readonly username: string;
  private declared: SecretRotation | undefined;

  /**
   * @throws {InvalidProps} `SR-DATABASE-USER`, `SR-DATABASE-SEED`, `SR-NAME-TAKEN` for a role that has a secret already,
   * and everything that {@link Secret} throws.
   */
  constructor(scope: Construct, id: string, props: DatabaseSecretProps) {
    super(scope, id, {
      name: props.name,
      type: SecretType.DATABASE_CREDENTIAL,
      owner: props.owner,
      value: props.value,
      fields: FIELDS,
      description: `${FAMILY_OF[props.database.engine] === 'postgres' ? 'Role' : 'User'} ${props.username} of database ${props.database.name}`,
      ...(props.recoveryDays === undefined ? {} : { recoveryDays: props.recoveryDays }),
      seedText: (password) => connectionJson(props.database, props.username, password),
      problems: [userProblem(props.database, props.username), seedUsable(props)],
    });
    claimName(this, 'username', {
      kind: userRule(props.database).kind,
      within: placeOf(props.database),
      name: props.username,
    });
    this.database = props.database;
    this.username = props.username;
  }

  /**
   * Rotates the password on a schedule, with a Lambda of its own and alarms.
   *
   * @throws {InvalidProps} what {@link SecretRotation} throws.
   */
  addRotation(props: RotationProps): SecretRotation {
    // A second one has an id of its own, so that it is refused for what it is.
    const rotation = new SecretRotation(this, this.rotates ? 'second-rotation' : 'rotation', {
      ...props,
      secret: this,
    });
    this.declared = rotation;
    return rotation;
  }

  /** Whether the user's name changes with each rotation, so that readers must take it from the secret too. */
  get alternates(): boolean {
    return this.declared?.alternates ?? false;
  }
}

/** Two secrets of one role would each rotate the other's password away, in whatever environments they are. */
function placeOf(database: IDatabase): string {
  // Roles are the server's, whatever database a client opens.
  return `server ${database instanceof RdsDatabase ? database.identifier : database.host}`;
}

function connectionJson(database: IDatabase, username: string, password: string): string {
  return Fn.jsonencode({
    engine: database.engine,
    host: database.host,
    port: database.port,
    dbname: database.name,
    username,
    password,
  });
}

/** A seed is a password that the database never knew: only a superuser can give it to the role. */
function seedUsable({ value, database }: DatabaseSecretProps): Problem | undefined {
  if (value.kind === 'external' || database.superuser !== undefined) return undefined;
  return {
    code: 'SR-DATABASE-SEED',
    property: 'value',
    message: 'is generated for an existing database without a superuser, which would never learn that password',
    fix: 'name the superuser secret, or make the value external and declare the rotation in a later deploy, after it was put in',
  };
}
