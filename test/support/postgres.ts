export { type Postgres, type PostgresOptions, startPostgres } from '../../drill/servers/postgres';
