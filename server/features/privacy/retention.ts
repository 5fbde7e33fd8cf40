import { db } from '../../core/db/index.ts'
import type { Keeping } from '../../core/housekeeping/index.ts'
import { countCapped } from '../../core/http/paging.ts'
import { fullName } from '../../core/text.ts'
import { orderBySystem } from './erasure-service.ts'
import { PERIODS } from './retention-queries.ts'

/** Each erasure reads the audit trail once: a few in a night, and the rest in the nights that follow. */
const MOST_A_NIGHT = 20

const notOrdered = () => db()('erasures').whereRaw('erasures.person_id = p.id').select('erasures.id')

function keepingOf({ name, days, least, found }: (typeof PERIODS)[number]): Keeping {
  const due = (before: string) => found(before).whereNotExists(notOrdered())
  return {
    name,
    days,
    least,
    count: async (before) => (await countCapped(due(before).select('p.id'))).count,
    list: async (before, most) => {
      const rows = await due(before)
        .orderBy('p.id')
        .limit(most)
        .select('p.id', 'p.last_name', 'p.first_name', 'p.middle_name')
      return rows.map((row) => ({ id: row.id, name: fullName(row) }))
    },
    clean: async (most, before) => {
      const ids: number[] = await due(before).orderBy('p.id').limit(Math.min(most, MOST_A_NIGHT)).pluck('p.id')
      for (const id of ids) await orderBySystem(id, name)
      return ids.length
    },
  }
}

/** People whose time is over are erased, one by one, with an act of each. */
export const peopleKeepings: readonly Keeping[] = PERIODS.map(keepingOf)
