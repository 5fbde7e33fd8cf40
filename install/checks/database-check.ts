import { checkMysql, type MysqlSettings } from './mysql-check.ts'
import { checkSqlite, type SqliteSettings } from './sqlite-check.ts'

/**
 * What was found. The first group lets the installation go on.
 *
 * - `empty`: there and empty · `will_create`: missing, and going to be made · `created`: it was missing and has been made · `unfinished`: an installation that broke off
 *   there can go on · `existing`: a finished Integral, which can be taken over and brought up to date;
 * - the others say what is wrong.
 */
export const DATABASE_CODES = [
  'empty',
  'created',
  'unfinished',
  'existing',
  'missing',
  'will_create',
  'host_unknown',
  'refused',
  'no_answer',
  'socket_missing',
  'not_a_server',
  'wrong_password',
  'socket_only',
  'host_not_allowed',
  'login_method',
  'encryption_required',
  'too_many_connections',
  'no_rights',
  'rights_missing',
  'create_forbidden',
  'name_invalid',
  'old_version',
  'charset',
  'innodb',
  'read_only',
  'foreign_tables',
  'newer',
  'file_forbidden',
  'file_not_sqlite',
  'file_damaged',
  'disk_full',
  'unknown',
] as const
export type DatabaseCode = (typeof DATABASE_CODES)[number]

/** The words are `install.databaseFound.<code>`, filled with `values`. */
export interface DatabaseReport {
  code: DatabaseCode
  isUsable: boolean
  /** The setting that is at fault: the words stand beside its field. */
  field?: 'host' | 'port' | 'socket' | 'user' | 'password' | 'database' | 'file'
  values: Record<string, string | number>
}

export type DatabaseSettings = ({ kind: 'mysql' } & MysqlSettings) | ({ kind: 'sqlite' } & SqliteSettings)

export interface CheckOptions {
  /** Make the database if it is missing. Without it a missing database is reported as `missing`. */
  create: boolean
  /** Names of the migrations of this version: a database with others is newer. */
  migrations: readonly string[]
}

const USABLE: readonly DatabaseCode[] = ['empty', 'will_create', 'created', 'unfinished', 'existing']

/** Builds a report; whether it is usable follows from the code. */
export const report = (
  code: DatabaseCode,
  values: DatabaseReport['values'] = {},
  field?: DatabaseReport['field'],
): DatabaseReport => ({ code, isUsable: USABLE.includes(code), values, ...(field ? { field } : {}) })

/**
 * Tries the database as the application will use it: connects, looks at version, character set and tables, and makes,
 * changes and drops a table of its own. What is in the database is left as it is. Never throws.
 */
export function checkDatabase(settings: DatabaseSettings, options: CheckOptions): Promise<DatabaseReport> {
  return settings.kind === 'mysql' ? checkMysql(settings, options) : checkSqlite(settings, options)
}
