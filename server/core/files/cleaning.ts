import { readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isForeignKeyViolation } from '../db/errors.ts'
import { rootDatabase } from '../db/index.ts'
import { inSeconds, nowUtc } from '../time.ts'
import { type Store, type StoreEntry, stores, temporaryFolder } from './stores/index.ts'

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

/** Removes content that no row needs: of files that are gone, their previews, and what a crash has left half-written. */
export async function cleanStore(most: number): Promise<number> {
  const { main, other } = stores()
  let removed = 0
  for (const store of other ? [main, other] : [main]) {
    for (const prefix of ['files/', 'previews/']) {
      removed += await cleanUnder(store, prefix, most - removed)
      if (removed >= most) return removed
    }
  }
  return removed
}

const BATCH = 500

async function cleanUnder(store: Store, prefix: string, most: number): Promise<number> {
  let removed = 0
  let batch: StoreEntry[] = []
  const flush = async () => {
    for (const entry of await unneeded(batch)) {
      if (removed >= most) break
      // A file may have got the same content since the batch was looked up: a store afar takes its time.
      if (!(await unneeded([entry])).length) continue
      await store.remove(entry.key)
      removed++
    }
    batch = []
  }
  for await (const entry of store.list(prefix)) {
    batch.push(entry)
    if (batch.length >= BATCH) await flush()
    if (removed >= most) return removed
  }
  await flush()
  return removed
}

const hashIn = (key: string) => basename(key).split('.')[0] as string

/** What is old and belongs to no file. Whoever keeps the same content again makes it young first, see `keepFile`. */
async function unneeded(entries: readonly StoreEntry[]): Promise<StoreEntry[]> {
  const old = entries.filter(({ modifiedAt }) => modifiedAt < Date.now() - YOUNG_SECONDS * 1000)
  if (!old.length) return []
  const hashes = [...new Set(old.map(({ key }) => hashIn(key)))]
  const needed = await rootDatabase()('files').whereNull('deleted_at').whereIn('sha256', hashes).pluck('sha256')
  // A part of a copy has the hash of what it was to become, and is nobody's.
  return old.filter(({ key }) => !needed.includes(hashIn(key)) || key.endsWith('.part'))
}

/** Forgets what was made to show contents that are gone. */
export async function cleanPreviewRows(most: number): Promise<number> {
  const used = rootDatabase()('files')
    .whereNull('deleted_at')
    .whereRaw('files.sha256 = file_previews.sha256')
    .select('id')
  const ids: number[] = await rootDatabase()('file_previews').whereNotExists(used).limit(most).pluck('id')
  return ids.length ? rootDatabase()('file_previews').whereIn('id', ids).del() : 0
}

/** Removes what requests and conversions that were cut off have left among the uploads. */
export async function cleanUploads(most: number): Promise<number> {
  const folder = await temporaryFolder()
  let removed = 0
  for (const name of await readdir(folder)) {
    if (removed >= most) break
    const found = await stat(join(folder, name)).catch(() => undefined)
    if (!found || found.mtimeMs >= Date.now() - YOUNG_SECONDS * 1000) continue
    await rm(join(folder, name), { recursive: true, force: true })
    removed++
  }
  return removed
}
