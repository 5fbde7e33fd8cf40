import { db, fromJson } from '../../core/db/index.ts'
import { ofSubject, type SearchKind, sightBy, subjects, wantedBy } from '../../core/search/index.ts'
import type { Translated } from '../../core/text.ts'
import { cohortSight } from './policy.ts'

type Row = { id: number; title: string; programme: string }

/** Cohorts by their titles. */
export const cohortSearch: SearchKind = {
  name: 'cohort',
  icon: 'users-group',
  documents: async (wanted) => {
    const rows: Row[] = await db()('cohorts as c')
      .join('programmes as p', 'p.id', 'c.programme_id')
      .whereNot('c.state', 'archived')
      .modify(wantedBy(wanted, 'c.id'))
      .select('c.id', 'c.title', 'p.title as programme')
    return rows.map((row) => ({
      id: row.id,
      title: { '': row.title },
      hint: fromJson<Translated>(row.programme, {}),
    }))
  },
  sight: sightBy(cohortSight, 'view', () => db()('cohorts as c').select('c.id')),
  href: (id) => `/cohorts/${id}`,
  changes: {
    ...ofSubject('cohortCreated', 'cohortChanged', 'cohortStateChanged'),
    programmeChanged: (events) => db()('cohorts').whereIn('programme_id', subjects(events)).pluck('id'),
  },
}
