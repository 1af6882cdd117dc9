import type { Construct } from 'constructs';
import { type ExistingDatabaseProps, existingDatabase, type IDatabase } from './database';
import { MYSQL_PORT, mysqlProduct } from './mysql-settings';
import { RdsDatabase, type RdsDatabaseProps } from './rds-database';

/**
 * Major versions with long support.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/MariaDB.Concepts.VersionMgmt.html
 */
const VERSIONS = { all: ['10.11', '11.4', '11.8'], default: '11.4' } as const;

/** A MariaDB database that a secret can open. */
export interface IMariadbDatabase extends IDatabase {
  readonly engine: 'mariadb';
}

/** Properties of {@link MariadbDatabase}. */
export interface MariadbDatabaseProps extends RdsDatabaseProps {
  /**
   * Major version of MariaDB.
   *
   * @default '11.4'
   */
  readonly version?: string;
}

/**
 * MariaDB on RDS, whose master password RDS makes, keeps and rotates: it is in no plan and no state.
 *
 * @see https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
export class MariadbDatabase extends RdsDatabase<'mariadb'> implements IMariadbDatabase {
  /**
   * A database that exists, by its host.
   *
   * @throws {InvalidProps} `SR-DATABASE-HOST`, `SR-DATABASE-PORT`; `SR-SECRET-BY-NAME` for a superuser's secret that is
   * known by its name only.
   */
  static existing(props: ExistingDatabaseProps): IMariadbDatabase {
    return existingDatabase(props, {
      engine: 'mariadb',
      defaultPort: MYSQL_PORT,
      method: 'MariadbDatabase.existing',
    });
  }

  /** @throws {InvalidProps} `SR-DATABASE-STORAGE`, `SR-DATABASE-VERSION`, `SR-NAME-ILLEGAL`, `SR-NAME-TAKEN`. */
  constructor(scope: Construct, id: string, props: MariadbDatabaseProps) {
    const { name, version = VERSIONS.default } = props;
    super(scope, id, props, mysqlProduct('mariadb', { name, version }, VERSIONS));
  }
}
