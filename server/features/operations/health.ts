import { stat, statfs } from 'node:fs/promises'
import { release } from 'node:os'
import { dataFolder } from '../../config.ts'
import { db, isMysql, openedDatabase, rootDatabase } from '../../core/db/index.ts'
import { inSeconds } from '../../core/time.ts'
import { packageVersion } from '../../core/version.ts'
import { listBackups } from '../backups/service.ts'

export type State = 'success' | 'warning' | 'danger'

const GIBIBYTE = 2 ** 30

/** Free room on the disk of the data folder, in bytes. Under a gibibyte is little, under a quarter of one dangerous. */
export async function readDisk(): Promise<{ free: number; total: number; state: State }> {
  const { bavail, blocks, bsize } = await statfs(dataFolder())
  const free = bavail * bsize
  const state = free < GIBIBYTE / 4 ? 'danger' : free < GIBIBYTE ? 'warning' : 'success'
  return { free, total: blocks * bsize, state }
}

/** The versions of everything that runs, as one tells them to whoever helps. */
export async function readVersions() {
  const knex = rootDatabase()
  const [row] = isMysql(knex)
    ? (await knex.raw('select version() as version'))[0]
    : await knex.raw('select sqlite_version() as version')
  const version = String(row.version)
  const product = isMysql(knex) ? (/mariadb/i.test(version) ? 'MariaDB' : 'MySQL') : 'SQLite'
  return {
    integral: packageVersion,
    node: process.version,
    system: `${process.platform} ${release()}`,
    database: `${product} ${version.replace(/-.*/, '')}`,
  }
}

/** Bytes of the database. */
export async function readDatabaseSize(): Promise<number> {
  const opened = openedDatabase()
  if (opened.kind === 'sqlite') {
    const sizes = await Promise.all(['', '-wal'].map((suffix) => stat(opened.file + suffix).catch(() => ({ size: 0 }))))
    return sizes.reduce((sum, { size }) => sum + size, 0)
  }
  const [rows] = await rootDatabase().raw(
    'select coalesce(sum(data_length + index_length), 0) as size from information_schema.tables where table_schema = database()',
  )
  return Number(rows[0].size)
}

const counted = (table: string, alias: string) => db()(table).count('*').as(alias)

/** How much background work failed and was not tried again: all that a first page needs. */
export async function countFailedJobs(): Promise<number> {
  const found = await db()('jobs').where('state', 'failed').count('* as count').first()
  return Number(found?.count ?? 0)
}

/** What waits and what failed: jobs, letters, domain events. One query. */
export async function readQueues() {
  const late = inSeconds(-600)
  const row = await db().first(
    counted('jobs', 'jobsWaiting').whereIn('state', ['queued', 'running']),
    counted('jobs', 'jobsFailed').where('state', 'failed'),
    counted('mail_outbox', 'lettersWaiting').where('state', 'waiting'),
    counted('mail_outbox', 'lettersFailed').where('state', 'failed'),
    counted('domain_events', 'eventsLate').whereNull('delivered_at').where('occurred_at', '<', late),
    db()('files').whereNull('deleted_at').count('*').as('files'),
    db()('files').whereNull('deleted_at').sum('size').as('fileBytes'),
  )
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value ?? 0)])) as Record<
    'jobsWaiting' | 'jobsFailed' | 'lettersWaiting' | 'lettersFailed' | 'eventsLate' | 'files' | 'fileBytes',
    number
  >
}

/** The last backup, and how many there are. */
export async function readBackups() {
  const backups = await listBackups()
  return { last: backups[0], count: backups.length, bytes: backups.reduce((sum, { size }) => sum + size, 0) }
}
