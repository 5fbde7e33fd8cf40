import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)
// biome-ignore lint/suspicious/noExplicitAny: knex types none of these
type Untyped = new (...given: any[]) => any
// Knex exposes its dialects as files only; this is its better-sqlite3 dialect, and what runs its queries.
const BetterSqliteClient: Untyped = require('knex/lib/dialects/better-sqlite3/index.js')
const SqliteTransaction: Untyped = require('knex/lib/dialects/sqlite3/execution/sqlite-transaction.js')
const KnexRunner: Untyped = require('knex/lib/execution/runner.js')

type Connection = { __knexTxId?: string }
type QueryObject = { sql: string; bindings?: unknown[] }
type UseConnection = (connection: Connection) => Promise<unknown>

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

function lockOf(file: string): WriteLock {
  const lock = locks.get(file) ?? new WriteLock()
  locks.set(file, lock)
  return lock
}

const READS = /^\s*(select|with|pragma|explain)\b/i

const READ_METHODS = ['select', 'first', 'pluck', 'columnInfo']

/** What knex runs: a query has its method, a raw statement its text; changes of the schema have neither. */
type Builder = { _method?: string; sql?: string; _connection?: Connection }

const isReading = ({ _method, sql }: Builder): boolean =>
  _method ? READ_METHODS.includes(_method) : READS.test(sql ?? '')

/** Runs what is asked outside transactions: whatever writes waits for its turn before it takes a connection. */
class Runner extends KnexRunner {
  async ensureConnection(use: unknown, parameters: unknown): Promise<unknown> {
    const given = this.connection || this.builder._connection || this.client.transacting
    if (given || isReading(this.builder)) return super.ensureConnection(use, parameters)
    return this.client.withWriter((connection: Connection) => {
      this.connection = connection
      return super.ensureConnection(use, parameters)
    })
  }
}

/** A transaction waits for its turn to write before it takes a connection. */
class Transaction extends SqliteTransaction {
  begin(connection: Connection) {
    return this.query(connection, 'BEGIN IMMEDIATE;')
  }

  async acquireConnection(config: { connection?: Connection }, use: UseConnection): Promise<unknown> {
    if (config.connection || this.client.transacting) return super.acquireConnection(config, use)
    return this.client.withWriter(async (connection: Connection) => {
      try {
        return await super.acquireConnection({ ...config, connection }, use)
      } finally {
        // Knex leaves its mark on connections that it has been given.
        delete connection.__knexTxId
      }
    })
  }
}

/**
 * Knex on libsql, whose binary comes inside its npm package (no compiler, no download). Transactions begin IMMEDIATE, and
 * every write, in a transaction or alone, holds the lock of its database. Who waits for the lock holds no connection of
 * the pool, so that readers go on however many writers wait.
 */
export class LibsqlClient extends BetterSqliteClient {
  _driver() {
    return require('libsql')
  }

  runner(builder: Builder) {
    return new Runner(this, builder)
  }

  transaction(...rest: unknown[]) {
    return new Transaction(this, ...rest)
  }

  /** Gives `use` a connection that holds the lock, and takes both back. */
  async withWriter<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const release = await lockOf(this.connectionSettings.filename).acquire()
    try {
      const connection: Connection = await this.acquireConnection()
      try {
        return await use(connection)
      } finally {
        await this.releaseConnection(connection)
      }
    } finally {
      release()
    }
  }

  async _query(connection: Connection, asked: QueryObject) {
    // MySQL takes a backslash before % and _ as it is meant; SQLite has to be told.
    const query = { ...asked, sql: asked.sql.replace(/ like \?/gi, " like ? escape '\\'") }
    return super._query(connection, query)
  }
}
