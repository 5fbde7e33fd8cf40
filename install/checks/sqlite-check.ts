import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'libsql'
import { type CheckOptions, type DatabaseReport, report } from './database-check.ts'
import { makeFolder, removeFile } from './folders.ts'
import { type Contents, judgeContents } from './tables.ts'

/** The embedded database is one file; `file` is its full path. */
export interface SqliteSettings {
  file: string
}

const HEADER = 'SQLite format 3\0'

/** Tries an embedded database; see `checkDatabase`. A missing file is simply made: there is nothing to decide. */
export async function checkSqlite(settings: SqliteSettings, options: CheckOptions): Promise<DatabaseReport> {
  const { file } = settings
  const values = { file, product: 'SQLite' }
  const isNew = !existsSync(file)
  try {
    makeFolder(dirname(file))
    tryFolder(file)
    if (!isNew && !statSync(file).isFile()) return report('file_forbidden', values, 'file')
    if (!isNew && !looksLikeSqlite(file)) return report('file_not_sqlite', values, 'file')
    const contents = isNew ? tryNewFile(file) : tryExistingFile(file)
    const judged = judgeContents(contents, options.migrations)
    const field = judged.code === 'foreign_tables' || judged.code === 'newer' ? 'file' : undefined
    return report(judged.code, { ...values, ...judged.values }, field)
  } catch (error) {
    return explain(error, values)
  }
}

/** SQLite keeps its log in files beside the database, and says little where it may not make them. */
function tryFolder(file: string) {
  const neighbour = `${file}.probe-${process.pid}`
  try {
    closeSync(openSync(neighbour, 'w', 0o600))
  } finally {
    removeFile(neighbour)
  }
}

/** An empty file is a database that nothing has been written to yet. */
function looksLikeSqlite(file: string): boolean {
  const buffer = Buffer.alloc(HEADER.length)
  const descriptor = openSync(file, 'r+')
  try {
    if (readSync(descriptor, buffer, 0, HEADER.length, 0) === 0) return true
  } finally {
    closeSync(descriptor)
  }
  return buffer.toString('latin1') === HEADER
}

/** Writes to a neighbouring file and removes it, so that a check leaves nothing behind. */
function tryNewFile(file: string): Contents {
  const probe = `${file}.probe-${process.pid}`
  try {
    const database = new Database(probe)
    try {
      writeProbe(database)
    } finally {
      database.close()
    }
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-journal']) removeFile(probe + suffix)
  }
  return { tables: [], migrations: [], isInstalled: false }
}

function tryExistingFile(file: string): Contents {
  const database = new Database(file)
  try {
    const [state] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
    if (state?.quick_check !== 'ok') throw Object.assign(new Error('quick_check'), { code: 'SQLITE_CORRUPT' })
    const rows = database
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .all()
    const tables = (rows as { name: string }[]).map((row) => row.name)
    const contents = {
      tables,
      migrations: tables.includes('migrations') ? readNames(database, 'SELECT name FROM migrations') : [],
      isInstalled:
        tables.includes('settings') && readNames(database, 'SELECT name FROM settings').includes('installed'),
    }
    writeProbe(database)
    return contents
  } finally {
    database.close()
  }
}

/** Another program's table of the same name need not have our column: then it holds one name that is not ours. */
function readNames(database: Database.Database, sql: string): string[] {
  try {
    return (database.prepare(sql).all() as { name: unknown }[]).map((row) => String(row.name))
  } catch (error) {
    if (/no such column/.test(String((error as Error).message))) return ['']
    throw error
  }
}

/** A transaction that is undone shows whether the file, its folder and the disk take writes. */
function writeProbe(database: Database.Database) {
  database.exec('PRAGMA busy_timeout = 5000')
  database.exec('BEGIN IMMEDIATE')
  try {
    database.exec('CREATE TABLE integral_install_probe (id INTEGER PRIMARY KEY)')
  } finally {
    database.exec('ROLLBACK')
  }
}

function explain(error: unknown, values: DatabaseReport['values']): DatabaseReport {
  const code = String((error as { code?: string }).code ?? '')
  const message = String((error as Error).message)
  if (['EACCES', 'EPERM', 'ENOENT', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'].includes(code))
    return report('file_forbidden', values, 'file')
  if (/^SQLITE_(CANTOPEN|READONLY|PERM|AUTH)/.test(code)) return report('file_forbidden', values, 'file')
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL') return report('disk_full', values, 'file')
  if (code === 'SQLITE_NOTADB') return report('file_not_sqlite', values, 'file')
  if (/^SQLITE_(CORRUPT|IOERR)/.test(code)) return report('file_damaged', values, 'file')
  return report('unknown', { ...values, message }, 'file')
}
