export { mariadbMissing, startMariadb } from '../../drill/servers/mariadb';
export {
  ROOT_PASSWORD,
  type SqlServer as Mariadb,
  type SqlServerOptions as MariadbOptions,
} from '../../drill/servers/sql-server';
