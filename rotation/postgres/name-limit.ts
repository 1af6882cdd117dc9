/** PostgreSQL cuts longer names without an error. @see https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export const NAME_LIMIT = { longest: 63, unit: 'bytes', product: 'PostgreSQL' } as const;
