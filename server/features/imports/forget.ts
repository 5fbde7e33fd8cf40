import { db, toJson, withTransaction } from '../../core/db/index.ts'
import type { Keeping } from '../../core/housekeeping/index.ts'
import { countCapped } from '../../core/http/paging.ts'
import { type ImportState, selectOptionalImport } from './queries.ts'
import { forgetData } from './service.ts'

const GIVEN_UP: ImportState[] = ['uploaded', 'checked', 'failed']

/**
 * For the housekeeping. Lists hold personal data: what nobody has touched for long is deleted, with the file it came from.
 */
export async function forgetImports(most: number, before: string): Promise<number> {
  const old: { id: number }[] = await forgettable(before).limit(most).select('id')
  for (const { id } of old) await forget(id)
  return old.length
}

/** Lists of personal data that nobody has touched since. */
function forgettable(before: string) {
  const rows = db()('import_rows').whereRaw('import_rows.import_id = imports.id')
  return db()('imports')
    .where('updated_at', '<', before)
    .where((either) => {
      void either
        .whereIn('state', GIVEN_UP)
        .orWhere((done) => void done.where('state', 'done').whereExists(rows.select('import_id')))
    })
}

/** Lists hold personal data and have done their service: a month is long enough to look up what was refused. */
export const importKeeping: Keeping = {
  name: 'imports',
  days: 30,
  least: 1,
  count: async (before) => (await countCapped(forgettable(before))).count,
  clean: forgetImports,
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
