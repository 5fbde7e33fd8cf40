import { db } from '../../core/db/index.ts'
import type { PersonalData } from '../../core/personal-data/declarations.ts'

/** Lists are forgotten after a month by themselves; what they say of somebody who is erased goes with them. */
export const importData: PersonalData = {
  tables: { imports: { by: ['created_by'] } },
  beforeErasure: async (_actor, personId) => {
    const lists: number[] = await db()('imports').where({ kind: 'people' }).pluck('id')
    for (const import_id of lists) await db()('import_rows').where({ import_id, target_id: personId }).del()
  },
}
