import { AsyncLocalStorage } from 'node:async_hooks'
import type { Knex } from 'knex'
import type { DatabaseConfig } from '../../config.ts'
import { connect, isMysql } from './connect.ts'
import { isDeadlock, isUniqueViolation } from './errors.ts'

export { isMysql } from './connect.ts'
export { isUniqueViolation, translateDriverError } from './errors.ts'
export { fromJson, toJson } from './json.ts'

type Ambient = { trx: Knex.Transaction; afterCommit: (() => void)[] }

let root: Knex | undefined
let opened: DatabaseConfig | undefined
const ambient = new AsyncLocalStorage<Ambient>()
const counter = new AsyncLocalStorage<{ queries: number }>()

/** Opens the process's database. Called once at start, again only by tests. */
export function openDatabase(config: DatabaseConfig): Knex {
  root = connect(config)
  opened = config
  root.on('query', () => {
    const counts = counter.getStore()
    if (counts) counts.queries++
  })
  return root
}

export async function closeDatabase(): Promise<void> {
  // What is still in SQLite's log goes into the file itself, so that whoever copies the file has everything.
  if (root && !isMysql(root)) await root.raw('PRAGMA wal_checkpoint(TRUNCATE)').catch(() => {})
  await root?.destroy()
  root = undefined
}

/** The pool itself, outside any transaction: for migrations, sessions and the worker. */
export function rootDatabase(): Knex {
  if (!root) throw new Error('The database is not open')
  return root
}

/** How the process's database was opened, for what needs a connection of its own. */
export function openedDatabase(): DatabaseConfig {
  if (!opened) throw new Error('The database is not open')
  return opened
}

/** The database to query: the ambient transaction if there is one, else the pool. */
export function db(): Knex {
  const current = ambient.getStore()
  if (current) {
    if (current.trx.isCompleted()) throw new Error('A query escaped its transaction: something was not awaited')
    return current.trx
  }
  return rootDatabase()
}

/** The transaction that this work belongs to, if it belongs to one. */
export const ambientTransaction = (): object | undefined => ambient.getStore()?.trx

/**
 * Runs `work` in one transaction; a nested call joins the outer one. Deadlocks are tried again up to three times, so
 * `work` must do nothing but database work (mail, files and sockets belong to `afterCommit` or to a domain event).
 */
export async function withTransaction<T>(work: () => Promise<T>): Promise<T> {
  const current = ambient.getStore()
  if (current) return work()
  for (let attempt = 1; ; attempt++) {
    const hooks: (() => void)[] = []
    try {
      const result = await rootDatabase().transaction((trx) => ambient.run({ trx, afterCommit: hooks }, work))
      // Hooks see the pool again, never the finished transaction.
      ambient.exit(() => {
        for (const hook of hooks) hook()
      })
      return result
    } catch (error) {
      if (attempt >= 4 || !isDeadlock(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, 10 * attempt + Math.random() * 30))
    }
  }
}

const MOST_TRIES = 12

/**
 * Runs `work` (with its own transaction) again when a unique index refused its row: what it had found free, a login, a new
 * position's name, was taken at the same instant, and the next look sees that.
 */
export async function retryingDuplicates<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      if (attempt >= MOST_TRIES || ambient.getStore() || !isUniqueViolation(error)) throw error
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * attempt))
    }
  }
}

/** Runs `hook` when the ambient transaction has been committed; at once if there is none. */
export function afterCommit(hook: () => void): void {
  const current = ambient.getStore()
  if (current) current.afterCommit.push(hook)
  else hook()
}

/** Counts the queries that `work` makes, for the benchmark and the tests of query budgets. */
export function countQueries<T>(work: () => T): { result: T; counts: { queries: number } } {
  const counts = { queries: 0 }
  return { result: counter.run(counts, work), counts }
}

/** Inserts one row and returns its id. */
export async function insertRow(table: string, row: object): Promise<number> {
  const [id] = await db()(table).insert(row)
  return Number(id)
}

/** Lets requests in between pieces of long work: the embedded database answers without ever leaving the thread. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Inserts many rows in statements of moderate size: knex writes them for SQLite as at most 500 united selects. */
export async function insertRows(table: string, rows: readonly object[]): Promise<void> {
  const columns = rows[0] ? Object.keys(rows[0]).length : 1
  const size = Math.max(1, Math.min(500, Math.floor(30_000 / columns)))
  for (let at = 0; at < rows.length; at += size) {
    if (at > 0) await breathe()
    await db()(table).insert(rows.slice(at, at + size))
  }
}

/**
 * Gives many rows each their own values, a hundred rows a statement. Columns that a row's values do not name stay.
 * @param key the column that tells the rows apart, @param where what else they have in common
 * @param common values that all of them get, e.g. `updated_at`, or raw expressions
 */
export async function updateRows(
  table: string,
  key: string,
  changes: readonly { key: number; values: Record<string, string | number | null> }[],
  common: Record<string, unknown> = {},
  where: Record<string, string | number> = {},
): Promise<void> {
  for (const part of chunks(changes, 100)) {
    const set: Record<string, unknown> = { ...common }
    for (const column of new Set(part.flatMap(({ values }) => Object.keys(values)))) {
      const rows = part.filter(({ values }) => values[column] !== undefined)
      const cases = rows.map(() => 'when ? then ?').join(' ')
      const bindings = rows.flatMap(({ key: id, values }) => [id, values[column] ?? null])
      set[column] = db().raw(`case ?? ${cases} else ?? end`, [key, ...bindings, column])
    }
    const keys = part.map((change) => change.key)
    await db()(table).where(where).whereIn(key, keys).update(set)
    await breathe()
  }
}

/**
 * Inserts a row or, where the key exists, updates `merge` columns. One statement on both databases.
 * @param key columns of the unique key
 */
export async function upsertRow(table: string, row: object, key: string[], merge: string[]): Promise<void> {
  const query = db()(table).insert(row).onConflict(key)
  await (merge.length ? query.merge(merge) : query.ignore())
}

/** Streams `list` in pieces of `size`, for `whereIn` and bulk statements. */
export function* chunks<T>(list: readonly T[], size = 500): Generator<T[]> {
  for (let at = 0; at < list.length; at += size) yield list.slice(at, at + size)
}
