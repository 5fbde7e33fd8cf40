import { randomBytes } from 'node:crypto'
import { existsSync, renameSync, rmSync } from 'node:fs'
import { resolve } from 'node:path'
import Database from 'libsql'
import { type Config, type DatabaseConfig, isInstalled, loadConfig } from '../server/config.ts'
import { DamagedBackupError, type Manifest } from '../server/core/backup/format.ts'
import { loadFiles, loadTables } from '../server/core/backup/load.ts'
import { checkBackup, openBackup } from '../server/core/backup/read.ts'
import { settleRestored } from '../server/core/backup/settle.ts'
import { connect } from '../server/core/db/connect.ts'
import { knownMigrations, migrate } from '../server/core/db/migrate.ts'
import { storesOf } from '../server/core/files/stores/index.ts'
import { nowUtc } from '../server/core/time.ts'
import { checkDatabase, type DatabaseReport } from './checks/database-check.ts'
import { writeConfiguration } from './configuration.ts'

const DAMAGED: readonly string[] = ['file_not_sqlite', 'file_damaged']

export type RestoreOptions = {
  /** The data folder; its configuration, if there is one, says which database. */
  folder: string
  /** Which database, where there is no configuration yet; the embedded one unless given. */
  database?: DatabaseConfig
  /** Put the backup in the place of what the database holds. */
  replace?: boolean
  onStage?: (stage: 'check' | 'tables' | 'files' | 'finish', detail?: string) => void
}

/** The database cannot take the backup: it is in use (`existing`), at work (`running`), of an older version (`olderBackup`), or does not answer. */
export class RestoreRefusal extends Error {
  readonly code: string
  readonly report: DatabaseReport | undefined

  constructor(code: string, report?: DatabaseReport) {
    super(code)
    this.name = 'RestoreRefusal'
    this.code = code
    this.report = report
  }
}

/**
 * Restores a backup on this or another machine, on the same kind of database or the other. The system must not run. Cut off
 * anywhere, what was there before is still there, or the command is simply given again.
 * @throws DamagedBackupError, RestoreRefusal
 */
export async function restore(file: string, options: RestoreOptions): Promise<{ manifest: Manifest; config: Config }> {
  const { folder, replace = false, onStage = () => {} } = options
  onStage('check')
  const manifest = await checkBackup(file)
  const known = await knownMigrations()
  const unknown = manifest.migrations.filter((name) => !known.includes(name))
  if (unknown.length) throw new DamagedBackupError('newer', unknown.join(', '))
  const isNew = !isInstalled(folder)
  const stored = {
    secret: randomBytes(32).toString('hex'),
    ...(manifest.publicUrl ? { publicUrl: manifest.publicUrl } : {}),
    database: options.database ?? { kind: 'sqlite', file: 'integral.db' },
  }
  const config = isNew ? loadConfig(folder, stored) : loadConfig(folder)
  const database = config.database
  const report = await checkDatabase(database, { create: true, migrations: known })
  // A damaged file is what one restores for.
  const isDamaged = DAMAGED.includes(report.code)
  const isUsed = report.code === 'existing' || report.code === 'newer'
  if (!report.isUsable && !isUsed && !(isDamaged && replace)) throw new RestoreRefusal(report.code, report)
  if (isUsed && !replace) throw new RestoreRefusal('existing', report)
  if (isUsed && (await isRunning(database))) throw new RestoreRefusal('running', report)
  if (database.kind === 'sqlite') await restoreSqlite(file, database.file, config, manifest, { ...options, isDamaged })
  else {
    // Its tables are this version's; those of an older backup could only be laid by destroying them first.
    if (report.code !== 'empty' && report.code !== 'created' && manifest.migrations.length !== known.length)
      throw new RestoreRefusal('olderBackup', report)
    await fill(file, config, manifest, options)
  }
  onStage('finish')
  if (isNew) writeConfiguration(folder, stored)
  return { manifest, config }
}

/** Whether a process works with the database: while one runs, and for less than a minute after, its clockwork has leases. */
async function isRunning(database: DatabaseConfig): Promise<boolean> {
  const knex = connect(database)
  try {
    return Boolean(await knex('leases').where('name', 'like', 'schedule:%').where('until', '>', nowUtc()).first('name'))
  } catch (error) {
    // No such table in one that is damaged or of another make: nothing of ours works with it.
    if (await knex.schema.hasTable('leases').catch(() => false)) throw error
    return false
  } finally {
    await knex.destroy()
  }
}

/** Into a new file, which takes the place of the old one at the end. A damaged one is put aside: it may hold what the backup has not. */
async function restoreSqlite(
  file: string,
  target: string,
  config: Config,
  manifest: Manifest,
  { isDamaged, ...options }: RestoreOptions & { isDamaged: boolean },
): Promise<void> {
  const fresh = resolve(`${target}.restoring`)
  const remove = (path: string) => {
    for (const suffix of ['', '-wal', '-shm', '-migrate']) rmSync(path + suffix, { force: true })
  }
  remove(fresh)
  await fill(file, { ...config, database: { kind: 'sqlite', file: fresh } }, manifest, options)
  if (isDamaged) putAside(target)
  else if (existsSync(target)) foldLog(target)
  renameSync(fresh, target)
  remove(fresh)
}

function putAside(file: string): void {
  for (const suffix of ['', '-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, `${file}.damaged${suffix}`)
  }
}

/** Brings what is in a database's log into the file itself: a log left behind must not be taken for the new file's. */
function foldLog(file: string): void {
  const database = new Database(file)
  database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  database.close()
  for (const suffix of ['-wal', '-shm']) rmSync(file + suffix, { force: true })
}

async function fill(
  file: string,
  { database, storage }: Config,
  manifest: Manifest,
  options: RestoreOptions,
): Promise<void> {
  const { onStage = () => {}, folder } = options
  const archive = await openBackup(file)
  const knex = connect(database)
  try {
    await migrate(knex, manifest.migrations)
    // Files first: with the rows the backup is there as a whole.
    onStage('files')
    await loadFiles(archive, storesOf({ dataFolder: folder, storage }), folder)
    await loadTables(knex, archive, (name) => onStage('tables', name))
    await migrate(knex)
    await settleRestored(knex)
    if (database.kind === 'sqlite') await knex.raw('PRAGMA wal_checkpoint(TRUNCATE)')
  } finally {
    archive.close()
    await knex.destroy()
  }
}
