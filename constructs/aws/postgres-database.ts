import type { Construct } from 'constructs';
import type { Problem } from '../core/errors';
import { nameProblem } from '../core/naming';
import { type ExistingDatabaseProps, engineAmong, existingDatabase, type IDatabase } from './database';
import { NAME_RULES } from './names';
import { RdsDatabase, type RdsDatabaseProps } from './rds-database';

const PORT = 5432;

/** What PostgreSQL writes to CloudWatch. @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html */
const LOGS = ['postgresql', 'upgrade'] as const;

/** The role that RDS makes the owner of everything; applications never log in with it. */
export const MASTER_ROLE = 'strongroom_master';

const ENGINES = ['postgres', 'aurora-postgresql'] as const;

/** A PostgreSQL database that a secret can open. */
export interface IPostgresDatabase extends IDatabase {
  readonly engine: (typeof ENGINES)[number];
}

/** Properties of {@link PostgresDatabase}. */
export interface PostgresDatabaseProps extends RdsDatabaseProps {
  /**
   * Major version of PostgreSQL.
   *
   * @default '17'
   */
  readonly version?: string;
}

/** Properties of a PostgreSQL database that exists. */
export interface ExistingPostgresProps extends ExistingDatabaseProps {
  /** @default 'postgres' */
  readonly engine?: IPostgresDatabase['engine'];
}

/**
 * PostgreSQL on RDS, whose master password RDS makes, keeps and rotates: it is in no plan and no state.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export class PostgresDatabase extends RdsDatabase<'postgres'> implements IPostgresDatabase {
  /**
   * A database that exists, by its host.
   *
   * @throws {InvalidProps} `SR-DATABASE-HOST`, `SR-DATABASE-PORT`, `SR-DATABASE-ENGINE`; `SR-SECRET-BY-NAME` for a
   * superuser's secret that is known by its name only.
   */
  static existing(props: ExistingPostgresProps): IPostgresDatabase {
    const engine = props.engine ?? 'postgres';
    const problems = [engineAmong(engine, ENGINES)];
    return existingDatabase(props, { engine, defaultPort: PORT, method: 'PostgresDatabase.existing', problems });
  }

  /** @throws {InvalidProps} `SR-DATABASE-STORAGE`, `SR-DATABASE-VERSION`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: PostgresDatabaseProps) {
    const version = props.version ?? '17';
    super(scope, id, props, {
      engine: 'postgres',
      version,
      port: PORT,
      masterRole: MASTER_ROLE,
      logs: LOGS,
      settings: { why: 'TLS and SCRAM', parameters: PARAMETERS },
      problems: [versionKnown(version), nameProblem(NAME_RULES.databaseName, 'name', props.name)],
    });
  }
}

/** @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html */
const PARAMETERS = [
  { name: 'rds.force_ssl', value: '1' },
  { name: 'password_encryption', value: 'scram-sha-256' },
  // Off on purpose: with ddl, somebody's ALTER ROLE … PASSWORD would stand in the log in clear.
  { name: 'log_statement', value: 'none' },
  { name: 'log_connections', value: '1' },
] as const;

function versionKnown(version: string): Problem | undefined {
  if (/^1[3-9]$/.test(version)) return undefined;
  return {
    code: 'SR-DATABASE-VERSION',
    property: 'version',
    message: `is ${JSON.stringify(version)}, allowed is a major version from 13 up`,
    fix: "write the major version alone, such as '17': RDS chooses the newest minor one",
  };
}
