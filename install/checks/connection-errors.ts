import type { DatabaseCode, DatabaseReport } from './database-check.ts'

type DriverError = { code?: string; errno?: number; message?: string; errors?: DriverError[] }

/** The driver's codes, network codes first, and what they mean to a person. The field is where the words stand. */
const MEANINGS: Record<string, [DatabaseCode, DatabaseReport['field']?]> = {
  ENOTFOUND: ['host_unknown', 'host'],
  EAI_AGAIN: ['host_unknown', 'host'],
  EAI_FAIL: ['host_unknown', 'host'],
  ECONNREFUSED: ['refused', 'host'],
  ECONNRESET: ['not_a_server', 'port'],
  EPIPE: ['not_a_server', 'port'],
  ETIMEDOUT: ['no_answer', 'host'],
  EHOSTUNREACH: ['no_answer', 'host'],
  ENETUNREACH: ['no_answer', 'host'],
  EHOSTDOWN: ['no_answer', 'host'],
  EADDRNOTAVAIL: ['no_answer', 'host'],
  ENOENT: ['socket_missing', 'socket'],
  ENOTSOCK: ['socket_missing', 'socket'],
  EACCES: ['socket_missing', 'socket'],
  PROTOCOL_CONNECTION_LOST: ['not_a_server', 'port'],
  HANDSHAKE_NO_SSL_SUPPORT: ['encryption_required'],
  ER_SECURE_TRANSPORT_REQUIRED: ['encryption_required'],
  ER_ACCESS_DENIED_ERROR: ['wrong_password', 'password'],
  ER_ACCESS_DENIED_CHANGE_USER_ERROR: ['wrong_password', 'password'],
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: ['socket_only', 'user'],
  ER_MUST_CHANGE_PASSWORD: ['wrong_password', 'password'],
  ER_MUST_CHANGE_PASSWORD_LOGIN: ['wrong_password', 'password'],
  ER_ACCOUNT_HAS_BEEN_LOCKED: ['wrong_password', 'user'],
  ER_HOST_NOT_PRIVILEGED: ['host_not_allowed', 'host'],
  ER_HOST_IS_BLOCKED: ['host_not_allowed', 'host'],
  ER_NOT_SUPPORTED_AUTH_MODE: ['login_method', 'user'],
  AUTH_SWITCH_PLUGIN_ERROR: ['login_method', 'user'],
  ER_CON_COUNT_ERROR: ['too_many_connections'],
  ER_USER_LIMIT_REACHED: ['too_many_connections'],
  ER_TOO_MANY_USER_CONNECTIONS: ['too_many_connections'],
  ER_DBACCESS_DENIED_ERROR: ['no_rights', 'database'],
  ER_WRONG_DB_NAME: ['name_invalid', 'database'],
  ER_OPTION_PREVENTS_STATEMENT: ['read_only'],
  ER_READ_ONLY_MODE: ['read_only'],
  ER_DISK_FULL: ['disk_full'],
  ER_RECORD_FILE_FULL: ['disk_full'],
}

/** MariaDB and MySQL have codes that the driver knows by number only. */
const BY_NUMBER: Record<number, string> = {
  1698: 'ER_ACCESS_DENIED_NO_PASSWORD_ERROR',
  3159: 'ER_SECURE_TRANSPORT_REQUIRED',
  4151: 'ER_ACCOUNT_HAS_BEEN_LOCKED',
  3118: 'ER_ACCOUNT_HAS_BEEN_LOCKED',
  1836: 'ER_READ_ONLY_MODE',
  1021: 'ER_DISK_FULL',
  1114: 'ER_RECORD_FILE_FULL',
}

/** The stable code of what a driver threw. A name with several addresses fails with several errors: the first counts. */
export function driverCode(error: unknown): string {
  const { code, errno, errors } = (error ?? {}) as DriverError
  const inner = errors?.[0]
  if (inner && (!code || code === 'AggregateError')) return driverCode(inner)
  return BY_NUMBER[errno ?? 0] ?? code ?? ''
}

/** Says what a failed connection or statement means. Unknown failures keep the server's own words in `message`. */
export function explainDriverError(error: unknown): Pick<DatabaseReport, 'code' | 'field'> & { message: string } {
  const message = String((error as DriverError)?.message ?? error)
  const [code, field] = MEANINGS[driverCode(error)] ?? ['unknown']
  return { code, message, ...(field ? { field } : {}) }
}
