import type { Construct } from 'constructs';
import { type ExistingDatabaseProps, engineAmong, existingDatabase, type IDatabase } from './database';
import { MYSQL_PORT, mysqlProduct } from './mysql-settings';
import { RdsDatabase, type RdsDatabaseProps } from './rds-database';

/**
 * Major versions with two passwords for one user. 8.0 is past its standard support: RDS bills what it still does for it.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MySQL.Concepts.VersionMgmt.html
 */
const VERSIONS = { all: ['8.0', '8.4'], default: '8.4' } as const;

const ENGINES = ['mysql', 'aurora-mysql'] as const;

/** A MySQL database that a secret can open. */
export interface IMysqlDatabase extends IDatabase {
  readonly engine: (typeof ENGINES)[number];
}

/** Properties of {@link MysqlDatabase}. */
export interface MysqlDatabaseProps extends RdsDatabaseProps {
  /**
   * Major version of MySQL.
   *
   * @default '8.4'
   */
  readonly version?: string;
}

/** Properties of a MySQL database that exists. */
export interface ExistingMysqlProps extends ExistingDatabaseProps {
  /** @default 'mysql' */
  readonly engine?: IMysqlDatabase['engine'];
}

/**
 * MySQL on RDS, whose master password RDS makes, keeps and rotates: it is in no plan and no state.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export class MysqlDatabase extends RdsDatabase<'mysql'> implements IMysqlDatabase {
  /**
   * A database that exists, by its host: on RDS, on Aurora or elsewhere.
   *
   * @throws {InvalidProps} `SR-DATABASE-HOST`, `SR-DATABASE-PORT`, `SR-DATABASE-ENGINE`; `SR-SECRET-BY-NAME` for a
   * superuser's secret that is known by its name only.
   */
  static existing(props: ExistingMysqlProps): IMysqlDatabase {
    const engine = props.engine ?? 'mysql';
    const problems = [engineAmong(engine, ENGINES)];
    return existingDatabase(props, { engine, defaultPort: MYSQL_PORT, method: 'MysqlDatabase.existing', problems });
  }

  /** @throws {InvalidProps} `SR-DATABASE-STORAGE`, `SR-DATABASE-VERSION`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: MysqlDatabaseProps) {
    const { name, version = VERSIONS.default } = props;
    super(scope, id, props, mysqlProduct('mysql', { name, version }, VERSIONS));
  }
}
