import { db } from '../../core/db/index.ts'
import type { Actor } from '../../core/rights/index.ts'

/** The actor's own enrolments in cohorts that are open to learners: those under way first, the latest first among them. */
export const listOwnEnrolments = (
  actor: Actor,
  date: string,
): Promise<{ id: number; title: string; state: string }[]> =>
  db()('enrolments as e')
    .join('cohorts as c', 'c.id', 'e.cohort_id')
    .where('e.person_id', actor.personId)
    .whereNot('e.state', 'withdrawn')
    .where((open) => open.whereNull('c.learners_from').orWhere('c.learners_from', '<=', date))
    .orderByRaw("case when e.state = 'active' and c.state in ('running', 'planned') then 0 else 1 end")
    .orderBy([
      { column: 'c.starts_on', order: 'desc' },
      { column: 'e.id', order: 'desc' },
    ])
    .limit(20)
    .select('e.id', 'c.title', 'e.state')
