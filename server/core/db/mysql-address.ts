import { existsSync } from 'node:fs'

/** Where systems keep the socket of MySQL and MariaDB. */
const SOCKETS = ['/run/mysqld/mysqld.sock', '/var/lib/mysql/mysql.sock', '/tmp/mysql.sock']

/**
 * How the driver reaches a server. As with other clients of MySQL, `localhost` means the socket of this machine where there
 * is one: a query costs half of what it costs through TCP.
 */
export function mysqlAddress(
  { host, port, socket }: { host: string; port: number; socket?: string | undefined },
  sockets: readonly string[] = SOCKETS,
): { socketPath: string } | { host: string; port: number } {
  const isHere = host === 'localhost' && port === 3306
  const found = socket ?? (isHere ? sockets.find((file) => existsSync(file)) : undefined)
  return found ? { socketPath: found } : { host, port }
}
