import type { Knex } from 'knex'
import Database from 'libsql'
import { isMysql } from './connect.ts'
import { isBusy } from './errors.ts'

const PATIENCE_MS = 10 * 60_000

/**
 * Runs `work` while no other process migrates the same database. The lock belongs to a connection or to an open file, so
 * that it goes with a process that is killed.
 * @throws Error if another process holds it for ten minutes
 */
export const withMigrationLock = <T>(knex: Knex, work: () => Promise<T>): Promise<T> =>
  isMysql(knex) ? withNamedLock(knex, work) : withFileLock(knex, work)

async function withNamedLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  const connection = await knex.client.acquireConnection()
  const query = (sql: string) => knex.raw(sql).connection(connection)
  // Names of locks are the server's, not the database's, and at most 64 signs long.
  const name = "concat('integral.migrate.', left(md5(database()), 16))"
  try {
    const [[row]] = await query(`select get_lock(${name}, ${PATIENCE_MS / 1000}) as taken`)
    if (row.taken !== 1) throw new Error('Another process has been migrating the database for ten minutes')
    try {
      return await work()
    } finally {
      await query(`select release_lock(${name})`)
    }
  } finally {
    await knex.client.releaseConnection(connection)
  }
}

/** The lock file is an empty SQLite database beside the real one: the system frees its lock when the process ends. */
async function withFileLock<T>(knex: Knex, work: () => Promise<T>): Promise<T> {
  const { filename } = knex.client.config.connection as { filename: string }
  const lock = new Database(`${filename}-migrate`)
  try {
    await beginExclusive(lock)
    return await work()
  } finally {
    lock.close()
  }
}

// The driver waits inside the process, so that nothing else would go on meanwhile: ask again instead.
async function beginExclusive(lock: Database.Database): Promise<void> {
  for (const until = Date.now() + PATIENCE_MS; ; ) {
    try {
      lock.exec('BEGIN EXCLUSIVE')
      return
    } catch (error) {
      if (!isBusy(error) || Date.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
