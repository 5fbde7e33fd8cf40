import { type AnyContext, may } from '../../core/http/route.ts'
import { authorityToday } from '../../core/settings.ts'
import { selectCohort } from './cohort-queries.ts'
import type { JournalQuery } from './input.ts'
import { listColumns } from './journal-queries.ts'
import { seenModules } from './policy.ts'
import type { Reader } from './present-state.ts'

// What the feature's routers share.

export const view = may('tracking.view')

/** How the person who asks is told things. */
export const readerOf = ({ t, lang, format }: AnyContext): Reader => ({ t, lang, format, today: authorityToday() })

/** A cohort with the columns of its journal and the filter that is set. */
export async function loadJournal({ actor }: AnyContext, cohortId: number, query: JournalQuery) {
  const date = authorityToday()
  const cohort = await selectCohort(actor, cohortId, date)
  const seen = await seenModules(actor, cohort)
  const all = await listColumns(cohort)
  const columns = seen ? all.filter(({ module_id: id }) => id === null || seen.includes(id)) : all
  // A filter by what is not shown would tell of it.
  const milestone = columns.some(({ id }) => id === query.milestone) ? query.milestone : undefined
  return { cohort, columns, journal: { cohort, columns, filter: { ...query, milestone }, date } }
}
