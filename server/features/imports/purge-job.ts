import { db, toJson, withTransaction } from '../../core/db/index.ts'
import type { JobDefinition } from '../../core/jobs/index.ts'
import { toUtc } from '../../core/time.ts'
import { type ImportState, selectOptionalImport } from './queries.ts'
import { forgetData } from './service.ts'

/** Days that a list waits for its owner, and that the rows of a finished import can be downloaded. */
const KEPT_DAYS = 30
const GIVEN_UP: ImportState[] = ['uploaded', 'checked', 'failed']

/** Lists hold personal data: what nobody has touched for a month is deleted, with the file it came from. */
export const purgeJob: JobDefinition = {
  kind: 'imports.purge',
  schedule: '17 3 * * *',
  run: async () => {
    const before = toUtc(new Date(Date.now() - KEPT_DAYS * 86_400_000))
    const finished = db()('import_rows').whereRaw('import_rows.import_id = imports.id')
    const old: { id: number }[] = await db()('imports')
      .where('updated_at', '<', before)
      .where((either) => {
        void either
          .whereIn('state', GIVEN_UP)
          .orWhere((done) => void done.where('state', 'done').whereExists(finished.select('import_id')))
      })
      .limit(500)
      .select('id')
    for (const { id } of old) await purge(id)
    return { purged: old.length }
  },
}

async function purge(id: number): Promise<void> {
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
