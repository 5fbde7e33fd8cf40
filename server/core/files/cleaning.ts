import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isForeignKeyViolation } from '../db/errors.ts'
import { chunks, rootDatabase } from '../db/index.ts'
import { uploadsFolder } from '../http/uploads.ts'
import { inSeconds, nowUtc } from '../time.ts'
import { filesFolder } from './index.ts'

/** What is younger may be on its way: uploaded, and not yet hung on its object. */
const YOUNG_SECONDS = 86_400

/**
 * Removes files that hang on nothing. Where an object still names one (evidence that was withdrawn), the row stays and says
 * that the content is gone.
 */
export async function cleanRows(most: number): Promise<number> {
  const attached = rootDatabase()('attachments').whereRaw('attachments.file_id = files.id').select('attachments.id')
  const loose = () =>
    rootDatabase()('files')
      .whereNull('deleted_at')
      .where('created_at', '<', inSeconds(-YOUNG_SECONDS))
      .whereNotExists(attached.clone())
  const ids: number[] = await loose().orderBy('id').limit(most).pluck('id')
  for (const id of ids) {
    await loose()
      .where({ id })
      .del()
      .catch(async (error) => {
        if (!isForeignKeyViolation(error)) throw error
        await loose().where({ id }).update({ deleted_at: nowUtc() })
      })
  }
  return ids.length
}

/** Removes content that no row needs: of files that are gone, and what a crash has left in the middle of an upload. */
export async function cleanStore(most: number): Promise<number> {
  let removed = 0
  for (const folder of await namesIn(filesFolder())) {
    for (const names of chunks(await namesIn(join(filesFolder(), folder)))) {
      const needed = await rootDatabase()('files').whereNull('deleted_at').whereIn('sha256', names).pluck('sha256')
      for (const name of names) {
        if (needed.includes(name) || !(await isOld(join(filesFolder(), folder, name)))) continue
        await rm(join(filesFolder(), folder, name), { force: true })
        if (++removed >= most) return removed
      }
    }
  }
  return removed
}

/** Removes what requests that were cut off have left among the uploads. */
export async function cleanUploads(most: number): Promise<number> {
  let removed = 0
  for (const name of await namesIn(uploadsFolder())) {
    if (removed >= most) break
    if (!(await isOld(join(uploadsFolder(), name)))) continue
    await rm(join(uploadsFolder(), name), { force: true })
    removed++
  }
  return removed
}

const namesIn = (folder: string): Promise<string[]> =>
  readdir(folder).catch((error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })

/** Whoever keeps the same content again makes it young first, see `keepFile`. */
async function isOld(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && found.mtimeMs < Date.now() - YOUNG_SECONDS * 1000
}
