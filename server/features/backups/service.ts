import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { dataFolder } from '../../config.ts'
import { BACKUP_NAME, backupsFolder, makeBackup } from '../../core/backup/make.ts'
import { openedDatabase } from '../../core/db/index.ts'
import { ForbiddenError, NotFoundError } from '../../core/errors.ts'
import { recordEvent } from '../../core/events/index.ts'
import { absoluteUrl } from '../../core/http/base-url.ts'
import { enqueueJob, type JobContext } from '../../core/jobs/index.ts'
import { log } from '../../core/log.ts'
import { type Actor, hasEverywhere, SYSTEM } from '../../core/rights/index.ts'
import { type Setting, setting } from '../../core/settings.ts'
import { nowUtc, utcToLocal } from '../../core/time.ts'
import { changeSetting } from '../settings/service.ts'
import { selectFirstDay } from './queries.ts'

export type Backup = { name: string; size: number; madeAt: string }

const PIECE_MS = 6 * 3_600_000
const SUBJECT = { type: 'backup', id: 0 }

/** The moment that a name tells: the files themselves may have been copied. */
const momentOf = (name: string): string =>
  name.replace(/^integral-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)\.zip$/, '$1-$2-$3 $4:$5:$6.000')

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })

/** The backups that are kept here, the latest first. */
export async function listBackups(): Promise<Backup[]> {
  const folder = backupsFolder(dataFolder())
  const found = (await namesIn(folder))
    .filter((name) => BACKUP_NAME.test(name))
    .sort()
    .reverse()
  return Promise.all(
    found.map(async (name) => ({ name, size: (await stat(join(folder, name))).size, madeAt: momentOf(name) })),
  )
}

/** @throws NotFoundError */
export async function selectBackup(name: string): Promise<Backup & { path: string }> {
  const backup = (await listBackups()).find((entry) => entry.name === name)
  if (!backup) throw new NotFoundError()
  return { ...backup, path: join(backupsFolder(dataFolder()), name) }
}

const demandRight = (actor: Actor) => {
  if (!hasEverywhere(actor, 'backups.run')) throw new ForbiddenError()
}

/** Puts a backup into the queue; two wishes at once make one. */
export async function requestBackup(actor: Actor): Promise<void> {
  demandRight(actor)
  await enqueueJob('backups.make', { by: actor.personId }, { uniqueKey: 'backups.make', createdBy: actor.personId })
}

/** What a process that was killed has left; a younger one may still be written by `npm run backup`. */
async function clearPieces(): Promise<void> {
  const folder = backupsFolder(dataFolder())
  for (const name of await namesIn(folder)) {
    const path = join(folder, name)
    if (name.endsWith('.zip.part') && Date.now() - (await stat(path)).mtimeMs > PIECE_MS)
      await rm(path, { force: true })
  }
}

/** Makes a backup and puts away those that are too many. */
export async function runBackup(actor: Actor, { progress }: Pick<JobContext, 'progress'>): Promise<{ name: string }> {
  await clearPieces()
  const publicUrl = await absoluteUrl('')
  const source = { dataFolder: dataFolder(), database: openedDatabase(), ...(publicUrl ? { publicUrl } : {}) }
  const { name, size, manifest } = await makeBackup(source, { onProgress: progress })
  if (manifest.missing.length) log.warn({ count: manifest.missing.length }, 'files are missing from the backup')
  await recordEvent(actor, 'backupMade', SUBJECT, { name, size, missing: manifest.missing.length })
  const { keep } = await setting('backups')
  for (const old of (await listBackups()).slice(keep)) await remove(SYSTEM, old.name)
  return { name }
}

async function remove(actor: Actor, name: string): Promise<void> {
  const { path } = await selectBackup(name)
  await rm(path, { force: true })
  await recordEvent(actor, 'backupDeleted', SUBJECT, { name })
}

/** @throws NotFoundError, ForbiddenError */
export async function deleteBackup(actor: Actor, name: string): Promise<void> {
  demandRight(actor)
  await remove(actor, name)
}

/** Notes that somebody takes a backup out: it holds everything. @returns where it is */
export async function takeBackup(actor: Actor, name: string): Promise<string> {
  demandRight(actor)
  const { path } = await selectBackup(name)
  await recordEvent(actor, 'backupTaken', SUBJECT, { name })
  return path
}

/** When and how many. */
export const changeSchedule = (actor: Actor, value: Setting<'backups'>): Promise<void> =>
  changeSetting(actor, 'backups', value, 'backups.run')

/** Whether the nightly backup is due: its hour has come, and none was made since. One made by hand earlier does not count. */
export async function isDue(now = nowUtc()): Promise<boolean> {
  const { enabled, hour } = await setting('backups')
  if (!enabled) return false
  const { timeZone } = await setting('authority')
  const local = utcToLocal(now, timeZone)
  if (Number(local.slice(11, 13)) < hour) return false
  const [last] = await listBackups()
  return !last || utcToLocal(last.madeAt, timeZone) < `${local.slice(0, 11)}${String(hour).padStart(2, '0')}:00`
}

/** Days since the last backup, or since the system was set up; 0 for less than a day. */
export async function daysWithoutBackup(): Promise<number> {
  const [last] = await listBackups()
  const since = last?.madeAt ?? (await selectFirstDay())
  return since ? Math.floor((Date.now() - Date.parse(`${since.replace(' ', 'T')}Z`)) / 86_400_000) : 0
}
