export { mysqlMissing, startMysql } from '../../drill/servers/mysql';
export {
  ROOT_PASSWORD,
  type SqlServer as Mysql,
  type SqlServerOptions as MysqlOptions,
} from '../../drill/servers/sql-server';
