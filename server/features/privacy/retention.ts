import { db } from '../../core/db/index.ts'
import type { Keeping } from '../../core/housekeeping/index.ts'
import { countCapped } from '../../core/http/paging.ts'
import { fullName } from '../../core/text.ts'
import { orderBySystem } from './erasure-service.ts'

/** Each erasure reads the audit trail once: a few in a night, and the rest in the nights that follow. */
const MOST_A_NIGHT = 20

const notErased = () => db()('erasures').whereRaw('erasures.person_id = p.id').select('erasures.id')

/** Registrations that were declined, or by which nobody ever came in. */
const registrations = (before: string) =>
  db()('people as p')
    .join('accounts as a', 'a.person_id', 'p.id')
    .where('p.source', 'registration')
    .whereNull('a.last_sign_in_at')
    .whereIn('a.state', ['blocked', 'invited'])
    .where('a.updated_at', '<', before)
    .whereNotExists(db()('enrolments').whereRaw('enrolments.person_id = p.id').select('enrolments.id'))
    .whereNotExists(notErased())

/** People who were put away so long ago. */
const left = (before: string) =>
  db()('people as p').where('p.state', 'archived').where('p.updated_at', '<', before).whereNotExists(notErased())

type Found = typeof registrations

const keepingOf = (name: string, days: number | null, least: number, found: Found): Keeping => ({
  name,
  days,
  least,
  count: async (before) => (await countCapped(found(before).select('p.id'))).count,
  list: async (before, most) => {
    const rows = await found(before)
      .orderBy('p.id')
      .limit(most)
      .select('p.id', 'p.last_name', 'p.first_name', 'p.middle_name')
    return rows.map((row) => ({ id: row.id, name: fullName(row) }))
  },
  clean: async (most, before) => {
    const ids: number[] = await found(before).orderBy('p.id').limit(Math.min(most, MOST_A_NIGHT)).pluck('p.id')
    for (const id of ids) await orderBySystem(id, name)
    return ids.length
  },
})

/** People whose time is over are erased, one by one, with an act of each. Who left may stand in a legal record: off. */
export const peopleKeepings: readonly Keeping[] = [
  keepingOf('registrations', 30, 1, registrations),
  keepingOf('left', null, 365, left),
]
