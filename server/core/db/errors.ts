import { ConflictError, UnavailableError } from '../errors.ts'

type DriverError = { code?: string; errno?: number; message?: string }

const codeOf = (error: unknown): string => (error as DriverError)?.code ?? ''

/** A unique index refused the row. */
export const isUniqueViolation = (error: unknown): boolean =>
  codeOf(error) === 'ER_DUP_ENTRY' ||
  codeOf(error) === 'SQLITE_CONSTRAINT_UNIQUE' ||
  codeOf(error) === 'SQLITE_CONSTRAINT_PRIMARYKEY'

/** A foreign key refused the row: the other object is gone, or is still in use. */
export const isForeignKeyViolation = (error: unknown): boolean =>
  [
    'ER_NO_REFERENCED_ROW_2',
    'ER_ROW_IS_REFERENCED_2',
    'SQLITE_CONSTRAINT_FOREIGNKEY',
    // SQLite does RESTRICT by a trigger of its own; we have none.
    'SQLITE_CONSTRAINT_TRIGGER',
  ].includes(codeOf(error))

/** Two transactions waited for each other; the loser may simply try again. */
export const isDeadlock = (error: unknown): boolean =>
  ['ER_LOCK_DEADLOCK', 'ER_LOCK_WAIT_TIMEOUT', 'SQLITE_BUSY', 'SQLITE_BUSY_SNAPSHOT'].includes(codeOf(error))

/** Another connection holds the lock of the SQLite file. */
export const isBusy = (error: unknown): boolean => codeOf(error) === 'SQLITE_BUSY'

const UNREACHABLE = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EPIPE',
  'ENOENT',
  'PROTOCOL_CONNECTION_LOST',
  'ER_CON_COUNT_ERROR',
  'ER_SERVER_SHUTDOWN',
  'SQLITE_FULL',
  'SQLITE_IOERR',
  'SQLITE_CANTOPEN',
]

/** Turns what a driver throws into an error for people; other errors come back as they are. */
export function translateDriverError(error: unknown): unknown {
  if (isUniqueViolation(error)) return new ConflictError('errors.duplicate', { cause: error })
  if (isForeignKeyViolation(error)) return new ConflictError('errors.reference', { cause: error })
  if (isDeadlock(error)) return new UnavailableError('errors.busy', { cause: error })
  const isTimeout = (error as Error)?.name === 'KnexTimeoutError'
  if (isTimeout || UNREACHABLE.includes(codeOf(error))) return new UnavailableError('errors.database', { cause: error })
  return error
}
