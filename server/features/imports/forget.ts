import { db, toJson, withTransaction } from '../../core/db/index.ts'
import { daysAgo } from '../../core/time.ts'
import { type ImportState, selectOptionalImport } from './queries.ts'
import { forgetData } from './service.ts'

/** Days that a list waits for its owner, and that the rows of a finished import can be downloaded. */
const KEPT_DAYS = 30
const GIVEN_UP: ImportState[] = ['uploaded', 'checked', 'failed']

/**
 * For the housekeeping. Lists hold personal data: what nobody has touched for a month is deleted, with the file it came
 * from.
 */
export async function forgetImports(most: number): Promise<number> {
  const rows = db()('import_rows').whereRaw('import_rows.import_id = imports.id')
  const old: { id: number }[] = await db()('imports')
    .where('updated_at', '<', daysAgo(KEPT_DAYS))
    .where((either) => {
      void either
        .whereIn('state', GIVEN_UP)
        .orWhere((done) => void done.where('state', 'done').whereExists(rows.select('import_id')))
    })
    .limit(most)
    .select('id')
  for (const { id } of old) await forget(id)
  return old.length
}

async function forget(id: number): Promise<void> {
  await withTransaction(async () => {
    const row = await selectOptionalImport(id)
    if (!row || !(row.state === 'done' || GIVEN_UP.includes(row.state))) return
    await forgetData(row)
    // What a finished import did stays known; one that was never confirmed is as if it had been given up.
    const rest =
      row.state === 'done'
        ? { summary: toJson({ ...row.summary, purged: true }) }
        : { state: 'cancelled', summary: null }
    await db()('imports')
      .where({ id, version: row.version })
      .update({ ...rest, file_id: null, version: row.version + 1 })
  })
}
