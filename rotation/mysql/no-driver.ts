/** Stands for the driver in a bundle for PostgreSQL alone. */
export function createConnection(): Promise<never> {
  return Promise.reject(new Error('this bundle has no driver for MySQL and MariaDB'));
}
