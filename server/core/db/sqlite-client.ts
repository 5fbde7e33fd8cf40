import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
// Knex exposes its dialects as files only; this is its better-sqlite3 dialect.
const BetterSqliteClient = require('knex/lib/dialects/better-sqlite3/index.js')

type Connection = { writeLock: WriteLock; releaseWriteLock?: () => void }
type QueryObject = { sql: string; bindings?: unknown[] }

/**
 * Hands out the right to write to one SQLite file, in order of asking. The driver is synchronous: a second writer that
 * waited inside SQLite would stop the whole process, the first writer included, so writers wait here instead.
 */
class WriteLock {
  #tail: Promise<void> = Promise.resolve()

  async acquire(): Promise<() => void> {
    let release!: () => void
    const mine = new Promise<void>((resolve) => {
      release = resolve
    })
    const before = this.#tail
    this.#tail = before.then(() => mine)
    await before
    return release
  }
}

/** One lock per file: a process may open the same database twice. */
const locks = new Map<string, WriteLock>()

const READS = /^\s*(select|with|pragma|explain)\b/i

/**
 * Knex on libsql, whose binary comes inside its npm package (no compiler, no download). Transactions begin IMMEDIATE, and
 * every write, in a transaction or alone, holds the lock of its database.
 */
export class LibsqlClient extends BetterSqliteClient {
  _driver() {
    return require('libsql')
  }

  // The lock rides on the connection: knex makes a client of its own for every transaction.
  async acquireRawConnection(): Promise<Connection> {
    const connection: Connection = await super.acquireRawConnection()
    const file: string = this.connectionSettings.filename
    const lock = locks.get(file) ?? new WriteLock()
    locks.set(file, lock)
    connection.writeLock = lock
    return connection
  }

  async _query(connection: Connection, asked: QueryObject) {
    // MySQL takes a backslash before % and _ as it is meant; SQLite has to be told.
    const query = { ...asked, sql: asked.sql.replace(/ like \?/gi, " like ? escape '\\'") }
    const sql = query.sql.trimStart()
    if (sql === 'BEGIN;') {
      const release = await connection.writeLock.acquire()
      connection.releaseWriteLock = release
      try {
        return await super._query(connection, { ...query, sql: 'BEGIN IMMEDIATE;' })
      } catch (error) {
        releaseLock(connection)
        throw error
      }
    }
    if (sql === 'COMMIT;' || sql === 'ROLLBACK' || sql === 'ROLLBACK;') {
      try {
        return await super._query(connection, query)
      } finally {
        releaseLock(connection)
      }
    }
    if (connection.releaseWriteLock || READS.test(sql)) return super._query(connection, query)
    const release = await connection.writeLock.acquire()
    try {
      return await super._query(connection, query)
    } finally {
      release()
    }
  }
}

function releaseLock(connection: Connection) {
  const release = connection.releaseWriteLock
  connection.releaseWriteLock = undefined
  release?.()
}
